use proptest::prelude::*;

use super::*;

fn ledger(test: &mut TestStore) -> Ledger {
    test.store.ledger(test.account, Scope::ALL).unwrap()
}

fn range(since: i64, until: i64) -> TimeRange {
    TimeRange { since, until }
}

fn gap(since: i64, until: i64) -> GapRecord {
    GapRecord {
        range: range(since, until),
        reason: "the server failed".to_owned(),
        at_least: 3,
        found: 50,
        lost: None,
        acknowledged: None,
    }
}

#[test]
fn pages_that_touch_become_one_range() {
    on_each_store(|test| {
        for (since, until) in [(30, 40), (20, 30), (25, 32), (0, 10)] {
            test.cover(since, until, 7);
        }
        let ledger = ledger(test);
        let listed: Vec<_> = ledger.listed.iter().map(|piece| piece.range).collect();
        assert_eq!(listed, [range(0, 10), range(20, 40)]);
        assert_eq!(ledger.uncovered(range(-5, 50)), [range(-5, 0), range(10, 20), range(40, 50)]);
        assert_eq!(ledger.newest(), Some(40));
    });
}

#[test]
fn scopes_and_accounts_have_ledgers_of_their_own() {
    on_each_store(|test| {
        test.cover(0, 10, 7);
        let lease = test.lease.clone();
        test.store.set_start(&lease, test.account, Scope::ALL, 5).unwrap();
        test.store.record_gap(&lease, test.account, Scope::ALL, &gap(1, 2)).unwrap();
        let scope = Scope("channel=SMS");
        assert_eq!(test.store.ledger(test.account, scope), Ok(Ledger::default()));
        let other = AccountId(test.account.0 + 1);
        assert_eq!(test.store.ledger(other, Scope::ALL), Ok(Ledger::default()));
    });
}

#[test]
fn the_start_is_set_once() {
    on_each_store(|test| {
        let lease = test.lease.clone();
        for start in [5, 3, 9] {
            test.store.set_start(&lease, test.account, Scope::ALL, start).unwrap();
        }
        assert_eq!(ledger(test).start, Some(5));
    });
}

#[test]
fn a_gap_is_recorded_once_and_shrinks_as_it_is_filled() {
    on_each_store(|test| {
        let (lease, account) = (test.lease.clone(), test.account);
        let later = GapRecord { at_least: 9, found: 60, ..gap(10, 20) };
        for gap in [gap(10, 20), later, gap(40, 50)] {
            test.store.record_gap(&lease, account, Scope::ALL, &gap).unwrap();
        }
        let gaps = ledger(test).gaps;
        assert_eq!(gaps, [GapRecord { at_least: 9, ..gap(10, 20) }, gap(40, 50)]);

        test.cover(13, 15, 1);
        test.cover(40, 60, 1);
        let ranges: Vec<_> = ledger(test).gaps.iter().map(|gap| gap.range).collect();
        assert_eq!(ranges, [range(10, 13), range(15, 20)]);
        assert!(ledger(test).gaps.iter().all(|gap| gap.at_least == 0));
    });
}

#[test]
fn a_lost_gap_stays_and_can_be_acknowledged() {
    on_each_store(|test| {
        let (lease, account) = (test.lease.clone(), test.account);
        test.store.record_gap(&lease, account, Scope::ALL, &gap(10, 20)).unwrap();
        let lost = GapRecord { lost: Some(70), ..gap(10, 20) };
        test.store.record_gap(&lease, account, Scope::ALL, &lost).unwrap();
        test.cover(0, 30, 1);
        assert_eq!(ledger(test).gaps, std::slice::from_ref(&lost));
        assert_eq!(test.store.acknowledge_gaps(&lease, account, 80), Ok(1));
        assert_eq!(test.store.acknowledge_gaps(&lease, account, 90), Ok(0));
        assert_eq!(ledger(test).gaps, [GapRecord { acknowledged: Some(80), ..lost }]);
    });
}

#[test]
fn folding_joins_pieces_whose_messages_have_expired() {
    on_each_store(|test| {
        for (since, until, listed_at) in [(0, 10, 3), (10, 20, 2), (20, 30, 4), (40, 50, 4)] {
            test.cover(since, until, listed_at);
        }
        let lease = test.lease.clone();
        test.store.fold_ledger(&lease, test.account, Scope::ALL, 20).unwrap();
        let listed = ledger(test).listed;
        let piece = |since, until, listed_at| LedgerPiece { range: range(since, until), listed_at };
        assert_eq!(listed, [piece(0, 20, 2), piece(20, 30, 4), piece(40, 50, 4)]);
    });
}

#[test]
fn the_ledger_is_the_same_in_whatever_order_it_was_written() {
    let listing = (0_i64..40, 1_i64..15, 0_i64..5);
    let listings = prop::collection::vec(listing, 1..10);
    let config =
        ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |((listings, shuffled) in listings
        .prop_flat_map(|listings| (Just(listings.clone()), Just(listings).prop_shuffle())))| {
        for make in stores() {
            let ledgers = [&listings, &shuffled].map(|listings| {
                let mut test = make();
                for (since, length, listed_at) in listings {
                    test.cover(*since, since + length, *listed_at);
                }
                ledger(&mut test)
            });
            prop_assert_eq!(&ledgers[0], &ledgers[1]);
        }
    });
}
