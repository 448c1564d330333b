use proptest::prelude::*;

use super::*;

const PENDING: (&str, &str) = ("PENDING", "PENDING_ENROUTE");
const OPERATOR: (&str, &str) = ("DELIVERED", "DELIVERED_TO_OPERATOR");
const HANDSET: (&str, &str) = ("DELIVERED", "DELIVERED_TO_HANDSET");

fn version(id: &str, (group, name): (&str, &str)) -> Log {
    with_status(id, 1000, group, name)
}

fn counts(new: u64, changed: u64, unchanged: u64) -> PageCounts {
    PageCounts { new, changed, unchanged, ..PageCounts::default() }
}

/// A10.
#[test]
fn the_same_page_twice_changes_nothing() {
    on_each_store(|test| {
        let rows: Vec<_> = (0..20).map(|n| message(&format!("m{n}"), n)).collect();
        assert_eq!(test.write(5, &rows), counts(20, 0, 0));
        let before = test.texts(&Selection::default());
        assert_eq!(test.write(6, &rows), counts(0, 0, 20));
        assert_eq!(test.texts(&Selection::default()), before);
        assert_eq!(before.len(), 20);
    });
}

/// A12.
#[test]
fn a_lagging_response_never_turns_a_final_status_back() {
    on_each_store(|test| {
        assert_eq!(test.write(1, &[version("m", PENDING)]), counts(1, 0, 0));
        assert_eq!(test.write(2, &[version("m", OPERATOR)]), counts(0, 1, 0));
        assert_eq!(test.write(3, &[version("m", HANDSET)]), counts(0, 1, 0));
        assert_eq!(test.write(4, &[version("m", PENDING)]), counts(0, 0, 1));
        let lagging = with_status("m", 1000, "PENDING", "PENDING_WAITING_DELIVERY");
        assert_eq!(test.write(5, &[lagging]), counts(0, 1, 0));
        let rows = test.store.rows(&Selection::default(), None, 10).unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].log.json(), version("m", HANDSET).json());
        let seen = [(1, false), (2, false), (3, true), (5, false)];
        assert_eq!(test.history(&rows[0]), seen);
    });
}

#[test]
fn one_message_id_on_two_channels_is_two_messages() {
    on_each_store(|test| {
        let sms = message("m", 1);
        let whatsapp = Log::new(sms.json().replace("SMS", "WHATSAPP"));
        assert_eq!(test.write(1, &[sms, whatsapp]), counts(2, 0, 0));
    });
}

#[test]
fn two_accounts_with_the_same_message_id_do_not_mix() {
    on_each_store(|test| {
        test.write(1, &[message("m", 1)]);
        test.account = test.store.add_account(&test.lease, "other", "https://b").unwrap();
        assert_eq!(test.write(1, &[message("m", 1)]), counts(1, 0, 0));
        let of_other = Selection { account: Some(test.account), ..Selection::default() };
        assert_eq!(test.texts(&of_other).len(), 1);
        assert_eq!(test.texts(&Selection::default()).len(), 2);
    });
}

#[test]
fn rows_without_an_id_and_without_a_time_are_kept_apart() {
    on_each_store(|test| {
        let rows = [r#"{"to":"1"}"#, r#"{"to":"2"}"#, r#"{"to":"1"}"#].map(Log::new);
        assert_eq!(test.write(7, &rows), counts(2, 0, 1));
        let rows = test.store.rows(&Selection::default(), None, 10).unwrap();
        assert!(rows.iter().all(|row| row.at == 7), "{rows:?}");
    });
}

/// A17.
#[test]
fn a_row_is_read_back_with_every_byte() {
    let bytes: [&[u8]; 5] = [
        b"{\"messageId\":\"a\",\"text\":\"\xFF\xC3(\"}",
        b"{\"messageId\":\"b\\u0000\",\"text\":\"\\u0000\"}",
        b"{\"messageId\" : \"c\",\"price\":{\"pricePerMessage\":0.0100}}",
        b"{\"messageId\":\"d\",\"to\":\"\xE6\xBC\"}",
        b"[1,2]",
    ];
    on_each_store(|test| {
        let rows: Vec<_> = bytes.iter().map(|row| crate::wire::row(row, |_| ()).unwrap()).collect();
        let written = test.write(1, &rows);
        assert_eq!((written.new, written.faulty), (5, 3));
        let mut read: Vec<_> = test.store.rows(&Selection::default(), None, 10).unwrap();
        read.sort_by_key(|row| row.log.bytes().to_vec());
        let mut expected = bytes.to_vec();
        expected.sort_unstable();
        assert_eq!(read.iter().map(|row| row.log.bytes()).collect::<Vec<_>>(), expected);
        assert!(read.iter().all(|row| rows.iter().any(|log| log.json() == row.log.json())));
    });
}

#[test]
fn a_page_that_fails_leaves_nothing() {
    on_each_store(|test| {
        let lease = Lease { fence: test.lease.fence + 1 };
        let rows = keyed(&[message("m", 1)]);
        let range = TimeRange { since: 0, until: 10 };
        let page = PageWrite {
            covers: Some(ListedRange { scope: Scope::ALL, range, listed_at: 1 }),
            ..page(&lease, test.account, test.run, 1, &rows)
        };
        assert!(test.store.write_page(&page).is_err());
        assert_eq!(test.texts(&Selection::default()), Vec::<String>::new());
        assert_eq!(test.store.ledger(test.account, Scope::ALL), Ok(Ledger::default()));
    });
}

/// A few messages with a few texts each, seen at several times.
fn any_sighting() -> impl Strategy<Value = (i64, usize, usize)> {
    (1_i64..6, 0_usize..3, 0_usize..5)
}

fn text_of(message: usize, version: usize) -> Log {
    let (group, name) =
        [PENDING, OPERATOR, HANDSET, ("EXPIRED", "EXPIRED_EXPIRED"), PENDING][version];
    let log = with_status(&format!("m{message}"), 1000, group, name);
    // The last one has no time of sending.
    if version == 4 { Log::new(log.json().replace("sentAt", "sent")) } else { log }
}

/// A10.
#[test]
fn the_same_rows_in_any_order_give_the_same_archive() {
    let sightings = prop::collection::vec(any_sighting(), 1..14);
    let config =
        ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |((sightings, shuffled) in sightings
        .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())))| {
        for make in stores() {
            let contents = [&sightings, &shuffled].map(|sightings| {
                let mut test = make();
                for (seen_at, message, version) in sightings {
                    test.write(*seen_at, &[text_of(*message, *version)]);
                }
                let rows = test.store.rows(&Selection::default(), None, 100).unwrap();
                let mut rows: Vec<_> = rows
                    .iter()
                    .map(|row| (row.log.json().to_owned(), row.at, test.history(row)))
                    .collect();
                rows.sort();
                rows
            });
            prop_assert_eq!(&contents[0], &contents[1]);
        }
    });
}
