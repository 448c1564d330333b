use super::*;

fn ids(test: &mut TestStore, selection: &Selection) -> Vec<String> {
    let id = |json: String| Log::new(json).cell(crate::Field::MessageId).into_text().into_owned();
    test.texts(selection).into_iter().map(id).collect()
}

fn filled(test: &mut TestStore) {
    let rows: Vec<_> = (0..10)
        .map(|n| match n % 5 {
            0 => with_status(&format!("m{n}"), 100 + n / 2, "PENDING", "PENDING_ENROUTE"),
            _ => message(&format!("m{n}"), 100 + n / 2),
        })
        .collect();
    test.write(1000, &rows);
}

/// A24.
#[test]
fn rows_come_newest_first_and_each_once_whatever_the_page() {
    on_each_store(|test| {
        filled(test);
        let whole = test.store.rows(&Selection::default(), None, 100).unwrap();
        assert!(whole.is_sorted_by(|one, next| one.at >= next.at));
        assert_eq!(whole.len(), 10);
        let whole: Vec<_> = whole.iter().map(|row| row.log.json().to_owned()).collect();
        assert_eq!(test.texts(&Selection::default()), whole);
    });
}

#[test]
fn every_part_of_a_selection_selects() {
    on_each_store(|test| {
        filled(test);
        let range =
            Selection { range: Some(TimeRange { since: 101, until: 103 }), ..Selection::default() };
        let mut in_range = ids(test, &range);
        in_range.sort();
        assert_eq!(in_range, ["m2", "m3", "m4", "m5"]);

        let some = Selection {
            message_ids: ["m7", "m1", "no"].map(str::to_owned).into(),
            ..Selection::default()
        };
        assert_eq!(ids(test, &some), ["m7", "m1"]);

        let pending = Selection { statuses: vec![StatusGroup::Pending], ..Selection::default() };
        assert_eq!(ids(test, &pending), ["m5", "m0"]);

        let to =
            Selection { destinations: vec!["447700900104".to_owned()], ..Selection::default() };
        assert_eq!(ids(test, &to), ["m9", "m8"]);
        let several = Selection {
            destinations: ["447700900104", "447700900102", "1"].map(str::to_owned).into(),
            statuses: vec![StatusGroup::Delivered, StatusGroup::Expired],
            ..Selection::default()
        };
        assert_eq!(ids(test, &several), ["m9", "m8", "m4"]);

        let bulk = Selection { bulk_ids: vec!["b-1".to_owned()], ..Selection::default() };
        assert_eq!(ids(test, &bulk), ["m7", "m6", "m3", "m2"]);

        let prefix = Selection { message_id_prefix: Some("m7".to_owned()), ..Selection::default() };
        assert_eq!(ids(test, &prefix), ["m7"]);

        let all_at_once = Selection {
            account: Some(test.account),
            range: Some(TimeRange { since: 100, until: 104 }),
            destinations: vec!["447700900103".to_owned()],
            message_ids: vec!["m7".to_owned(), "m9".to_owned()],
            bulk_ids: vec!["b-1".to_owned()],
            message_id_prefix: Some("m".to_owned()),
            statuses: vec![StatusGroup::Delivered],
        };
        assert_eq!(ids(test, &all_at_once), ["m7"]);
        let unknown =
            Selection { account: Some(AccountId(test.account.0 + 1)), ..Selection::default() };
        assert_eq!(ids(test, &unknown), Vec::<String>::new());
    });
}

#[test]
fn more_ids_than_a_statement_takes_values_are_looked_up() {
    on_each_store(|test| {
        filled(test);
        let message_ids = (0..50_000).map(|n| format!("m{}", n + 9)).collect();
        assert_eq!(ids(test, &Selection { message_ids, ..Selection::default() }), ["m9"]);
    });
}

#[test]
fn pending_messages_come_oldest_first_and_leave_when_they_are_final() {
    on_each_store(|test| {
        filled(test);
        let every = TimeRange { since: i64::MIN, until: i64::MAX };
        let pending = test.store.pending(test.account, every, None, 1).unwrap();
        assert_eq!((pending[0].key.message_id().unwrap().as_ref(), pending[0].at), ("m0", 100));
        let next = test.store.pending(test.account, every, pending.last(), 5).unwrap();
        assert_eq!((next.len(), next[0].key.message_id().unwrap().as_ref()), (1, "m5"));
        let rest = test.store.pending(test.account, every, next.last(), 5);
        assert_eq!(rest, Ok(Vec::new()));
        assert_eq!(test.store.count_pending(test.account, every), Ok(2));
        let until = TimeRange { since: 100, until: 102 };
        assert_eq!(test.store.count_pending(test.account, until), Ok(1));
        test.write(1001, &[message("m0", 100)]);
        assert_eq!(test.store.count_pending(test.account, every), Ok(1));
    });
}
