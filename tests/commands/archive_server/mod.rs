//! The archive on a PostgreSQL server, on the built program: every command, who may do what, and what
//! is said when the server cannot be used.

use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use postgres::Client;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::certificates::Authority;
use crate::support::command::set_mode;
use crate::support::messages::{NUMBER, message_with, results};
use crate::support::model::response_to;
use crate::support::postgres_cluster::{Cluster, Database, cluster, own_cluster};
use crate::support::running::Running;
use crate::support::{Omnilogs, Ran, Server, omnilogs};

/// A run that uses the archive in this database.
fn on(database: &Database<'_>) -> Omnilogs {
    omnilogs().env("OMNILOGS_ARCHIVE", database.url())
}

/// Command lines in a shell, on an archive in this database.
#[track_caller]
fn run(database: &Database<'_>, lines: &str, code: i32) -> Ran {
    on(database).env("A", database.url()).in_bash(lines).run().code(code)
}

/// A new archive.
#[track_caller]
fn archive(cluster: &Cluster) -> Database<'_> {
    let database = cluster.database();
    run(&database, "omnilogs archive init -q", 0);
    database
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn number(client: &mut Client, sql: &str) -> i64 {
    client.query_one(sql, &[]).unwrap().get(0)
}

#[test]
fn an_archive_on_a_server_is_made_synced_checked_and_read() {
    let Some(cluster) = cluster() else { return };
    let database = cluster.database();
    let lines = "omnilogs archive init && omnilogs archive init -o json
        for _ in 1 2; do omnilogs archive sync --sandbox --archive=\"$A\" --rate 0 -o json; done
        omnilogs archive status -o json && omnilogs archive verify --full -o json
        omnilogs --archive -n 4 -o jsonl --allow-gaps | wc -l
        omnilogs --archive=\"$A\" --failed --all -o jsonl | wc -l
        omnilogs stats --archive --allow-gaps -o json | wc -l
        omnilogs archive sync --sandbox --archive=\"$A\" --rate 0 -q
        omnilogs archive verify --live 30m --sandbox -o json";
    let ran = run(&database, lines, 0);
    let mut stdout = ran.stdout.lines();
    let mut next = || parsed(stdout.next().unwrap());
    assert_eq!(next()["created"], false);
    let (first, second) = (next(), next());
    assert_eq!(
        (&first["outcome"], &first["archive"]),
        (&json!("complete"), &json!(database.url()))
    );
    let new = first["new"].as_u64().unwrap();
    assert!(new > 1000 && second["new"].as_u64().unwrap() < 100, "{}", ran.stdout);
    let status = next();
    assert!(status["messages"].as_u64().unwrap() >= new, "{status}");
    assert_eq!(
        (&status["freeBytes"], &status["accounts"][0]["name"]),
        (&json!(null), &json!("sandbox"))
    );
    assert_eq!(next()["problems"], json!([]));
    assert_eq!(next(), json!(4));
    let failed = next();
    assert!(failed.as_u64().unwrap() > 100, "{failed}");
    assert_eq!(next(), json!(1));
    assert_eq!(next()["live"]["missing"], 0);
    assert!(ran.stderr.starts_with("created: postgres://"), "{}", ran.stderr);
}

