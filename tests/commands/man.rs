//! Manual pages, as `man` and `mandoc` read them.

use std::process::Command;

use crate::support::documentation::commands;
use crate::support::omnilogs;
use crate::support::programs::found;

fn page(names: &[&str]) -> String {
    omnilogs().args(["man"]).args(names).run().code(0).stdout
}

/// Every page, by the names of its command.
fn pages() -> Vec<(Vec<String>, String)> {
    let help = |names: &[&str]| omnilogs().args(names).args(["--help"]).run().code(0).stdout;
    let mut pages = vec![(Vec::new(), page(&[]))];
    for name in commands(&help(&[])) {
        pages.push((vec![name.clone()], page(&[&name])));
        for below in commands(&help(&[&name])) {
            pages.push((vec![name.clone(), below.clone()], page(&[&name, &below])));
        }
    }
    pages
}

#[test]
fn every_command_has_a_manual_page_with_examples_exit_status_and_other_pages() {
    let pages = pages();
    assert!(pages.len() > 10);
    for (names, page) in &pages {
        let title = [&["omnilogs".to_owned()], names.as_slice()].concat().join("-");
        assert!(page.contains(&format!("\n.TH {} 1 ", title.to_uppercase())), "{names:?}\n{page}");
        for section in ["NAME", "SYNOPSIS", "EXAMPLES", "\"EXIT STATUS\"", "\"SEE ALSO\""] {
            assert!(page.contains(&format!("\n.SH {section}\n")), "{names:?}: no {section}");
        }
        // Each page that is named can be printed.
        let named = page.split(".SH \"SEE ALSO\"\n").nth(1).unwrap().replace("\\-", "-");
        for other in named.lines() {
            let name = other.trim_start_matches("\\fB").split("\\fR(1)").next().unwrap();
            let exists = pages.iter().any(|(names, _)| {
                [&["omnilogs".to_owned()], names.as_slice()].concat().join("-") == name
            });
            assert!(exists, "{names:?} refers to {name}");
        }
    }
    omnilogs().args(["man", "statz"]).run().code(2).says("omnilogs man stats");
}

#[test]
fn mandoc_finds_no_fault_in_any_page() {
    let Some(mandoc) = found("mandoc") else { return };
    let home = omnilogs();
    for (names, page) in pages() {
        let path = home.home().join("page.1");
        std::fs::write(&path, page).unwrap();
        let mut lint = Command::new(&mandoc);
        let output = lint.args(["-Tlint", "-Wwarning"]).arg(&path).output().unwrap();
        let found = String::from_utf8(output.stdout).unwrap();
        // A page without a date is the same in every build.
        let faults: Vec<_> = found.lines().filter(|line| !line.contains("parse date")).collect();
        assert!(faults.is_empty(), "{names:?}: {faults:#?}");
    }
}
