use super::*;

#[test]
fn one_program_has_the_lease_until_it_is_released_or_expires() {
    on_each_store(|test| {
        let store = &mut test.store;
        let busy = store.take_lease(&lease_request(Lease::MILLIS - 1)).unwrap_err();
        let StoreError::Busy { holder: Some(holder), .. } = &busy else { panic!("{busy:?}") };
        assert_eq!((holder.pid, holder.host.as_str(), holder.since), (7, "host", 0));
        assert!(busy.to_string().contains("in use by process 7 on host"), "{busy}");

        let second = store.take_lease(&lease_request(Lease::MILLIS)).unwrap();
        assert!(second.fence > test.lease.fence);
        store.release_lease(&test.lease).unwrap();
        assert!(store.take_lease(&lease_request(Lease::MILLIS)).is_err());
        store.release_lease(&second).unwrap();
        assert!(store.take_lease(&lease_request(Lease::MILLIS)).unwrap().fence > second.fence);
    });
}

#[test]
fn a_lease_whose_holder_has_ended_is_replaced() {
    on_each_store(|test| {
        let request = LeaseRequest { replaces: Some(test.lease.fence), ..lease_request(1) };
        let lease = test.store.take_lease(&request).unwrap();
        assert!(test.store.take_lease(&request).is_err());
        assert!(test.store.renew_lease(&lease, 1).is_ok());
    });
}

/// A03.
#[test]
fn a_holder_whose_lease_was_taken_cannot_write() {
    on_each_store(|test| {
        let rows = keyed(&[message("m1", 1)]);
        test.store.take_lease(&lease_request(Lease::MILLIS)).unwrap();
        let page = page(&test.lease, test.account, test.run, 1, &rows);
        let lost = |error: StoreError| assert!(matches!(error, StoreError::LeaseLost { .. }));
        lost(test.store.write_page(&page).unwrap_err());
        lost(test.store.renew_lease(&test.lease, 1).unwrap_err());
        lost(test.store.set_start(&test.lease, test.account, Scope::ALL, 1).unwrap_err());
        lost(test.store.add_account(&test.lease, "other", "https://b").unwrap_err());
        assert_eq!(test.texts(&Selection::default()), Vec::<String>::new());
    });
}

#[test]
fn a_page_renews_the_lease() {
    on_each_store(|test| {
        let page = PageWrite { now: 100_000, ..page(&test.lease, test.account, test.run, 1, &[]) };
        test.store.write_page(&page).unwrap();
        assert!(test.store.take_lease(&lease_request(Lease::MILLIS)).is_err());
        assert!(test.store.take_lease(&lease_request(100_000 + Lease::MILLIS)).is_ok());
    });
}

fn base_url(test: &mut TestStore) -> String {
    let accounts = test.store.accounts().unwrap();
    accounts.into_iter().find(|account| account.id == test.account).unwrap().base_url
}

#[test]
fn an_account_with_messages_or_coverage_belongs_to_one_server() {
    let fillings: [fn(&mut TestStore); 2] = [
        |test| test.cover(0, 10, 7),
        |test| {
            test.write(1, &[message("m1", 5)]);
        },
    ];
    for fill in fillings {
        on_each_store(|test| {
            fill(test);
            let same = test.store.add_account(&test.lease, "default", "https://api.example.com");
            assert_eq!(same, Ok(test.account));
            let other =
                test.store.add_account(&test.lease, "other", "https://api.example.com").unwrap();
            assert_ne!(other, test.account);
            let error = test.store.add_account(&test.lease, "default", "https://b").unwrap_err();
            assert!(matches!(error, StoreError::OtherServer { .. }), "{error:?}");
            assert_eq!(base_url(test), "https://api.example.com");
            let names: Vec<_> =
                test.store.accounts().unwrap().into_iter().map(|account| account.name).collect();
            assert_eq!(names, ["default", "other"]);
        });
    }
}

#[test]
fn an_account_that_holds_nothing_takes_another_base_url() {
    on_each_store(|test| {
        let other = test.store.add_account(&test.lease, "other", "https://c").unwrap();
        let rows = keyed(&[message("m1", 5)]);
        test.store.write_page(&page(&test.lease, other, test.run, 1, &rows)).unwrap();
        let moved = test.store.add_account(&test.lease, "default", "https://b\\");
        assert_eq!(moved, Ok(test.account));
        assert_eq!(base_url(test), "https://b\\");
    });
}

#[test]
fn an_account_without_a_known_server_gets_the_first_one_that_is_known() {
    on_each_store(|test| {
        test.account = test.store.add_account(&test.lease, "imported", "").unwrap();
        test.write(1, &[message("m1", 5)]);
        for base_url in ["", "https://b", ""] {
            let same = test.store.add_account(&test.lease, "imported", base_url);
            assert_eq!(same, Ok(test.account));
        }
        assert_eq!(base_url(test), "https://b");
        let error = test.store.add_account(&test.lease, "imported", "https://c").unwrap_err();
        assert!(matches!(error, StoreError::OtherServer { .. }), "{error:?}");
    });
}

#[test]
fn a_run_is_recorded_when_it_begins_and_when_it_ends() {
    on_each_store(|test| {
        let counts = RunCounts { requests: 1, rows: 2, new: 3, changed: 4, clock_offset: Some(-5) };
        let start = RunStart { account: test.account, started: 9, program: "p", host: "h" };
        let second = test.store.begin_run(&test.lease, &start).unwrap();
        test.store.end_run(&test.lease, test.run, 8, "complete", &counts).unwrap();
        let runs = test.store.runs(test.account, 10).unwrap();
        assert_eq!((runs[0].id, runs[0].started, runs[0].ended), (second, 9, None));
        assert_eq!((runs[1].ended, runs[1].outcome.as_str()), (Some(8), "complete"));
        assert_eq!(runs[1].counts, counts);
        assert_eq!(test.store.runs(test.account, 1).unwrap(), runs[..1]);
    });
}

#[test]
fn a_bookmark_keeps_the_latest_value_of_each_account() {
    on_each_store(|test| {
        let (account, lease) = (test.account, test.lease.clone());
        assert_eq!(test.store.bookmark(account, "refreshed"), Ok(None));
        for value in [7, -3] {
            test.store.set_bookmark(&lease, account, "refreshed", value).unwrap();
        }
        assert_eq!(test.store.bookmark(account, "refreshed"), Ok(Some(-3)));
        assert_eq!(test.store.bookmark(AccountId(account.0 + 1), "refreshed"), Ok(None));
    });
}