/// Rows that databases get wrong: NUL, bytes that are not UTF-8, no id, no time, two versions.
fn odd_rows() -> Vec<u8> {
    let mut rows: Vec<Vec<u8>> = vec![
        b"{\"messageId\":\"a\",\"text\":\"\xFF\xC3(\",\"sentAt\":\"2024-01-02T03:04:05.006+0000\"}".into(),
        b"{\"messageId\":\"b\\u0000\",\"to\":\"4477\\u00001\",\"sentAt\":\"2024-01-02T03:04:05.006+0000\"}".into(),
        b"{\"messageId\" : \"c\\\\\",\"price\":{\"pricePerMessage\":0.0100}}".into(),
        b"{\"to\":\"447700900123\",\"channel\":\"SMS\"}".into(),
        b"{\"messageId\":\"\xE6\xBC\",\"bulkId\":\"\xE6\xBC\"}".into(),
    ];
    let long = "long ".repeat(1000);
    rows.push(
        json!({ "messageId": long, "channel": long, "bulkId": long, "to": long })
            .to_string()
            .into(),
    );
    rows.extend((0..40).map(|n| {
        let fields = [("sentAt", json!(format!("2024-01-02T03:04:0{}.000+0000", n % 7)))];
        message_with(&format!("m{n}"), &fields).to_string().into()
    }));
    rows.push(b"{\"messageId\":\"m1\",\"status\":{\"groupName\":\"REJECTED\"}}".into());
    rows.join(&b'\n')
}

/// A17.
#[test]
fn both_stores_give_equal_exports_of_the_same_rows() {
    let Some(cluster) = cluster() else { return };
    let database = archive(cluster);
    let home = on(&database);
    fs::write(home.home().join("odd.jsonl"), odd_rows()).unwrap();
    let lines = "for a in \"$A\" a.db; do
          omnilogs archive import --archive=\"$a\" -q odd.jsonl; echo $?
          omnilogs archive import --archive=\"$a\" -o json odd.jsonl | jq -c '[.new,.unchanged,.faulty]'
          for o in jsonl json xml csv; do
            omnilogs --archive=\"$a\" --all --allow-gaps -q -o $o > out.$o
          done
          omnilogs --archive=\"$a\" --all --allow-gaps -q --versions -o jsonl | sed 's/,\"seenAt\":\"[^\"]*\"//' > out.v
          omnilogs --archive=\"$a\" --all --allow-gaps -q --message-id m7,m1 -o jsonl > out.ids
          cat out.jsonl out.json out.xml out.csv out.v out.ids | sha256sum; wc -l < out.jsonl
        done";
    let lines =
        lines.replace("| jq -c '[.new,.unchanged,.faulty]'", "| sed 's/.*\"faulty\"/faulty/'");
    // Rows without a time of sending are placed by the time at which they were first seen, which is
    // not the same in two archives: they are read alone.
    let ran = home.env("A", database.url()).in_bash(&lines).run().code(0);
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 8, "{}", ran.stdout);
    assert_eq!(lines[..4], lines[4..], "{}", ran.stderr);
    assert_eq!(lines[3], "47");
}

#[test]
fn messages_are_pruned_and_erased_on_a_server() {
    let Some(cluster) = cluster() else { return };
    let database = archive(cluster);
    let home = on(&database);
    let row = |id: &str, to: &str, sent: &str| {
        message_with(id, &[("to", json!(to)), ("sentAt", json!(sent))])
    };
    let old = "2024-01-02T03:04:05.000+0000";
    let new = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%S.000+0000").to_string();
    let rows = [row("m1", NUMBER, old), row("m2", "447700900777", &new), row("m3", NUMBER, &new)];
    fs::write(home.home().join("rows.json"), results(rows)).unwrap();
    let lines = format!(
        "omnilogs archive import -q rows.json
         omnilogs archive prune --older-than 400d --dry-run
         omnilogs archive prune --older-than 400d --compact --yes -o json
         omnilogs archive erase --to +{NUMBER} --dry-run
         omnilogs archive erase --to +{NUMBER} --yes
         omnilogs archive import rows.json -o json
         omnilogs --archive --all --allow-gaps -o jsonl -q | wc -l
         omnilogs archive status | grep erasures"
    );
    let ran = home.in_bash(&lines).run().code(0);
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert_eq!(lines[0], "would delete 1 message; nothing was deleted");
    assert_eq!(parsed(lines[1])["messages"], 1);
    assert_eq!(lines[2], "would erase 1 message; nothing was deleted");
    assert!(lines[3].starts_with("erased 1 message, 1 version of the destination"), "{}", lines[3]);
    assert_eq!(lines[4], "found 0 times in the archive afterwards");
    assert!(lines[6].contains("write-ahead log of the server"), "{}", lines[6]);
    assert_eq!(parsed(lines[7])["suppressed"], 2);
    assert_eq!(lines[8..], ["1", "erasures    1"]);
}

