//! `--jq`: programs behave as they do in jq, end without losing output, and cannot read the
//! environment.

use crate::support::messages::{message_with, results};
use crate::support::{Ran, Response, Server, omnilogs};

/// Runs a jq program over the rows of a saved response, with these arguments.
fn jq(program: &str, words: &[&str]) -> Ran {
    let path = format!("{}/tests/fixtures/cases/email.json", env!("CARGO_MANIFEST_DIR"));
    omnilogs().args(["--input", &path, "--jq", program]).args(words).run()
}

#[track_caller]
fn prints(program: &str, expected: &[&str]) {
    let ran = jq(program, &[]).code(0);
    assert_eq!(ran.stdout.lines().collect::<Vec<_>>(), expected, "{program}");
}

#[test]
fn halt_ends_the_program_and_keeps_earlier_output() {
    let all = ["a@example.com", "b@example.com", "c@example.com", "d@example.com", "e@example.com"];
    prints(".results[].to, halt", &all);
    prints(".results[].to, halt, \"after\"", &all);
    prints(".results[0].to, (try halt catch \"caught\"), \"after\"", &all[..1]);
}

/// The end of a wait is that of the messages, whatever the program does with them.
#[test]
fn halt_ends_the_output_of_a_follow_and_a_wait_and_keeps_what_came_before() {
    for words in [&["follow", "-n", "9"][..], &["wait", "--bulk-id", "b1"]] {
        for file in [&[][..], &["--output-file", "out"]] {
            let rows = ["m1", "m2"].map(|id| message_with(id, &[]));
            let server = Server::always(Response::json(results(rows)));
            let run = omnilogs().at(&server.url()).args(words).args(file);
            let run = run.args(["--interval", "1s", "-o", "jsonl", "--jq", ".messageId, halt"]);
            let path = run.home().join("out");
            let (ran, written) = run.start().end_and_inspect(|| std::fs::read_to_string(path));
            let text = written.unwrap_or(ran.stdout.clone());
            ran.code(0);
            assert!(["m1\n", "m2\n"].contains(&text.as_str()), "{words:?} {file:?}: {text:?}");
        }
    }
}

#[test]
fn halt_stops_at_the_row_that_calls_it() {
    let ran = jq(".to, if .messageId == \"e2\" then halt else empty end", &["-o", "jsonl"]).code(0);
    assert_eq!(ran.stdout, "a@example.com\nb@example.com\n");
}

#[test]
fn halt_error_keeps_earlier_output_and_puts_its_text_on_standard_error() {
    let program =
        ".results[0].to, (\"no \\u001b[2Jluck with 447700900123\" | halt_error), \"after\"";
    for program in [program, &program.replace("halt_error", "halt_error(5)")] {
        let ran = jq(program, &[]).code(1);
        assert_eq!(ran.stdout, "a@example.com\n");
        assert!(ran.stderr.contains("no ^[[2Jluck with …"), "{}", ran.stderr);
    }
    // A row is message data, which is never on standard error.
    let ran = jq(".results[0] | halt_error", &[]).code(1);
    assert!(!ran.stderr.contains("invoice") && !ran.stderr.contains("example"), "{}", ran.stderr);
}

#[test]
fn a_program_that_fails_keeps_earlier_output() {
    let ran = jq(".results[0].to, (.results[0].to | tonumber)", &[]).code(1);
    assert_eq!(ran.stdout, "a@example.com\n");
    assert!(!ran.stderr.contains("a@example.com"), "{}", ran.stderr);
}

#[test]
fn a_file_is_complete_after_halt_and_untouched_after_halt_error() {
    let path = format!("{}/tests/fixtures/cases/email.json", env!("CARGO_MANIFEST_DIR"));
    for (program, code, expected) in
        [(".results[0].to, halt", 0, "a@example.com\n"), ("1, (\"x\" | halt_error)", 1, "old")]
    {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("file.txt");
        std::fs::write(&file, "old").unwrap();
        let words = ["--input", &path, "--jq", program, "-o", "json", "--output-file"];
        omnilogs().args(words).args([&file]).run().code(code);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), expected, "{program}");
        let names: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, ["file.txt"], "{program}");
    }
}

