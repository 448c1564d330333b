//! Listings as Markdown; the Markdown of one message is tested with `show`, that of figures with `stats`.

use crate::support::messages::{message, results};
use crate::support::{Response, Server, omnilogs};

#[test]
fn markdown_is_a_redacted_table_for_a_ticket_with_times_in_the_zone() {
    let server = Server::always(Response::json(results([message("m1", "Hi | [x](y)")])));
    let run = |words: &[&str]| {
        omnilogs().at(&server.url()).args(["-o", "md"]).args(words).run().code(0).stdout
    };
    let head = "| SENT | CHANNEL | TO | RESULT | MESSAGE ID | TEXT |\n| --- | --- | --- | --- | --- | --- |\n";
    assert_eq!(
        run(&["-z", "Europe/Zagreb"]),
        format!(
            "{head}| 2026-11-22 11:00:05 +01:00 | SMS | 44\\*\\*\\*\\*\\*\\*\\*\\*23 | ✓ delivered, 1.0 s | m1 | \\[11 characters\\] |\n"
        )
    );
    let whole = run(&["--redact=none", "--columns", "to,text,latency"]);
    assert_eq!(
        whole,
        "| TO | TEXT | LATENCY |\n| --- | --- | --- |\n| 447700900123 | Hi \\| \\[x\\](y) | 1.0 s |\n"
    );
    let empty = Server::always(Response::json(results([])));
    let ran = omnilogs().at(&empty.url()).args(["-o", "md"]).run().code(0);
    assert_eq!(ran.stdout, head);
}