#[test]
fn a_profile_names_a_server_and_a_password_in_it_makes_the_file_private() {
    let Some(cluster) = cluster() else { return };
    let database = archive(cluster);
    let url = database.url().replace("postgres@", "postgres:secret@");
    let home = omnilogs().config(&format!("archive = \"{url}\"\n"));
    let path = home.home().join(".config/omnilogs/config.toml");
    let ran =
        home.in_bash("omnilogs archive status; omnilogs -v archive verify; omnilogs config show");
    set_mode(&path, 0o600);
    let ran = ran.run().code(0);
    assert!(ran.stdout.contains(&format!("archive     {}", database.url())), "{}", ran.stdout);
    assert!(!(ran.stdout + &ran.stderr).contains("secret"));
    let home = omnilogs().config(&format!("archive = \"{url}\"\n"));
    set_mode(&home.home().join(".config/omnilogs/config.toml"), 0o644);
    let ran = home.args(["archive", "status"]).run().code(2);
    assert!(ran.stderr.contains("holds a secret, and everybody on this machine can read it"));
}

#[test]
fn addresses_that_cannot_be_used_are_refused_without_what_they_hold() {
    for (address, expected) in [
        ("postgres://u:secret@db.example.com/m", "--archive holds a password"),
        ("postgres://db.example.com/m?password=secret", "--archive holds a password"),
        ("postgres://u@db.example.com/m?sslmode=prefer", "sslmode=prefer sends passwords"),
        ("postgres://u@db.example.com/m?sslkey=secret", "the parameter sslkey is not supported"),
        ("postgres://u:sec?ret@db.example.com/m", "the address of the archive cannot be used"),
        ("mysql://u:secret@db/m", "--archive is an address of an unknown kind"),
        ("postgres://u@db.example.com/m?sslrootcert=none.pem", "sslrootcert: cannot use none.pem"),
    ] {
        for command in [&["archive", "status"] as &[&str], &["--limit", "1"], &["archive", "init"]]
        {
            let option = format!("--archive={address}");
            let ran = omnilogs().args(command.iter().copied().chain([&*option])).run();
            assert_eq!(ran.code, 2, "{}", ran.stderr);
            assert!(ran.stderr.contains(expected), "{address}: {}", ran.stderr);
            assert!(!ran.stderr.contains("sec"), "{}", ran.stderr);
        }
    }
}

/// K16.
#[test]
fn a_file_of_authorities_that_is_none_is_refused_without_reading_it_to_its_end() {
    for (name, because) in [
        ("large", "it is larger than 4096 KiB"),
        ("fifo", "it is not a regular file"),
        ("/dev/null", "it is not a regular file"),
        (".", "it is a directory"),
        ("empty", "it holds no PEM certificate"),
    ] {
        let option = format!("--archive=postgres://u@db.example.com/m?sslrootcert={name}");
        let run = omnilogs().args(["archive", "status", &option]);
        let home = run.home();
        fs::File::create(home.join("large")).unwrap().set_len(5 << 20).unwrap();
        fs::write(home.join("empty"), "").unwrap();
        assert!(Command::new("mkfifo").arg(home.join("fifo")).status().unwrap().success());
        let ran = run.run().code(2);
        assert!(ran.stderr.contains("error: sslrootcert: cannot use "), "{}", ran.stderr);
        assert!(ran.stderr.contains(because), "{name}: {}", ran.stderr);
    }
}