#[test]
fn common_jq_filters_are_available() {
    prints(
        ".results[1:4][] | [.to, .price.pricePerMessage, .price.currency, true, \"a\\\"b\\tc\"] | @csv",
        &[
            "\"b@example.com\",0.0005,\"UNKNOWN\",true,\"a\"\"b\tc\"",
            "\"c@example.com\",-0.0075,\"USD\",true,\"a\"\"b\tc\"",
            "\"d@example.com\",,,true,\"a\"\"b\tc\"",
        ],
    );
    prints(
        ".results[0] | [.to, .status.id, false, null, \"a\\tb\\\\c\\n\"] | @tsv",
        &["a@example.com\t5\tfalse\t\ta\\tb\\\\c\\n"],
    );
    prints("[2, 5] | map(IN(1, 2)), IN(.[]; 5, 6), IN(.[]; 7)", &["[true,false]", "true", "false"]);
    prints(
        "[{\"id\":\"a\"},{\"id\":\"b\"}] | INDEX(.id), INDEX(.[]; 1)",
        &["{\"a\":{\"id\":\"a\"},\"b\":{\"id\":\"b\"}}", "{\"1\":{\"id\":\"b\"}}"],
    );
    prints("[1, {\"a\":[]}] | tostream", &["[[0],1]", "[[1,\"a\"],[]]", "[[1,\"a\"]]", "[[1]]"]);
    prints("1 | tostream", &["[[],1]"]);
    prints("[72, 105] | map(ascii) | join(\"\")", &["Hi"]);
}

#[test]
fn a_value_that_cannot_be_a_cell_is_an_error() {
    for program in ["[[1]] | @csv", "[{}] | @tsv", "1 | @csv", "\"a\" | @tsv", "200 | ascii"] {
        jq(program, &[]).code(1);
    }
}

#[test]
fn a_filter_that_is_missing_is_named() {
    for (program, name) in [
        ("input", "filter input "),
        ("[inputs]", "filter inputs "),
        ("getpath([]) | fromstream(.)", "filter fromstream "),
        ("@base32", "filter @base32 "),
        ("$__prog_args", "variable $__prog_args "),
    ] {
        jq(program, &[]).code(2).says(&format!("undefined {name}at character"));
    }
    // A word that could be a key is not repeated.
    let ran = jq("A1b2c3D4e5f6A7", &[]).code(2);
    assert!(!ran.stderr.contains("A1b2"), "{}", ran.stderr);
}

#[test]
fn a_program_cannot_read_the_environment() {
    let path = format!("{}/tests/fixtures/cases/email.json", env!("CARGO_MANIFEST_DIR"));
    let programs = [
        ("env, $ENV", "{}\n{}\n"),
        ("$ENV.OMNILOGS_API_KEY, env.OMNILOGS_API_KEY", "null\nnull\n"),
        ("[env | .. | strings] | length", "0\n"),
        ("[$ENV | keys[]] | length", "0\n"),
    ];
    for (program, expected) in programs {
        let ran = omnilogs()
            .env("OMNILOGS_API_KEY", "test-key")
            .args(["--input", &path, "--jq", program])
            .run()
            .code(0);
        assert_eq!(ran.stdout, expected, "{program}");
    }
}

/// No program may end the process: its evaluator ends instead.
#[test]
fn a_program_that_uses_up_the_stack_is_an_error_and_leaves_the_old_file() {
    let path = format!("{}/tests/fixtures/cases/email.json", env!("CARGO_MANIFEST_DIR"));
    for program in [
        "def f: f|f; 1, f",
        "def f: 1 + f; f",
        "reduce range(300000) as $i (0; [.]) | 1",
        "last(limit(300000; recurse([.]))) | tojson",
        "\"[\" * 1000000 | fromjson",
    ] {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("file.txt");
        std::fs::write(&file, "old").unwrap();
        let words = ["--input", &path, "--jq", program, "-o", "json", "--output-file"];
        let ran = omnilogs().args(words).args([&file]).run().code(1);
        ran.says("--jq: the program used up its stack");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "old", "{program}");
    }
    let deep = "[".repeat(30_000) + &"]".repeat(30_000);
    jq(&deep, &[]).code(2).says("--jq: the program is nested too deeply");
}

/// The rows of many batches, and of one that ends in the midst of a batch.
#[test]
fn a_program_over_each_row_sees_every_row_once_and_in_order() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("rows.jsonl");
    let row = |n: usize| format!(r#"{{"messageId":"m{n}","text":"{}"}}"#, "x".repeat(n % 900));
    let rows: Vec<_> = (0..2500).map(row).collect();
    std::fs::write(&file, rows.join("\n")).unwrap();
    let run = |program: &str, format: &str| {
        let words = ["--input", file.to_str().unwrap(), "--jq", program, "-o", format];
        omnilogs().args(words).run()
    };
    let ids: Vec<_> = (0..2500).map(|n| format!("m{n}")).collect();
    let each = run(".messageId", "jsonl").code(0);
    assert_eq!(each.stdout.lines().collect::<Vec<_>>(), ids);
    let document = run(".results[].messageId", "json").code(0);
    assert_eq!(document.stdout, each.stdout);
    let halted = run(".messageId, if .messageId == \"m2000\" then halt else empty end", "jsonl");
    assert_eq!(halted.code(0).stdout.lines().count(), 2001);
    // What comes before a failure is kept.
    let failed = run(".messageId, if .messageId == \"m2000\" then error else empty end", "jsonl");
    assert_eq!(failed.code(1).stdout.lines().count(), 2001);
}
