//! The one place that knows the API's parameter names.
//!
//! The API's page calls one of them `bulkid` in its table and `bulkId` in its examples; the
//! examples work.

use std::borrow::Cow;

use super::Query;

/// Names that code outside needs to tell whether a question fixes a parameter.
pub(crate) mod name {
    pub(crate) const FROM: &str = "from";
    pub(crate) const BULK_ID: &str = "bulkId";
    pub(crate) const STATUS: &str = "generalStatus";
    pub(crate) const MCC: &str = "mcc";
    pub(crate) const MNC: &str = "mnc";
    pub(crate) const CHANNEL: &str = "channel";
}

/// A query parameter as it goes onto the wire, not yet percent-encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The API's name.
    pub name: Cow<'static, str>,
    /// The value; it may be a phone number, so it is masked wherever a person may read over one's
    /// shoulder.
    pub value: String,
}

impl Query {
    /// What is sent, in the order of the API's page: only what was given.
    #[must_use]
    pub fn parameters(&self) -> Vec<Parameter> {
        let joined = |ids: &[String]| (!ids.is_empty()).then(|| ids.join(","));
        let known: [(&'static str, Option<String>); 11] = [
            (name::FROM, self.from.clone()),
            ("to", self.to.clone()),
            (name::BULK_ID, joined(&self.bulk_ids)),
            ("messageId", joined(&self.message_ids)),
            (name::STATUS, self.status.map(|group| group.as_str().to_owned())),
            ("sentSince", self.since.map(crate::model::Timestamp::to_wire)),
            ("sentUntil", self.until.map(crate::model::Timestamp::to_wire)),
            ("limit", self.limit.map(|limit| limit.to_string())),
            (name::MCC, self.mcc.clone()),
            (name::MNC, self.mnc.clone()),
            (name::CHANNEL, self.channel.clone()),
        ];
        let extra = self.extra.iter().map(|(name, value)| Parameter {
            name: Cow::Owned(name.clone()),
            value: value.clone(),
        });
        known
            .into_iter()
            .filter_map(|(name, value)| {
                Some(Parameter { name: Cow::Borrowed(name), value: value? })
            })
            .chain(extra)
            .collect()
    }
}