#[test]
fn a_server_that_is_not_there_and_a_database_that_holds_no_archive_are_named() {
    let Some(cluster) = cluster() else { return };
    let database = cluster.database();
    let ran = run(&database, "omnilogs archive status", 11);
    assert!(ran.stderr.contains("there is no archive at postgres://"), "{}", ran.stderr);
    assert!(ran.stderr.contains("try: omnilogs archive init makes its tables"), "{}", ran.stderr);
    let sync = run(&database, "omnilogs archive sync --sandbox --archive=\"$A\"", 11);
    assert!(sync.stderr.contains("archive init makes its tables"), "{}", sync.stderr);
    let ran = run(&database, "omnilogs archive status --archive=\"${A}x\"", 11);
    let expected = format!("refuses: database \"{}x\" does not exist", database.name);
    assert!(ran.stderr.contains(&expected), "{}", ran.stderr);
    let ran = omnilogs().args(["--archive=postgres://127.0.0.1:1/m", "-n", "1"]).run().code(11);
    assert!(ran.stderr.contains("cannot reach the archive"), "{}", ran.stderr);
    assert!(ran.stderr.contains("connection refused"), "{}", ran.stderr);

    run(&database, "omnilogs archive init -q", 0);
    let mut client = database.client();
    client.batch_execute("UPDATE omnilogs.meta SET value = '7' WHERE key = 'version'").unwrap();
    for command in ["status", "init", "sync --sandbox --archive=\"$A\""] {
        let ran = run(&database, &format!("omnilogs archive {command}"), 11);
        assert!(ran.stderr.contains("has version 7 of the archive's format"), "{}", ran.stderr);
    }
    let other = cluster.admin();
    drop(other);
    let name = format!("{}_latin", database.name);
    cluster
        .admin()
        .batch_execute(&format!("CREATE DATABASE {name} ENCODING 'LATIN1' TEMPLATE template0"))
        .unwrap();
    let latin = cluster.url(&name);
    let ran = omnilogs().args(["archive", "init", "--archive", &latin]).run().code(11);
    assert!(ran.stderr.contains("encoding of the database is LATIN1"), "{}", ran.stderr);
    cluster.admin().batch_execute(&format!("DROP DATABASE {name}")).unwrap();
}

#[test]
fn the_password_comes_from_the_environment_a_command_or_the_password_file() {
    let access = "host all secured 127.0.0.1/32 scram-sha-256";
    let Some(cluster) = own_cluster(&[], access) else { return };
    let database = archive(&cluster);
    let sql = "CREATE ROLE secured LOGIN SUPERUSER PASSWORD 'pass:w\\rd'";
    cluster.admin().batch_execute(sql).unwrap();
    let url = database.url().replace("postgres@", "secured@");
    let status =
        |run: Omnilogs| run.env("OMNILOGS_ARCHIVE", &url).args(["archive", "status"]).run();
    let refused = status(omnilogs()).code(11);
    assert!(refused.stderr.contains("password missing"), "{}", refused.stderr);
    let refused = status(omnilogs().env("PGPASSWORD", "wrong")).code(11);
    assert!(refused.stderr.contains("password authentication failed"), "{}", refused.stderr);
    status(omnilogs().env("PGPASSWORD", "pass:w\\rd")).code(0);
    let with_file = |mode| {
        let run = omnilogs();
        let path = run.home().join(".pgpass");
        fs::write(&path, "other:*:*:*:x\n127.0.0.1:*:*:secured:pass\\:w\\\\rd\n").unwrap();
        set_mode(&path, mode);
        run
    };
    status(with_file(0o600)).code(0);
    let with_command = |command: &str| {
        let text = format!("archive = \"{url}\"\narchive_credential_command = '''{command}'''\n");
        omnilogs().config(&text)
    };
    let marker = cluster.folder().join("ran");
    let prints = format!(r"touch {}; printf '%s\n' 'pass:w\rd'", marker.display());
    with_command(&prints).args(["archive", "status"]).run().code(0);
    fs::remove_file(&marker).unwrap();
    let refused = with_command("echo hunter2").args(["archive", "status"]).run().code(11);
    assert!(refused.stderr.contains("password authentication failed"), "{}", refused.stderr);
    let failed = with_command("echo hunter2; exit 3").args(["archive", "status"]).run().code(4);
    assert!(failed.stderr.contains("config.toml, line 2"), "{}", failed.stderr);
    assert!(!(refused.stderr + &failed.stderr).contains("hunter2"));
    // The password is for no other server than that which the profile names, nor for a query of the API.
    for words in [&["archive", "status"] as &[&str], &["--since", "90h", "--until", "80h"]] {
        let run = with_command(&prints).env("OMNILOGS_ARCHIVE", &url).args(words).run();
        assert!(run.code != 0 && !marker.exists(), "{words:?}: {}", run.stderr);
    }
    let alone =
        omnilogs().config("archive_credential_command = 'true'").args(["list"]).run().code(2);
    assert!(
        alone.stderr.contains("archive_credential_command without archive"),
        "{}",
        alone.stderr
    );
    let open = status(with_file(0o640)).code(2);
    assert!(
        open.stderr.contains(".pgpass holds passwords, and others can read it"),
        "{}",
        open.stderr
    );
}

