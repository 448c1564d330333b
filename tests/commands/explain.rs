//! `omnilogs explain`: the published codes, without an account.

use crate::support::omnilogs;

#[test]
fn codes_are_explained_without_an_account() {
    let ran = omnilogs().args(["explain", "5", "pending"]).run().code(0);
    for name in ["DELIVERED_TO_HANDSET", "EC_UNIDENTIFIED_SUBSCRIBER", "PENDING  status group 1"] {
        assert!(ran.stdout.contains(name), "{}", ran.stdout);
    }
    let ran = omnilogs().args(["explain", "EC_ABSENT_SUBSCRIBR", "-o", "json"]).run().code(2);
    assert_eq!(ran.stdout, "");
    assert_eq!(ran.error_json()["error"]["kind"], "usage");
    ran.says("omnilogs explain EC_ABSENT_SUBSCRIBER");
    omnilogs().args(["explain"]).run().code(2);
    let list = omnilogs().args(["explain", "--list", "-o", "csv"]).run().code(0);
    // Groups of statuses, statuses, groups of errors, errors, and the header.
    assert_eq!(list.stdout.lines().count(), 6 + 64 + 11 + 394 + 1);
}
