//! Workbooks: the cells that a spreadsheet program reads, and where no workbook is written.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use zip::ZipArchive;

use crate::support::messages::{message, message_with, results, seconds_before};
use crate::support::programs::found;
use crate::support::restricted::with_file_size_limit;
use crate::support::{Omnilogs, Response, Server, omnilogs};

/// A part of a workbook, as text.
fn part(workbook: &Path, name: &str) -> String {
    let mut zip = ZipArchive::new(File::open(workbook).unwrap()).unwrap();
    let mut text = String::new();
    zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// A run that writes this file.
fn into(run: Omnilogs, path: &Path) -> Omnilogs {
    run.args([Path::new("-O"), path])
}

fn serving(rows: impl IntoIterator<Item = Value>) -> Server {
    Server::always(Response::json(results(rows)))
}

fn stderr_of(output: &std::process::Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Rows with values that a spreadsheet program could misinterpret or not store.
fn rows() -> [Value; 3] {
    [
        message_with(
            "00012345678901234567",
            &[("to", json!("0041793026727")), ("text", json!("=1+1")), ("from", json!("+385"))],
        ),
        message_with("1E5", &[("text", json!("שלום עולם 😀👍🏽")), ("from", json!("007"))]),
        message_with("2026-11-22", &[("text", json!("a\u{1b}[2J\u{202e}<b>&\"c\"\n_x0041_"))]),
    ]
}

const COLUMNS: &str = "sentAt,from,to,messageId,text,price.pricePerMessage,latency,result";

#[test]
fn the_name_of_the_file_makes_a_workbook_with_text_dates_and_amounts() {
    let server = serving(rows());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.XLSX");
    let ran = into(omnilogs().at(&server.url()).args(["--columns", COLUMNS]), &path).run().code(0);
    assert_eq!(ran.stdout, "");
    let sheet = part(&path, "xl/worksheets/sheet1.xml");
    let text = |place: &str, text: &str| {
        let cell = format!(
            r#"<c r="{place}" s="3" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>"#
        );
        assert!(sheet.contains(&cell), "{cell} is not in\n{sheet}");
    };
    text("B2", "+385");
    text("C2", "0041793026727");
    text("D2", "00012345678901234567");
    text("E2", "=1+1");
    text("B3", "007");
    text("D3", "1E5");
    text("E3", "שלום עולם 😀👍🏽");
    text("D4", "2026-11-22");
    text("E4", "a_x001B_[2J\u{202e}&lt;b&gt;&amp;\"c\"\n_x005F_x0041_");
    // 2026-11-22 10:00:05.390, and a second that the delivery took.
    for cell in [
        r#"<c r="A2" s="2"><v>46348.41672905093</v></c>"#,
        r#"<c r="F2"><v>0.01</v></c>"#,
        r#"<c r="G2"><v>1000</v></c>"#,
        r#"<c r="H2" s="4" t="inlineStr"><is><t xml:space="preserve">✓ delivered, 1.0 s</t></is></c>"#,
    ] {
        assert!(sheet.contains(cell), "{cell} is not in\n{sheet}");
    }
}

/// The cells as LibreOffice shows them, which most people without Excel use.
#[test]
fn libreoffice_shows_what_was_sent() {
    let Some(soffice) = found("soffice") else { return };
    let server = serving(rows());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xlsx");
    let zone = ["--columns", COLUMNS, "--timezone", "+01:00"];
    into(omnilogs().at(&server.url()).args(zone), &path).run().code(0);
    // Tab, quotes around every text, UTF-8, and numbers as they are shown.
    let filter = "csv:Text - txt - csv (StarCalc):9,34,76,1,,0,true,true,false,false,false";
    let profile = format!("-env:UserInstallation=file://{}/profile", folder.path().display());
    let mut office = Command::new(soffice);
    office.args([&profile, "--headless", "--convert-to", filter, "--outdir"]);
    let converted = office.arg(folder.path()).arg(&path).output().unwrap();
    assert!(converted.status.success(), "{converted:?}");
    let shown = fs::read_to_string(folder.path().join("a.csv")).unwrap();
    // A text is in quotes; dates and amounts are not.
    let delivered = "\"✓ delivered, 1.0 s\"";
    let date = "2026-11-22 11:00:05.390";
    assert_eq!(
        shown,
        format!(
            "\"sentAt (+01:00)\"\t\"from\"\t\"to\"\t\"messageId\"\t\"text\"\t\"price.pricePerMessage\"\t\"latency\"\t\"result\"\n\
             {date}\t\"+385\"\t\"0041793026727\"\t\"00012345678901234567\"\t\"=1+1\"\t0.01\t1000\t{delivered}\n\
             {date}\t\"007\"\t\"447700900123\"\t\"1E5\"\t\"שלום עולם 😀👍🏽\"\t0.01\t1000\t{delivered}\n\
             {date}\t\"InfoSMS\"\t\"447700900123\"\t\"2026-11-22\"\t\"a\u{1b}[2J\u{202e}<b>&\"\"c\"\"\n_x0041_\"\t0.01\t1000\t{delivered}\n"
        )
    );
}

#[test]
fn a_workbook_is_never_written_to_a_terminal_or_a_pipe() {
    let server = serving([message("m1", "hi")]);
    let run = || omnilogs().at(&server.url()).args(["-o", "xlsx"]);
    let said = "the format xlsx needs a file";
    run().run().code(2).says(said).says("-O report.xlsx");
    for words in [&[][..], &["-O", "-"], &["-O", "/dev/tty"]] {
        let screen = run().args(words).on_terminal(80).end();
        assert_eq!(screen.code, 2, "{words:?}");
        assert!(String::from_utf8_lossy(&screen.bytes).contains(said), "{words:?}");
    }
    for command in [&["follow", "--for", "5s"][..], &["wait", "m1"], &["show", "m1"]] {
        run().args(command).run().code(2).says(said);
    }
    assert_eq!(server.targets(), [""; 0], "nothing was sent");
}

#[test]
fn standard_output_can_be_the_file_of_a_workbook() {
    let server = serving([message("m1", "hi")]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xlsx");
    let (mut command, _home) = omnilogs().at(&server.url()).args(["-o", "xlsx"]).into_command();
    let status = command.stdout(File::create(&path).unwrap()).stderr(Stdio::null()).status();
    assert!(status.unwrap().success());
    assert!(part(&path, "xl/worksheets/sheet1.xml").contains("447700900123"));
}

#[test]
fn every_command_with_rows_writes_a_workbook_and_the_others_say_what_works() {
    let server = serving([message("m1", "hi")]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xlsx");
    let run = || omnilogs().at(&server.url());
    for command in
        [&[][..], &["show", "m1"], &["wait", "m1"], &["follow", "--for", "1s", "--interval", "1s"]]
    {
        into(run().args(command), &path).run().code(0);
        let sheet = part(&path, "xl/worksheets/sheet1.xml");
        assert!(sheet.contains(">m1<"), "{command:?}: {sheet}");
        fs::remove_file(&path).unwrap();
    }
    into(run().args(["stats"]), &path).run().code(2).says("-o table, json, jsonl, csv, tsv");
    run().args(["explain", "5", "-o", "xlsx"]).run().code(2).says("-o table, json, jsonl, csv");
    run().args(["doctor", "-o", "xlsx"]).run().code(2).says("-o json");
    into(run().args(["--resume"]), &path).run().code(2).says("jsonl, csv or tsv");
    into(run().args(["-o", "xlsx", "--jq", "."]), &path).run().code(2).says("JSON only");
    assert!(!path.exists());
}

#[test]
fn a_workbook_is_the_old_one_or_the_complete_new_one_on_a_disk_of_any_size() {
    let server = serving((0..200).map(|n| seconds_before(n, &format!("text {n}"))));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xlsx");
    let run = || into(omnilogs().at(&server.url()).args(["-n", "1000"]), &path);
    run().run().code(0);
    let length = fs::read(&path).unwrap().len();
    for room in [0, 100, length / 2, length - 1] {
        fs::write(&path, "old").unwrap();
        let ran = with_file_size_limit(run(), room, Stdio::null());
        assert_eq!(ran.status.code(), Some(1), "{room} bytes: {}", stderr_of(&ran));
        assert!(stderr_of(&ran).contains("output incomplete"), "{}", stderr_of(&ran));
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
    assert_eq!(with_file_size_limit(run(), length, Stdio::null()).status.code(), Some(0));
    assert_eq!(fs::read(&path).unwrap().len(), length);
    let full = omnilogs().at(&server.url()).args(["-o", "xlsx", "-O", "/dev/full"]).run();
    full.code(1).says("output incomplete: no space left");
}

#[test]
fn a_workbook_without_all_rows_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let run = omnilogs().args(["--input", "-"]).stdin("{\"messageId\":\"m1\"}\n{\"messageId\":\n");
    into(run, &folder.path().join("a.xlsx")).run().code(3);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_cut_text_is_named_and_counted() {
    let server = serving([message("m1", &"a".repeat(40_000)), message("m2", "hi")]);
    let folder = tempfile::tempdir().unwrap();
    let ran = into(omnilogs().at(&server.url()), &folder.path().join("a.xlsx")).run().code(0);
    ran.says("1 cell cut: a cell holds 32,767 characters; -o csv cuts nothing");
}

#[test]
fn the_manifest_of_a_workbook_has_its_digest() {
    let server = serving([message("m1", "hi")]);
    let folder = tempfile::tempdir().unwrap();
    let [path, manifest] = ["a.xlsx", "a.json"].map(|name| folder.path().join(name));
    let run = omnilogs().at(&server.url()).args([Path::new("--manifest"), &manifest]);
    into(run, &path).run().code(0);
    let manifest: Value = serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
    let file = fs::read(&path).unwrap();
    assert_eq!(manifest["output"]["bytes"], file.len());
    let digest = ring::digest::digest(&ring::digest::SHA256, &file);
    let digest = format!("{digest:?}").to_lowercase();
    assert_eq!(format!("sha256:{}", manifest["output"]["sha256"].as_str().unwrap()), digest);
}