/// What an administrator runs: the printed SQL, and rights for a role that are as few as possible. The
/// server forbids what distributed engines lack.
fn portable(cluster: &Cluster, engine: &str) -> (String, String) {
    let mut admin = cluster.admin();
    let name = format!("omnilogs_portable_{engine}_{}", std::process::id());
    admin.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
    let sql = omnilogs().args(["archive", "init", "--print-sql"]).run().code(0).stdout;
    let mut client = Client::connect(&cluster.url(&name), postgres::NoTls).unwrap();
    client.batch_execute(&sql).unwrap();
    // A printed comment is what an administrator runs next.
    let grants = sql.lines().filter_map(|line| line.strip_prefix("--   "));
    client.batch_execute(&grants.collect::<Vec<_>>().join("\n")).unwrap();
    client
        .batch_execute(&format!(
            "REVOKE ALL ON DATABASE {name} FROM PUBLIC; GRANT CONNECT ON DATABASE {name} TO PUBLIC;
             REVOKE ALL ON SCHEMA public FROM PUBLIC;
             ALTER DATABASE {name} SET default_transaction_isolation = 'serializable';
             DO $$ DECLARE name text; BEGIN
                 FOR name IN SELECT oid::regprocedure::text FROM pg_proc WHERE proname LIKE 'pg_%advisory%'
                 LOOP EXECUTE 'REVOKE EXECUTE ON FUNCTION ' || name || ' FROM PUBLIC'; END LOOP;
             END $$"
        ))
        .unwrap();
    (name.clone(), cluster.url(&name))
}

/// A28.
#[test]
fn a_role_with_few_rights_suffices_and_nothing_needs_what_distributed_engines_lack() {
    let Some(cluster) = own_cluster(&[], "") else { return };
    let (_, url) = portable(&cluster, "plain");
    let as_role = |role: &str| url.replace("postgres@", &format!("{role}@"));
    let lines = "set -e
        omnilogs archive init
        omnilogs archive sync --sandbox --archive=\"$A\" --rate 0 -q
        omnilogs archive sync --sandbox --archive=\"$A\" --rate 0 -q
        omnilogs archive verify --full
        omnilogs archive prune --older-than 40h --yes
        omnilogs archive erase --to 447700900200 --yes >/dev/null || test $? = 3
        omnilogs archive status --acknowledge
        omnilogs archive init --rebuild
        omnilogs --archive --all --allow-gaps -o jsonl -q > rows; test -s rows
        OMNILOGS_ARCHIVE=$B omnilogs --archive --all --allow-gaps -o jsonl -q | cmp - rows
        OMNILOGS_ARCHIVE=$B omnilogs archive verify
        ! OMNILOGS_ARCHIVE=$B omnilogs archive init --rebuild
        ! omnilogs archive prune --older-than 40h --compact --yes";
    let writer = as_role("omnilogs_writer");
    let ran = omnilogs()
        .env("OMNILOGS_ARCHIVE", &writer)
        .env("A", &writer)
        .env("B", as_role("omnilogs_reader"))
        .in_bash(lines)
        .run()
        .code(0);
    assert!(ran.stderr.contains("ready: postgres://omnilogs_writer@"), "{}", ran.stderr);
    assert!(ran.stderr.contains("permission denied for table lease"), "{}", ran.stderr);
    assert!(ran.stderr.contains("only the owner of the tables may run VACUUM"), "{}", ran.stderr);
    let mut client = Client::connect(&url, postgres::NoTls).unwrap();
    let foreign = "SELECT count(*) FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
        JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
        WHERE indisunique AND relname IN ('message', 'version') AND attname <> 'ident'";
    assert_eq!(number(&mut client, foreign), 0);
    let keys = "SELECT count(*) FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
        WHERE indisunique AND relname IN ('message', 'version')";
    assert_eq!(number(&mut client, keys), 2);
}

