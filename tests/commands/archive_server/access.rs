//! The address of the server, passwords and rights, and the messages when the server cannot be used.

use std::fs;

use postgres::Client;

use super::{archive, number, run};
use crate::support::account::{account, on_account};
use crate::support::command::set_mode;
use crate::support::postgres_cluster::{Cluster, cluster, own_cluster};
use crate::support::{Omnilogs, omnilogs};

#[test]
fn a_profile_can_name_a_server_and_a_file_with_a_password_must_be_private() {
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
fn addresses_that_cannot_be_used_are_refused_without_showing_their_secrets() {
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

#[test]
fn a_server_that_cannot_be_reached_and_a_database_without_an_archive_are_reported() {
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

/// A database as an administrator makes it, with the printed SQL and the rights that it names. The server
/// forbids what distributed engines lack. Returns its address.
fn portable(cluster: &Cluster) -> String {
    let mut admin = cluster.admin();
    let name = format!("omnilogs_portable_{}", std::process::id());
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
    cluster.url(&name)
}

/// A28.
#[test]
fn the_printed_rights_suffice_and_no_command_needs_what_distributed_engines_lack() {
    let Some(cluster) = own_cluster(&[], "") else { return };
    let url = portable(&cluster);
    let as_role = |role: &str| url.replace("postgres@", &format!("{role}@"));
    let lines = "set -e
        omnilogs archive init
        omnilogs archive sync --rate 0 -q
        omnilogs archive sync --rate 0 -q
        omnilogs archive verify --full
        omnilogs archive prune --older-than 5h --yes
        omnilogs archive erase --to 447700900200 --yes >/dev/null || test $? = 3
        omnilogs archive status --acknowledge
        omnilogs archive init --rebuild
        omnilogs --archive --all --allow-gaps -o jsonl -q > rows; test -s rows
        OMNILOGS_ARCHIVE=$B omnilogs --archive --all --allow-gaps -o jsonl -q | cmp - rows
        OMNILOGS_ARCHIVE=$B omnilogs archive verify
        ! OMNILOGS_ARCHIVE=$B omnilogs archive init --rebuild
        ! omnilogs archive prune --older-than 2h --compact --yes";
    let writer = as_role("omnilogs_writer");
    let account = account(10);
    let ran = on_account(&account)
        .env("OMNILOGS_ARCHIVE", &writer)
        .env("B", as_role("omnilogs_reader"))
        .in_bash(lines)
        .run()
        .code(0);
    assert!(ran.stderr.contains("ready: postgres://omnilogs_writer@"), "{}", ran.stderr);
    assert!(ran.stderr.contains("permission denied for table lease"), "{}", ran.stderr);
    assert!(ran.stderr.contains("only the owner of the tables may run VACUUM"), "{}", ran.stderr);
    let said = ran.stderr.lines().find(|line| line.contains("before; their space is still taken"));
    let words: Vec<_> = said.unwrap_or_default().split_whitespace().collect();
    assert_eq!((words[1], words[3]), ("deleted", "messages"), "{}", ran.stderr);
    assert!(words[2].starts_with(|c: char| ('1'..='9').contains(&c)), "{}", ran.stderr);
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
fn the_printed_sql_for_citus_has_the_two_statements_that_distribute_the_messages() {
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
