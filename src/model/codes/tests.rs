use std::collections::HashSet;

use super::*;

/// The published facts, as a table in a text.
const FACTS: &str = include_str!("../../../tests/fixtures/status-codes.md");

/// Cells of the table below a heading; an empty group cell repeats the one above.
fn rows(heading: &str) -> Vec<[String; 4]> {
    let (_, section) = FACTS.split_once(heading).unwrap();
    let mut group = String::new();
    let mut rows = Vec::new();
    for line in section.lines().skip(1).take_while(|line| !line.starts_with("## ")) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let &["", first, ids, names, last, ""] = cells.as_slice() else { continue };
        if first == "group" || first.starts_with("---") {
            continue;
        }
        if !first.is_empty() {
            group = first.to_owned();
        }
        rows.push([group.clone(), ids.to_owned(), names.to_owned(), last.replace('*', "")]);
    }
    rows
}

/// The ids of a cell: `5`, `14 *`, `256 to 262`, `500, 502 to 504`; and whether others list it only.
fn ids(cell: &str) -> (Vec<u32>, bool) {
    let numbers = cell.trim_end_matches('*').trim();
    let ids = numbers.split(", ").filter(|part| !part.is_empty()).flat_map(|part| {
        let (first, last) = part.split_once(" to ").unwrap_or((part, part));
        first.parse::<u32>().unwrap()..=last.parse::<u32>().unwrap()
    });
    (ids.collect(), cell.ends_with('*'))
}

/// The names of a cell, without remarks in brackets.
fn names(cell: &str) -> Vec<&str> {
    let (names, _) = cell.split_once(" (").unwrap_or((cell, ""));
    names.split(", ").collect()
}

#[test]
fn every_published_status_is_here_with_its_facts_and_no_other() {
    let mut known = 0;
    for [group, id, name, is_final] in rows("## Statuses") {
        let (ids, elsewhere) = ids(&id);
        let &[id] = ids.as_slice() else { continue };
        let name = names(&name)[0];
        let status = statuses().find(|s| s.id == id && s.name == name).expect(name);
        assert_eq!(group, format!("{} {}", status.group, status.group as u32), "{name}");
        assert_eq!((status.is_final, status.published), (is_final == "yes", !elsewhere), "{name}");
        known += 1;
    }
    assert_eq!(known, statuses().count());
    assert_eq!(known, 26);
}

#[test]
fn every_published_error_is_here_with_its_facts_and_no_other() {
    let mut known = 0;
    for [group, id, listed, permanent] in rows("## Errors") {
        let (ids, elsewhere) = ids(&id);
        let names = names(&listed);
        // One id may have several names; else they go in pairs.
        let ids = if ids.len() == 1 { vec![ids[0]; names.len()] } else { ids };
        assert_eq!(ids.len(), names.len(), "{listed}");
        for (id, name) in ids.into_iter().zip(names) {
            let error = errors().find(|e| e.id == id && e.name == name).expect(name);
            assert_eq!(group, format!("{} {}", error.group, error.group as u32), "{name}");
            assert_eq!(error.permanent.to_string(), permanent, "{name}");
            assert_eq!(error.published, !elsewhere, "{name}");
            known += 1;
        }
    }
    assert_eq!(known, errors().count());
    assert_eq!(known, 65);
}

#[test]
fn every_code_has_advice_and_a_meaning_of_its_own() {
    let mut advice = HashSet::new();
    let mut meanings = HashSet::new();
    for code in all() {
        assert!(advice.insert(code.advice()), "{}", code.name());
        // No error means the same as its group, of which it is the only member.
        assert!(meanings.insert(code.meaning()) || code.name() == "NO_ERROR", "{}", code.name());
        assert!(code.meaning().ends_with('.') && code.advice().ends_with('.'), "{}", code.name());
    }
}

#[test]
fn a_short_form_fits_into_a_column() {
    let shorts = statuses().map(|s| s.short).chain(errors().map(|e| e.short));
    for short in shorts {
        assert!((3..=MOST_SHORT).contains(&short.chars().count()), "{short}");
    }
}

#[test]
fn an_id_names_statuses_and_errors_and_no_group() {
    let names = |word: &str| find(word).into_iter().map(Code::name).collect::<Vec<_>>();
    assert_eq!(names("5"), ["DELIVERED_TO_HANDSET", "EC_UNIDENTIFIED_SUBSCRIBER"]);
    assert_eq!(names("0"), ["NO_ERROR"]);
    assert_eq!(names("2053"), ["EC_BLACKLISTED_SENDERADDRESS", "EC_SOURCE_ADDRESS_BLACKLISTED"]);
    assert_eq!(names("99999999999"), [""; 0]);
}

#[test]
fn a_name_is_found_in_any_letter_case_with_every_id_it_has() {
    let ids = |word: &str| find(word).into_iter().map(Code::id).collect::<Vec<_>>();
    assert_eq!(ids("rejected_destination"), [14, 52]);
    assert_eq!(ids("pending"), [1]);
    assert_eq!(find("Handset_Errors"), [Code::ErrorGroup(ErrorGroup::Handset)]);
    assert_eq!(ids("PENDIN"), [0; 0]);
}