#[test]
fn the_printed_sql_for_citus_has_the_two_statements_that_spread_the_messages() {
    let print = |engine: &[&str]| {
        omnilogs().args([&["archive", "init", "--print-sql"], engine].concat()).run().code(0).stdout
    };
    let (plain, citus) = (print(&[]), print(&["citus"]));
    assert_eq!(plain, print(&["postgres"]));
    let distributes = |sql: &str| sql.matches("SELECT create_distributed_table(").count();
    assert_eq!((distributes(&plain), distributes(&citus)), (0, 2));
    let ran = omnilogs().args(["archive", "init", "--print-sql", "oracle"]).run().code(2);
    assert!(ran.stderr.contains("oracle"), "{}", ran.stderr);
}

#[test]
fn a_standby_is_read_and_not_written_to() {
    let Some(cluster) = own_cluster(&["default_transaction_read_only=on"], "") else { return };
    let name = "standby";
    let mut admin = cluster.admin();
    admin.batch_execute("SET default_transaction_read_only = off").unwrap();
    admin.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
    let sql = omnilogs().args(["archive", "init", "--print-sql"]).run().code(0).stdout;
    let mut client = Client::connect(&cluster.url(name), postgres::NoTls).unwrap();
    client.batch_execute("SET default_transaction_read_only = off").unwrap();
    client.batch_execute(&sql).unwrap();
    let lines = "omnilogs archive status; omnilogs --archive --allow-gaps; \
                 omnilogs archive sync --sandbox --archive=\"$OMNILOGS_ARCHIVE\"; echo $?";
    let ran = omnilogs().env("OMNILOGS_ARCHIVE", cluster.url(name)).in_bash(lines).run().code(0);
    assert!(ran.stdout.ends_with("11\n"), "{}", ran.stdout);
    assert!(ran.stderr.contains("is read-only"), "{}", ran.stderr);
    assert!(ran.stderr.contains("try: use the address of the primary server"), "{}", ran.stderr);
}

/// A server with TLS, whose certificate is of this authority, for this host and these years.
fn over_tls(authority: &Authority, host: &str, from: i32, until: i32) -> Option<Cluster> {
    let folder = tempfile::tempdir().unwrap();
    set_mode(folder.path(), 0o755);
    let (certificate, key) = authority.pem_of(host, from, until);
    let files = [("server.crt", certificate), ("server.key", key)];
    let cluster = own_cluster(&[], "hostssl all all 127.0.0.1/32 trust")?;
    for (name, text) in files {
        let path = cluster.folder().join("data").join(name);
        fs::write(&path, text).unwrap();
        set_mode(&path, 0o600);
        let owner = std::os::unix::fs::MetadataExt::uid(&cluster.folder().metadata().unwrap());
        std::os::unix::fs::chown(&path, Some(owner), None).unwrap();
    }
    let sql = "ALTER SYSTEM SET ssl = on";
    cluster.admin().batch_execute(sql).unwrap();
    cluster.admin().batch_execute("SELECT pg_reload_conf()").unwrap();
    while number(
        &mut cluster.admin(),
        "SELECT count(*) FROM pg_settings WHERE name = 'ssl' AND setting = 'on'",
    ) == 0
    {
        std::thread::yield_now();
    }
    Some(cluster)
}

