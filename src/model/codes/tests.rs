use std::collections::HashSet;

use super::*;
use crate::model::{Finality, Log};

/// The platform's list; each line but the first is a code.
const PUBLISHED: &str = include_str!("published.tsv");

/// A second table of published codes, in Markdown. It repeats a part of the list.
const FACTS: &str = include_str!("../../../tests/fixtures/status-codes.md");

/// The rows of the table below a heading; an empty group cell repeats the one above.
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

/// The ids of a cell: `5`, `14 *`, `256 to 262`, `500, 502 to 504`.
fn ids(cell: &str) -> Vec<u32> {
    let numbers = cell.trim_end_matches('*').trim();
    let ids = numbers.split(", ").filter(|part| !part.is_empty()).flat_map(|part| {
        let (first, last) = part.split_once(" to ").unwrap_or((part, part));
        first.parse::<u32>().unwrap()..=last.parse::<u32>().unwrap()
    });
    ids.collect()
}

/// The names of a cell, without a remark in parentheses.
fn names(cell: &str) -> Vec<&str> {
    let (names, _) = cell.split_once(" (").unwrap_or((cell, ""));
    names.split(", ").collect()
}

#[test]
fn every_line_of_the_published_list_is_a_code() {
    let lines: Vec<Vec<&str>> =
        PUBLISHED.lines().skip(1).map(|line| line.split('\t').collect()).collect();
    assert_eq!(lines.len(), 455);
    for line in &lines {
        let [_, kind, group_id, group, id, name, permanent] = line.as_slice() else {
            panic!("{line:?}")
        };
        let found = find(name).into_iter().find(|code| {
            code.id().to_string() == *id
                && match code {
                    Code::Status(status) => {
                        *kind == "status" && (status.group as u32).to_string() == *group_id
                    }
                    Code::Error(error) => {
                        let id = error.group.map(|group| group.id().to_string());
                        let is_permanent =
                            error.permanent.map(|is| if is { "True" } else { "False" });
                        id.unwrap_or_default() == *group_id
                            && is_permanent.unwrap_or_default() == *permanent
                    }
                    _ => false,
                }
        });
        let found = found.unwrap_or_else(|| panic!("{line:?}"));
        let found_group = match found {
            Code::Status(status) => status.group.to_string(),
            Code::Error(error) => error.group.map(|group| group.to_string()).unwrap_or_default(),
            _ => unreachable!(),
        };
        assert_eq!(found_group, group.to_uppercase().replace(' ', "_"), "{line:?}");
    }
    assert_eq!(statuses().count() + errors().count(), 455 + 3);
}

#[test]
fn every_status_of_the_second_table_has_the_same_facts_here() {
    let mut known = 0;
    for [group, id, name, is_final] in rows("## Statuses") {
        let &[id] = ids(&id).as_slice() else { continue };
        let name = names(&name)[0];
        let status = statuses().find(|s| s.id == id && s.name == name).expect(name);
        assert_eq!(group, format!("{} {}", status.group, status.group as u32), "{name}");
        assert_eq!(status.is_final, is_final == "yes", "{name}");
        known += 1;
    }
    assert_eq!(known, 26);
}

#[test]
fn every_error_of_the_second_table_has_the_same_facts_here() {
    let mut known = 0;
    for [group, id, listed, permanent] in rows("## Errors") {
        let (ids, names) = (ids(&id), names(&listed));
        // One id can have several names; otherwise they are pairs.
        let ids = if ids.len() == 1 { vec![ids[0]; names.len()] } else { ids };
        assert_eq!(ids.len(), names.len(), "{listed}");
        for (id, name) in ids.into_iter().zip(names) {
            let error = errors().find(|e| e.id == id && e.name == name).expect(name);
            let is_group =
                error.group.is_some_and(|known| format!("{known} {}", known.id()) == group);
            // The two tables differ on the group of this one.
            assert!(is_group || name == "EC_VOICE_NO_ANSWER", "{name}");
            assert_eq!(error.permanent.map(|is| is.to_string()), Some(permanent.clone()), "{name}");
            known += 1;
        }
    }
    assert_eq!(known, 65);
}

#[test]
fn no_published_name_has_small_letters_since_names_are_looked_up_without_them() {
    for code in statuses().map(|s| s.name).chain(errors().map(|e| e.name)) {
        assert_eq!(code, code.to_ascii_uppercase());
    }
}

#[test]
fn every_text_belongs_to_a_code_and_no_sentence_occurs_twice() {
    for (file, count) in [
        (include_str!("status_texts.txt"), statuses().filter(|s| s.text.is_some()).count()),
        (include_str!("error_texts.txt"), errors().filter(|e| e.text.is_some()).count()),
    ] {
        let blocks: Vec<Vec<&str>> =
            file.trim().split("\n\n").map(|block| block.lines().collect()).collect();
        assert!(count >= blocks.len(), "a text has no code");
        let mut sentences = HashSet::new();
        for block in &blocks {
            let &[name, short, meaning, advice] = block.as_slice() else { panic!("{block:?}") };
            assert!(find(name).iter().any(|code| code.short() == Some(short)), "{name}");
            assert!((3..=MAX_SHORT).contains(&short.chars().count()), "{name}");
            for sentence in [meaning, advice] {
                assert!(sentence.ends_with('.'), "{name}: {sentence}");
                assert!(sentences.insert(sentence), "{name}: {sentence}");
            }
        }
    }
}

