//! Whether a row fits a query: the filters as the server applies them.
//!
//! Used for rows that no server filtered. Parameters that this crate does not know, and the limit,
//! are not looked at.

use std::collections::HashSet;

use crate::model::{Field, Log};

use super::{Query, phone_number};

/// The filters of a query, prepared for many rows.
#[derive(Clone, Debug)]
pub struct RowFilter {
    query: Query,
    from: Option<Party>,
    to: Option<Party>,
    bulk_ids: HashSet<String>,
    message_ids: HashSet<String>,
}

impl RowFilter {
    /// Of this query.
    #[must_use]
    pub fn new(query: &Query) -> Self {
        let set = |ids: &[String]| ids.iter().cloned().collect();
        Self {
            from: query.from.as_deref().map(Party::new),
            to: query.to.as_deref().map(Party::new),
            bulk_ids: set(&query.bulk_ids),
            message_ids: set(&query.message_ids),
            query: query.clone(),
        }
    }

    /// Whether the row fits every filter. A row without a readable `sentAt` fits no time range.
    #[must_use]
    pub fn matches(&self, log: &Log) -> bool {
        let Query { status, channel, mcc, mnc, .. } = &self.query;
        let text = |field| log.cell(field).into_text();
        let named = |ids: &HashSet<String>, field| ids.is_empty() || ids.contains(&*text(field));
        let party = |wanted: &Option<Party>, field| {
            wanted.as_ref().is_none_or(|wanted| wanted.is(&text(field)))
        };
        named(&self.message_ids, Field::MessageId)
            && named(&self.bulk_ids, Field::BulkId)
            && party(&self.to, Field::To)
            && party(&self.from, Field::From)
            && status.is_none_or(|group| log.status_group() == Some(group))
            && channel.as_ref().is_none_or(|c| text(Field::Channel).eq_ignore_ascii_case(c))
            && mcc.as_ref().is_none_or(|mcc| split_network(&text(Field::Mccmnc)).0 == mcc)
            && mnc.as_ref().is_none_or(|mnc| split_network(&text(Field::Mccmnc)).1 == mnc)
            && self.in_range(log)
    }

    fn in_range(&self, log: &Log) -> bool {
        let Query { since, until, .. } = self.query;
        if since.is_none() && until.is_none() {
            return true;
        }
        log.sent_at().is_some_and(|sent| {
            since.is_none_or(|since| sent.millis() >= since.millis())
                && until.is_none_or(|until| sent.millis() <= until.millis())
        })
    }
}

impl Query {
    /// Whether the row fits every filter; for many rows, [`RowFilter`] is faster.
    #[must_use]
    pub fn matches(&self, log: &Log) -> bool {
        RowFilter::new(self).matches(log)
    }
}

/// A sender or a destination that is looked for.
#[derive(Clone, Debug)]
struct Party {
    text: String,
    /// Its digits, if it is a phone number: saved rows may have been written in another notation.
    number: Option<String>,
}

impl Party {
    fn new(text: &str) -> Self {
        Self { text: text.to_owned(), number: phone_number(text).ok().flatten() }
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

/// Mobile country code (always three digits, ITU-T E.212) and network code of a `mccmnc`.
#[must_use]
pub(crate) fn split_network(mccmnc: &str) -> (&str, &str) {
    mccmnc.split_at_checked(3).unwrap_or((mccmnc, ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{StatusGroup, Timestamp};

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
            to: Some("41793026727".into()),
            bulk_ids: vec!["b0".into(), "b1".into()],
            message_ids: vec!["m1".into()],
            status: Some(StatusGroup::Delivered),
            channel: Some("sms".into()),
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
        assert!(!Query { status: Some(StatusGroup::Pending), ..query }.matches(&row()));
    }

    #[test]
    fn a_number_is_found_in_whatever_notation_the_row_has_it() {
        let row = |to: &str| Log::new(serde_json::json!({ "to": to }).to_string());
        let query = Query { to: Some("12135550166".into()), ..Query::default() };
        for to in ["12135550166", "+12135550166", "+1 213 555 0166", "0012135550166"] {
            assert!(query.matches(&row(to)), "{to}");
        }
        for to in ["12135550167", "112135550166", "", "12135550166x", "012135550166"] {
            assert!(!query.matches(&row(to)), "{to}");
        }
        let typed = Query { to: Some("+1 213 555 0166".into()), ..Query::default() };
        assert!(typed.matches(&row("12135550166")));
        let name = Query { to: Some("Ana".into()), ..Query::default() };
        assert!(name.matches(&row("Ana")) && !name.matches(&row("ana")));
    }
}
