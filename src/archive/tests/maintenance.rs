use super::*;

const NUMBER: &str = "447700900123";

fn message_to(id: &str, to: &str, at: i64) -> Log {
    Log::new(message(id, at).json().replacen(&format!("447700900{:03}", at % 1000), to, 1))
}

fn erasure(target: ErasureTarget) -> Erasure {
    Erasure { target, now: 1000, suppressed_until: 2000 }
}

fn to_number() -> Erasure {
    erasure(ErasureTarget::Destination(format!("+{NUMBER}")))
}

fn intact(test: &mut TestStore) {
    let verification = test.store.verify(VerifyDepth::Full).unwrap();
    assert_eq!(verification.problems, Vec::<String>::new());
    assert_eq!(verification.stale_messages, 0);
    let figures = test.store.figures().unwrap();
    assert_eq!(
        (verification.messages, verification.versions),
        (figures.messages, figures.versions)
    );
}

#[test]
fn every_text_of_a_message_is_kept_in_the_order_in_which_it_was_seen() {
    on_each_store(|test| {
        let texts = [
            with_status("m", 5, "DELIVERED", "DELIVERED_TO_HANDSET"),
            with_status("m", 5, "PENDING", "PENDING_ENROUTE"),
        ];
        test.write(9, &texts[..1]);
        test.write(7, &texts[1..]);
        let key = test.store.rows(&Selection::default(), None, 1).unwrap()[0].key();
        let versions = test.store.versions(test.account, &key).unwrap();
        let seen: Vec<_> =
            versions.iter().map(|version| (version.seen_at, version.is_current)).collect();
        assert_eq!(seen, [(7, false), (9, true)]);
        assert_eq!(versions[0].log.json(), texts[1].json());
        let other = MessageKey { ident: "other".to_owned(), ..key };
        assert!(test.store.versions(test.account, &other).unwrap().is_empty());
        intact(test);
    });
}

#[test]
fn figures_count_messages_and_texts() {
    on_each_store(|test| {
        assert_eq!(test.store.account_figures(test.account), Ok(AccountFigures::default()));
        test.write(9, &[message("a", 5), message("b", 8), with_status("c", 6, "PENDING", "P")]);
        test.write(9, &[message("c", 6)]);
        let of_account = test.store.account_figures(test.account).unwrap();
        assert_eq!(of_account, AccountFigures { messages: 3, oldest: Some(5), newest: Some(8) });
        let figures = test.store.figures().unwrap();
        assert_eq!((figures.messages, figures.versions, figures.erasures), (3, 4, 0));
        assert!(figures.bytes > figures.free_bytes.unwrap_or_default());
    });
}