#[test]
fn a_code_without_a_text_is_described_by_its_family_name_and_group() {
    let code = find("EC_SPAM_DETECTED")[0];
    assert_eq!(code.short(), None);
    assert_eq!(
        code.meaning(),
        "An error code for e-mails: \"spam detected\". \
         The platform dropped the e-mail and did not send it."
    );
    assert!(code.advice().starts_with("Read error.description of the message"), "{code:?}");
    let status = find("REJECTED_NO_CONTENT")[0];
    assert!(status.meaning().starts_with("A status code for push notifications:"), "{status:?}");
    // Neither a group nor permanence is published for the DLT codes.
    let dlt = find("EC_BLOCKED_BY_DLT")[0];
    assert!(dlt.meaning().contains("India") && !dlt.advice().is_empty(), "{dlt:?}");
}

#[test]
fn an_id_identifies_statuses_and_errors_and_no_group() {
    let names = |word: &str| find(word).into_iter().map(Code::name).collect::<Vec<_>>();
    assert_eq!(names("5"), ["DELIVERED_TO_HANDSET", "EC_UNIDENTIFIED_SUBSCRIBER"]);
    assert_eq!(names("0"), ["NO_ERROR"]);
    assert_eq!(names("2053"), ["EC_BLACKLISTED_SENDERADDRESS", "EC_SOURCE_ADDRESS_BLACKLISTED"]);
    assert_eq!(names("99999999999"), [""; 0]);
}

#[test]
fn an_id_identifies_a_code_only_together_with_its_group_and_family() {
    let status = |id, group, channel| status_by_id(id, group, channel).map(|it| it.name);
    let rejected = StatusGroup::Rejected;
    assert_eq!(status(87, rejected, ""), None);
    assert_eq!(status(87, rejected, "VOICE"), None);
    assert_eq!(status(87, rejected, "sms"), Some("SIGNALS_BLOCKED"));
    assert_eq!(status(56, rejected, ""), Some("REJECTED_INVALID_NOTIFY_URL"));
    assert_eq!(status(56, rejected, "EMAIL"), None);
    assert_eq!(status(6, StatusGroup::Expired, "SMS"), None);
    let error = |id, group, channel| error_by_id(id, group, channel).map(|it| it.name);
    assert_eq!(error(2053, ErrorGroup::User, "SMS"), None);
    for group in [ErrorGroup::User, ErrorGroup::Operator] {
        assert_eq!(error(4102, group, "SMS"), Some("EC_NOTSUBMITTEDTOSMPPCHANNEL"));
    }
    assert_eq!(error(4102, ErrorGroup::Bounced, "SMS"), None);
}

#[test]
fn the_codes_of_chat_are_those_of_every_channel_without_a_family_of_its_own() {
    for (channel, family) in [
        ("VIBER", Family::Chat),
        ("A_NEW_CHAT", Family::Chat),
        ("sms", Family::Dlt),
        ("Voice", Family::VoiceAndWebRtc),
        ("MMS", Family::Mms),
        ("EMAIL", Family::Email),
        ("PUSH", Family::Push),
    ] {
        assert!(family.includes(channel) && Family::General.includes(channel), "{channel}");
        assert_eq!(Family::Chat.includes(channel), family == Family::Chat, "{channel}");
        assert!(family.includes(""));
    }
}

#[test]
fn a_name_is_found_in_any_letter_case_with_every_id_it_has() {
    let ids = |word: &str| find(word).into_iter().map(Code::id).collect::<Vec<_>>();
    assert_eq!(ids("rejected_destination"), [52, 14]);
    assert_eq!(ids("pending"), [1]);
    assert_eq!(ids("Busy"), [97, 10201]);
    assert_eq!(find("Handset_Errors"), [Code::ErrorGroup(ErrorGroup::Handset)]);
    assert_eq!(ids("PENDIN"), [0; 0]);
    assert_eq!(status("busy").map(|status| status.id), Some(97));
    assert_eq!(error("ec_spam_detected").map(|error| error.id), Some(6002));
}

#[test]
fn every_published_status_is_as_final_as_its_group_says() {
    for status in statuses() {
        let of = |name: &str| {
            let status = format!(r#"{{"name":"{name}","groupName":"{}"}}"#, status.group);
            Log::new(format!(r#"{{"status":{status}}}"#)).finality()
        };
        let (is_final, known) = (of("A_NAME_NOT_PUBLISHED"), of(status.name));
        assert!(known == is_final || status.name == "DELIVERED_TO_OPERATOR", "{}", status.name);
        assert_eq!(known == Finality::Final, status.is_final, "{}", status.name);
    }
}
