//! The certificates of a server.

use std::fs;
use std::process::Command;

use super::number;
use crate::support::certificates::Authority;
use crate::support::command::set_mode;
use crate::support::postgres_cluster::{Cluster, own_cluster};
use crate::support::{Ran, omnilogs};

/// K16.
#[test]
fn a_file_that_has_no_authorities_is_refused_without_reading_all_of_it() {
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
        std::thread::sleep(std::time::Duration::from_millis(5));
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
fn tls_is_verified_in_every_mode() {
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
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let ran = init_over_tls(&cluster, &authority, TRUSTED).code(11);
    assert!(ran.stderr.contains("server does not support TLS"), "{}", ran.stderr);
}

/// A19.
#[test]
fn a_certificate_of_another_host_or_time_is_refused() {
    let authority = Authority::named("Database Authority");
    for (host, from, until, expected) in [
        ("other.example", 2020, 2100, "is for other.example"),
        ("localhost", 2019, 2020, "expired on 2020-01-01"),
        ("localhost", 2090, 2100, "is not valid before 2090-01-01"),
    ] {
        let Some(cluster) = over_tls(&authority, host, from, until) else { return };
        let ran =
            init_over_tls(&cluster, &authority, "sslmode=require&sslrootcert=ca.pem").code(11);
        assert!(ran.stderr.contains(expected), "{}", ran.stderr);
    }
}