/// Makes an archive over TLS at `localhost`.
fn init_over_tls(cluster: &Cluster, trusted: &Authority, parameters: &str) -> Ran {
    let run = omnilogs();
    fs::write(run.home().join("ca.pem"), trusted.pem()).unwrap();
    let url = cluster.url("postgres").replace("127.0.0.1", "localhost");
    run.args(["archive", "init", "--archive", &format!("{url}?{parameters}")]).run()
}

/// A19.
#[test]
fn tls_is_verified_whatever_the_mode_says() {
    const TRUSTED: &str = "sslmode=require&sslrootcert=ca.pem";
    let authority = Authority::named("Database Authority");
    let Some(cluster) = over_tls(&authority, "localhost", 2020, 2100) else { return };
    let ran = init_over_tls(&cluster, &authority, TRUSTED).code(0);
    assert!(ran.stderr.starts_with("created: "), "{}", ran.stderr);
    let mut admin = cluster.admin();
    let ran = init_over_tls(&cluster, &authority, "sslmode=verify-full&sslrootcert=ca.pem");
    assert!(ran.code(0).stderr.starts_with("ready: "));
    let run = omnilogs();
    fs::write(run.home().join("ca.pem"), authority.pem()).unwrap();
    let url = cluster.url("postgres").replace("127.0.0.1", "localhost");
    let option = format!("{url}?sslmode=require");
    run.args(["--cacert", "ca.pem", "archive", "status", "--archive", &option]).run().code(0);
    let unknown = Authority::named("Another Authority");
    for (parameters, trusted) in [(TRUSTED, &unknown), ("sslmode=require", &authority)] {
        let ran = init_over_tls(&cluster, trusted, parameters).code(11);
        assert!(ran.stderr.contains("Database Authority"), "{}", ran.stderr);
        assert!(ran.stderr.contains("which is not trusted"), "{}", ran.stderr);
    }
    admin.batch_execute("ALTER SYSTEM SET ssl = off").unwrap();
    admin.batch_execute("SELECT pg_reload_conf()").unwrap();
    while number(
        &mut cluster.admin(),
        "SELECT count(*) FROM pg_settings WHERE name = 'ssl' AND setting = 'on'",
    ) > 0
    {
        std::thread::yield_now();
    }
    let ran = init_over_tls(&cluster, &authority, TRUSTED).code(11);
    assert!(ran.stderr.contains("server does not support TLS"), "{}", ran.stderr);
}

/// A19.
#[test]
fn a_certificate_of_another_host_or_time_is_refused() {
    let authority = Authority::named("Database Authority");
    for (host, from, until, expected) in [
        ("other.example", 2020, 2100, "is that of other.example"),
        ("localhost", 2019, 2020, "expired on 2020-01-01"),
        ("localhost", 2090, 2100, "is not valid before 2090-01-01"),
    ] {
        let Some(cluster) = over_tls(&authority, host, from, until) else { return };
        let ran =
            init_over_tls(&cluster, &authority, "sslmode=require&sslrootcert=ca.pem").code(11);
        assert!(ran.stderr.contains(expected), "{}", ran.stderr);
    }
}

