//! Whether a row is one that was asked for: the filters as the server applies them.
//!
//! Used for answers that no server filtered. Parameters that this crate does not know, and the
//! limit, are not looked at.

use crate::model::{Field, Log};

use super::Query;

impl Query {
    /// Whether the row fits every filter. A row without a readable `sentAt` fits no time range.
    #[must_use]
    pub fn matches(&self, log: &Log) -> bool {
        let text = |field| log.cell(field).into_text();
        let is = |wanted: Option<&str>, field| wanted.is_none_or(|wanted| text(field) == wanted);
        let any = |wanted: &[String], field| {
            wanted.is_empty() || wanted.iter().any(|id| text(field) == id.as_str())
        };
        let network = text(Field::Mccmnc);
        is(self.from.as_deref(), Field::From)
            && is(self.to.as_deref(), Field::To)
            && any(&self.bulk_ids, Field::BulkId)
            && any(&self.message_ids, Field::MessageId)
            && self.status.is_none_or(|group| log.status_group() == Some(group))
            && self.channel.is_none_or(|c| text(Field::Channel).eq_ignore_ascii_case(c.as_str()))
            && self.mcc.as_deref().is_none_or(|mcc| split_network(&network).0 == mcc)
            && self.mnc.as_deref().is_none_or(|mnc| split_network(&network).1 == mnc)
            && self.in_range(log)
    }

    fn in_range(&self, log: &Log) -> bool {
        if self.since.is_none() && self.until.is_none() {
            return true;
        }
        log.sent_at().is_some_and(|sent| {
            self.since.is_none_or(|since| sent.millis() >= since.millis())
                && self.until.is_none_or(|until| sent.millis() <= until.millis())
        })
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
    use crate::model::{Channel, StatusGroup, Timestamp};

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
            channel: Some(Channel::Sms),
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
}