#[test]
fn old_messages_are_pruned_in_steps() {
    on_each_store(|test| {
        let rows: Vec<_> = (0..20).map(|n| message(&format!("m{n}"), n)).collect();
        test.write(100, &rows);
        test.write(101, &[with_status("m3", 3, "EXPIRED", "EXPIRED_EXPIRED")]);
        test.write(101, &[with_status("m4", 4, "REJECTED", "REJECTED_NETWORK")]);
        let prune = PruneOptions { account: Some(test.account), before: 10, keeps_failed: true };
        let expected = DeletedCounts { messages: 8, versions: 8 };
        assert_eq!(test.store.count_prunable(&prune), Ok(expected));
        let everything = PruneOptions { keeps_failed: false, ..prune };
        let all = DeletedCounts { messages: 10, versions: 12 };
        assert_eq!(test.store.count_prunable(&everything), Ok(all));

        let lease = test.lease.clone();
        let (mut deleted, mut after, mut steps) = (DeletedCounts::default(), None, 0);
        loop {
            let step = test.store.prune(&lease, &prune, after.as_ref(), 3).unwrap();
            deleted.add(step.deleted);
            steps += 1;
            after = step.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!((deleted, steps), (expected, 3));
        assert_eq!(test.texts(&Selection::default()).len(), 12);
        intact(test);
        let other = PruneOptions { account: Some(AccountId(test.account.0 + 1)), ..everything };
        assert_eq!(test.store.count_prunable(&other), Ok(DeletedCounts::default()));
    });
}

#[test]
fn pruning_takes_the_time_out_of_the_ledger() {
    on_each_store(|test| {
        let (lease, account) = (test.lease.clone(), test.account);
        test.cover(0, 30, 40);
        test.store.set_start(&lease, account, Scope::ALL, 0).unwrap();
        for (since, until) in [(2, 4), (8, 12), (20, 22)] {
            let range = TimeRange { since, until };
            let reason = "the server failed".to_owned();
            let gap = GapRecord {
                range,
                reason,
                at_least: 0,
                found: 1,
                lost: Some(1),
                acknowledged: None,
            };
            test.store.record_gap(&lease, account, Scope::ALL, &gap).unwrap();
        }
        let prune = PruneOptions { account: None, before: 10, keeps_failed: false };
        test.store.prune(&lease, &prune, None, 100).unwrap();
        let ledger = test.store.ledger(account, Scope::ALL).unwrap();
        assert_eq!(ledger.start, Some(10));
        assert_eq!(ledger.covered(), [TimeRange { since: 10, until: 30 }]);
        let gaps: Vec<_> =
            ledger.gaps.iter().map(|gap| (gap.range.since, gap.range.until)).collect();
        assert_eq!(gaps, [(10, 12), (20, 22)]);
    });
}

/// A25.
#[test]
fn an_erased_number_is_nowhere_in_the_archive() {
    on_each_store(|test| {
        let rows: Vec<_> = (0_u16..300)
            .map(|n| {
                let to = if n % 10 == 0 { NUMBER.to_owned() } else { format!("4477008{n:05}") };
                with_status(
                    &format!("m{n}"),
                    5000 + i64::from(n),
                    "PENDING",
                    &format!("{:P>width$}", "", width = 20 + usize::from(n)),
                )
                .json()
                .replacen(&format!("447700900{n:03}"), &to, 1)
            })
            .map(Log::new)
            .collect();
        test.write(1, &rows);
        // A status that changes makes rows move within the file.
        let later = |log: &Log| Log::new(log.json().replace("PENDING", "DELIVERED"));
        test.write(2, &rows.iter().map(later).collect::<Vec<_>>());
        test.write(3, &[message_to("other", "+44 7700 900123", 7)]);

        let count = test.store.count_erasable(&to_number()).unwrap();
        assert_eq!(count, DeletedCounts { messages: 31, versions: 61 });
        let lease = test.lease.clone();
        let report = test.store.erase(&lease, &to_number()).unwrap();
        assert_eq!(report, ErasureReport { deleted: count, mentions: 0, found: 0 });
        assert_eq!(test.store.figures().unwrap().erasures, 1);
        assert_eq!(test.texts(&Selection::default()).len(), 270);
        intact(test);
    });
}

/// A26.
#[test]
fn an_erased_number_does_not_come_back_while_the_server_keeps_it() {
    on_each_store(|test| {
        let lease = test.lease.clone();
        let rows = [message_to("a", "+44 7700 900123", 7), message_to("b", "447700900777", 8)];
        assert_eq!(test.write(1, &rows).new, 2);
        test.store.erase(&lease, &to_number()).unwrap();
        let counts = test.write(1999, &rows);
        assert_eq!((counts.suppressed, counts.unchanged, counts.new), (1, 1, 0));
        assert_eq!(test.write(2000, &rows).new, 1);
    });
}

#[test]
fn one_message_is_erased_by_its_id_and_its_destination_may_come_again() {
    on_each_store(|test| {
        let lease = test.lease.clone();
        test.write(1, &[message_to("a", NUMBER, 7), message_to("b", NUMBER, 8)]);
        let erasure = erasure(ErasureTarget::MessageId("a".to_owned()));
        let report = test.store.erase(&lease, &erasure).unwrap();
        assert_eq!(report.deleted, DeletedCounts { messages: 1, versions: 1 });
        let counts = test.write(2, &[message_to("a", NUMBER, 7), message_to("c", NUMBER, 9)]);
        assert_eq!((counts.suppressed, counts.new), (1, 1));
    });
}

#[test]
fn what_an_earlier_text_had_is_erased_and_what_another_message_mentions_is_reported() {
    on_each_store(|test| {
        let lease = test.lease.clone();
        test.write(1, &[message_to("a", NUMBER, 7)]);
        test.write(2, &[message_to("a", "447700900777", 7)]);
        let mention = message_to("b", "447700900778", 8)
            .json()
            .replace("\"hi\"", &format!("\"call {NUMBER}\""));
        test.write(2, &[Log::new(mention)]);
        let report = test.store.erase(&lease, &to_number()).unwrap();
        assert_eq!(report.deleted, DeletedCounts { messages: 1, versions: 2 });
        assert_eq!((report.mentions, report.found), (1, 1));
    });
}

/// The first message is to the number or has the id; the others have texts with numbers and ids. The id is
/// so long that no other bytes of the archive are equal to it by chance.
fn erased_beside(test: &mut TestStore, target: ErasureTarget, texts: &[&str]) -> ErasureReport {
    let mut rows = vec![message_to("m0a1b2c3d4", NUMBER, 7)];
    for (n, text) in (1_u8..).zip(texts) {
        let row = message_to(&format!("m-{n}"), "447700900778", 8).json().replace("hi", text);
        rows.push(Log::new(row));
    }
    rows.push(message_to("xm0a1b2c3d4", &format!("{NUMBER}1"), 9));
    rows.push(message_to("m0a1b2c3d4-2", "+14477 00900123", 9));
    test.write(1, &rows);
    let lease = test.lease.clone();
    test.store.erase(&lease, &erasure(target)).unwrap()
}

#[test]
fn a_longer_number_or_id_that_contains_the_erased_one_is_not_a_copy_of_it() {
    on_each_store(|test| {
        let target = ErasureTarget::Destination(NUMBER.to_owned());
        let texts = ["call +44 7700 9001234", "14477009001231"];
        let report = erased_beside(test, target, &texts);
        assert_eq!((report.deleted.messages, report.mentions, report.found), (1, 0, 0));
    });
    on_each_store(|test| {
        let target = ErasureTarget::MessageId("m0a1b2c3d4".to_owned());
        let report = erased_beside(test, target, &["not m0a1b2c3d41, m0a1b2c3d4_1 or 1m0a1b2c3d4"]);
        assert_eq!((report.deleted.messages, report.mentions, report.found), (1, 0, 0));
    });
}

#[test]
fn a_number_with_other_characters_between_its_digits_in_a_text_is_reported() {
    let texts = [
        "call +44 7700 900 123",
        "44-7700-900-123.",
        "+44.7700.900123",
        "+44 (7700) 900123",
        "+44 (0)7700 900123",
        "00447700900123",
        r"44\u00a07700\/900123",
        "44\u{A0}7700\u{2011}900123",
        "https://wa.me/?text=call%20447700900123",
        "44%207700%20900123",
        "44_7700:900,1;2*3",
        r"\u0034\u0034\u00377700900123 \u0034\u00347700900123",
        "\u{FF14}\u{FF14}\u{FF17}\u{FF17}00900123 (٤٤٧٧٠٠٩٠٠١٢٣)",
        "44 7700 900 124",
    ];
    on_each_store(|test| {
        let target = ErasureTarget::Destination(NUMBER.to_owned());
        let report = erased_beside(test, target, &texts);
        assert_eq!((report.deleted.messages, report.mentions, report.found), (1, 13, 14));
    });
    on_each_store(|test| {
        let target = ErasureTarget::MessageId("m0a1b2c3d4".to_owned());
        let report = erased_beside(
            test,
            target,
            &["see m0a1b2c3d4.", "(m0a1b2c3d4)", r"%20m0a1b2c3d4 \u006d0a1b2c3d4"],
        );
        assert_eq!((report.deleted.messages, report.mentions, report.found), (1, 3, 4));
    });
}

#[test]
fn an_address_is_erased_in_upper_and_lower_case() {
    on_each_store(|test| {
        let lease = test.lease.clone();
        let mention = |id: &str, text: &str| {
            Log::new(message_to(id, "447700900778", 8).json().replace("hi", text))
        };
        let rows = [
            message_to("a", "A.B@Example.com", 7),
            message_to("b", "a.b@example.com", 7),
            message_to("c", "x.a.b@example.org", 7),
            mention("d", "write to A.B@EXAMPLE.COM"),
            mention("e", "-a.b@example.com"),
        ];
        test.write(1, &rows);
        let erasure = erasure(ErasureTarget::Destination("a.B@example.com".to_owned()));
        let count = test.store.count_erasable(&erasure).unwrap();
        let report = test.store.erase(&lease, &erasure).unwrap();
        assert_eq!(count, DeletedCounts { messages: 2, versions: 2 });
        assert_eq!(report, ErasureReport { deleted: count, mentions: 2, found: 2 });
        let counts = test.write(3, &rows);
        assert_eq!((counts.suppressed, counts.new), (2, 0));
    });
}

#[test]
fn erasing_what_is_not_there_deletes_nothing() {
    on_each_store(|test| {
        let lease = test.lease.clone();
        test.write(1, &[message("a", 7)]);
        for target in [
            ErasureTarget::Destination(String::new()),
            ErasureTarget::MessageId("not-there".into()),
        ] {
            let report = test.store.erase(&lease, &erasure(target)).unwrap();
            assert_eq!(report, ErasureReport::default());
        }
        assert_eq!(test.texts(&Selection::default()).len(), 1);
    });
}

#[test]
fn rebuilding_an_archive_that_is_right_changes_nothing() {
    on_each_store(|test| {
        let lease = test.lease.clone();
        let rows = [message("a", 7), Log::new(r#"{"to":"1"}"#), message("b", 9)];
        test.write(3, &rows);
        test.write(2, &[with_status("a", 7, "PENDING", "PENDING_ENROUTE")]);
        let before = test.texts(&Selection::default());
        assert_eq!(test.store.rebuild(&lease), Ok(0));
        assert_eq!(test.texts(&Selection::default()), before);
        test.store.compact(&lease).unwrap();
        assert_eq!(test.texts(&Selection::default()), before);
        intact(test);
    });
}