/// A server with messages, one second apart, that waits before it responds to a request for the second
/// page of them, until it is released.
fn slow_server(released: Arc<AtomicBool>) -> Server {
    let now = chrono::Utc::now();
    let rows: Vec<Value> = (0..2500)
        .map(|n| {
            let sent = now - chrono::TimeDelta::seconds(60 + n);
            let sent = sent.format("%Y-%m-%dT%H:%M:%S.000+0000").to_string();
            message_with(&format!("m{n}"), &[("sentAt", json!(sent))])
        })
        .collect();
    let second_page = now - chrono::TimeDelta::hours(2);
    Server::start(move |_, head| {
        let until = head.split("sentUntil=").nth(1).and_then(|rest| rest.get(..13));
        while until.is_some_and(|until| *until > *second_page.format("%Y-%m-%dT%H").to_string())
            && !released.load(Ordering::SeqCst)
        {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        response_to(&rows, head, 1000)
    })
}

const HELD: &str = "SELECT count(*) FROM omnilogs.message";

/// Starts a sync, and waits until it has stored messages.
fn sync_until_stored(database: &Database<'_>, server: &Server, client: &mut Client) -> Running {
    let sync = on(database).at(&server.url()).args(["archive", "sync", "--rate", "0"]).start();
    while number(client, HELD) == 0 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    sync
}

#[test]
fn of_two_archivers_one_that_was_stopped_past_its_lease_writes_nothing_more() {
    let Some(cluster) = cluster() else { return };
    let database = archive(cluster);
    let released = Arc::new(AtomicBool::new(false));
    let slow = slow_server(Arc::clone(&released));
    let mut client = database.client();
    let mut first = sync_until_stored(&database, &slow, &mut client);
    first.signal(Signal::STOP);
    // Two minutes pass.
    client.batch_execute("UPDATE omnilogs.lease SET until = 0 WHERE name = 'writer'").unwrap();
    released.store(true, Ordering::SeqCst);
    let second = on(&database).at(&slow.url()).args(["archive", "sync", "--rate", "0"]).run();
    second.code(0);
    let coverage =
        "SELECT string_agg(since || '-' || until, ',' ORDER BY since) FROM omnilogs.coverage";
    let contents = |client: &mut Client| {
        let coverage: Option<String> = client.query_one(coverage, &[]).unwrap().get(0);
        (number(client, HELD), number(client, "SELECT count(*) FROM omnilogs.version"), coverage)
    };
    let before = contents(&mut client);
    assert_eq!((before.0, before.1), (2500, 2500));
    first.signal(Signal::CONT);
    first.until_stderr_contains("another program took over the archive");
    assert_eq!(first.end().code, 11);
    assert_eq!(contents(&mut client), before);
    run(&database, "omnilogs archive verify --full", 0);
}

/// A04.
#[test]
fn a_listing_during_a_sync_into_a_server_has_whole_pages() {
    let Some(cluster) = cluster() else { return };
    let database = archive(cluster);
    let released = Arc::new(AtomicBool::new(false));
    let slow = slow_server(Arc::clone(&released));
    let writer = sync_until_stored(&database, &slow, &mut database.client());
    let list = "omnilogs --archive --all -o csv --no-header";
    let listed = run(&database, list, 3);
    assert_eq!(listed.stdout.lines().count(), 1000);
    assert!(listed.stderr.contains("incomplete"), "{}", listed.stderr);
    released.store(true, Ordering::SeqCst);
    writer.end().code(0);
    let listed = run(&database, list, 0);
    assert_eq!(listed.stdout.lines().count(), 2500);
}

#[test]
fn a_second_archiver_says_who_has_the_lease() {
    let Some(cluster) = cluster() else { return };
    let database = archive(cluster);
    let sql =
        "UPDATE omnilogs.lease SET program = 'omnilogs archive sync', pid = 4711, host = 'web1',
        since = 1764000000000, until = 9999999999999, fence = 5";
    database.client().batch_execute(sql).unwrap();
    let ran = run(&database, "omnilogs archive sync --sandbox=empty --archive=\"$A\"", 11);
    assert!(ran.stderr.contains("is in use by process 4711 on web1"), "{}", ran.stderr);
    run(&database, "omnilogs --archive --allow-gaps", 0);
}
