//! Whether a row fits a query: the filters as the server applies them.
//!
//! Used for rows that no server filtered. Parameters that this crate does not know, and the limit,
//! are not looked at.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use crate::model::{Log, Timestamp};

use super::filters::{FILTERS, Filter, Form};
use super::{Query, phone_number};

/// Whether a row fits one filter of a query.
type RowTest = Arc<dyn Fn(&Log) -> bool + Send + Sync>;

/// The filters of a query, prepared for many rows.
#[derive(Clone)]
pub struct RowFilter {
    tests: Vec<RowTest>,
}

impl RowFilter {
    /// Of this query.
    #[must_use]
    pub fn new(query: &Query) -> Self {
        Self { tests: FILTERS.iter().filter_map(|filter| row_test(filter, query)).collect() }
    }

    /// Whether the row fits every filter. A row without a readable `sentAt` fits no time range.
    #[must_use]
    pub fn matches(&self, log: &Log) -> bool {
        self.tests.iter().all(|fits| fits(log))
    }
}

impl fmt::Debug for RowFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowFilter").field("tests", &self.tests.len()).finish()
    }
}

impl Query {
    /// Whether the row fits every filter; for many rows, [`RowFilter`] is faster.
    #[must_use]
    pub fn matches(&self, log: &Log) -> bool {
        RowFilter::new(self).matches(log)
    }
}

/// Which rows fit the values that the query has for a filter; `None` when all do.
fn row_test(filter: &'static Filter, query: &Query) -> Option<RowTest> {
    let values = filter.values(query);
    if values.is_empty() {
        return None;
    }
    // A row without a readable time of sending fits no time range.
    let sent = |log: &Log| log.sent_at().map(Timestamp::millis);
    Some(match filter.form {
        Form::Limit => return None,
        Form::Since => {
            let since = query.since?.millis();
            Arc::new(move |log| sent(log).is_some_and(|sent| sent >= since))
        }
        Form::Until => {
            let until = query.until?.millis();
            Arc::new(move |log| sent(log).is_some_and(|sent| sent <= until))
        }
        Form::Party => {
            let parties: Vec<_> = values.into_iter().map(Party::new).collect();
            Arc::new(move |log| {
                let value = filter.value_of(log);
                parties.iter().any(|party| party.is(&value))
            })
        }
        Form::Ids | Form::CountryCode | Form::NetworkCode => {
            let values: HashSet<_> = values.into_iter().collect();
            Arc::new(move |log| values.contains(&*filter.value_of(log)))
        }
        Form::StatusGroup | Form::Channel => Arc::new(move |log| {
            let value = filter.value_of(log);
            values.iter().any(|wanted| wanted.eq_ignore_ascii_case(&value))
        }),
    })
}

/// A sender or a destination: the same text, or the same phone number, which a saved row may hold
/// in another notation.
struct Party {
    text: String,
    number: Option<String>,
}

impl Party {
    fn new(text: String) -> Self {
        let number = phone_number(&text).ok().flatten();
        Self { text, number }
    }

    fn is(&self, cell: &str) -> bool {
        if cell == self.text {
            return true;
        }
        let Some(number) = &self.number else { return false };
        // Nearly every cell is digits alone, which need no reading.
        if cell.bytes().all(|byte| byte.is_ascii_digit()) && !cell.starts_with('0') {
            return cell == number;
        }
        phone_number(cell).is_ok_and(|read| read.as_ref() == Some(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::StatusGroup;

    fn row() -> Log {
        let json = r#"{"messageId":"m1","bulkId":"b1","channel":"SMS","to":"41793026727","from":"InfoSMS",
            "sentAt":"2015-02-23T17:40:31.773+0100","mccmnc":"310260","status":{"groupName":"DELIVERED"}}"#;
        Log::read(json, |_| ())
    }

    #[test]
    fn a_row_fits_when_every_filter_fits() {
        let sent = Timestamp::parse("2015-02-23T16:40:31.773Z").unwrap();
        let query = Query {
            from: Some("InfoSMS".into()),
            to: vec!["41793026727".into()],
            bulk_ids: vec!["b0".into(), "b1".into()],
            message_ids: vec!["m1".into()],
            statuses: vec![StatusGroup::Delivered],
            channels: vec!["sms".into()],
            mcc: Some("310".into()),
            mnc: Some("260".into()),
            since: Some(sent),
            until: Some(sent),
            ..Query::default()
        };
        assert!(query.matches(&row()));
        assert!(!Query { mnc: Some("26".into()), ..query.clone() }.matches(&row()));
        assert!(!Query { until: Some(sent.plus_millis(-1)), ..query.clone() }.matches(&row()));
        assert!(!Query { since: Some(sent.plus_millis(1)), ..query.clone() }.matches(&row()));
        assert!(!Query { statuses: vec![StatusGroup::Pending], ..query }.matches(&row()));
    }

    #[test]
    fn a_row_fits_several_values_when_it_fits_any_of_them() {
        let query = Query {
            to: vec!["1".into(), "41793026727".into()],
            statuses: vec![StatusGroup::Pending, StatusGroup::Delivered],
            channels: vec!["PUSH".into(), "SMS".into()],
            ..Query::default()
        };
        assert!(query.matches(&row()));
        let others = Query { channels: vec!["PUSH".into(), "VIBER".into()], ..query };
        assert!(!others.matches(&row()));
    }

    #[test]
    fn a_number_is_found_in_whatever_notation_the_row_has_it() {
        let row = |to: &str| Log::new(serde_json::json!({ "to": to }).to_string());
        let query = Query { to: vec!["12135550166".into()], ..Query::default() };
        for to in ["12135550166", "+12135550166", "+1 213 555 0166", "0012135550166"] {
            assert!(query.matches(&row(to)), "{to}");
        }
        for to in ["12135550167", "112135550166", "", "12135550166x", "012135550166"] {
            assert!(!query.matches(&row(to)), "{to}");
        }
        let typed = Query { to: vec!["+1 213 555 0166".into()], ..Query::default() };
        assert!(typed.matches(&row("12135550166")));
        let name = Query { to: vec!["Ana".into()], ..Query::default() };
        assert!(name.matches(&row("Ana")) && !name.matches(&row("ana")));
    }
}
