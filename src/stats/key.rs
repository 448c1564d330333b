//! The keys by which messages are grouped.

use std::borrow::Cow;

use crate::model::codes;
use crate::model::{Field, Log, StatusGroup};

/// A key by which messages are grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Key {
    /// The channel.
    Channel,
    /// The status group.
    Status,
    /// The name of the status, or else its id.
    StatusName,
    /// The sender.
    Sender,
    /// The English name of the country of the mobile network, as a country can have several mobile
    /// country codes. For a network of no country, the first three digits of `mccmnc`.
    Country,
    /// The mobile network: all of `mccmnc`.
    Network,
    /// The bucket in which the message was sent, in the chosen zone.
    Bucket,
    /// The bulk of the message.
    BulkId,
    /// The name of the error, or else its id.
    Error,
}

impl Key {
    /// Every key, in the order in which people read them.
    pub const ALL: [Self; 9] = [
        Self::Channel,
        Self::Status,
        Self::StatusName,
        Self::Sender,
        Self::Country,
        Self::Network,
        Self::Bucket,
        Self::BulkId,
        Self::Error,
    ];

    /// Its name in machine formats, which [`Key::parse`] reads.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Channel => "channel",
            Self::Status => "status",
            Self::StatusName => "statusName",
            Self::Sender => "sender",
            Self::Country => "country",
            Self::Network => "network",
            Self::Bucket => "bucket",
            Self::BulkId => "bulkId",
            Self::Error => "error",
        }
    }

    /// The key with this name in any letter case; `status-name`, `status_name` and `status name` are
    /// the same. `None` when no key has that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let letters = || name.chars().filter(|c| !matches!(c, '-' | '_' | ' '));
        Self::ALL.into_iter().find(|key| {
            letters().map(|c| c.to_ascii_lowercase()).eq(key.name().to_ascii_lowercase().chars())
        })
    }

    /// The text of this key in a row; `None` when the row has none, and for the bucket, which needs a
    /// zone.
    pub(super) fn text(self, log: &Log) -> Option<Cow<'_, str>> {
        let cell = |field| log.cell(field).into_text();
        let either = |name, id| {
            let name = cell(name);
            if name.is_empty() { cell(id) } else { name }
        };
        let text = match self {
            Self::Channel => cell(Field::Channel),
            Self::Status => match cell(Field::StatusGroupName) {
                unnamed if unnamed.is_empty() => {
                    log.status_group().map_or(unnamed, |group| StatusGroup::as_str(group).into())
                }
                named => published(named, |name| StatusGroup::parse(name).map(StatusGroup::as_str)),
            },
            Self::StatusName => published(either(Field::StatusName, Field::StatusId), |name| {
                codes::status(name).map(|known| known.name)
            }),
            Self::Sender => cell(Field::From),
            Self::Country => match log.country() {
                Some(country) => country.name.into(),
                None => country_code(cell(Field::Mccmnc)),
            },
            Self::Network => cell(Field::Mccmnc),
            Self::BulkId => cell(Field::BulkId),
            Self::Error => published(either(Field::ErrorName, Field::ErrorId), |name| {
                codes::error(name).map(|known| known.name)
            }),
            Self::Bucket => Cow::Borrowed(""),
        };
        (!text.is_empty()).then_some(text)
    }
}

/// A name in its published spelling, so that it is one group in any letter case; a name that is not
/// published stays as it was sent.
fn published(name: Cow<'_, str>, find: fn(&str) -> Option<&'static str>) -> Cow<'_, str> {
    find(&name).map_or(name, Cow::Borrowed)
}

/// The country code in a network code; any other text stays unchanged.
fn country_code(network: Cow<'_, str>) -> Cow<'_, str> {
    if network.len() <= 3 || !network.bytes().all(|b| b.is_ascii_digit()) {
        return network;
    }
    match network {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(..3).unwrap_or(text)),
        Cow::Owned(mut text) => {
            text.truncate(3);
            Cow::Owned(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(key: Key, json: &str) -> Option<String> {
        key.text(&Log::read(json, |_| ())).map(Cow::into_owned)
    }

    #[test]
    fn every_key_is_found_by_its_name_in_any_notation() {
        for key in Key::ALL {
            assert_eq!(Key::parse(key.name()), Some(key));
        }
        for name in ["status-name", "STATUS_NAME", "status name", "statusname"] {
            assert_eq!(Key::parse(name), Some(Key::StatusName), "{name}");
        }
        assert_eq!(Key::parse("sendr"), None);
        assert_eq!(Key::parse(""), None);
    }

    #[test]
    fn a_country_is_one_group_whatever_code_its_network_has() {
        for row in [r#"{"mccmnc":"310410"}"#, r#"{"mccmnc":"311480"}"#, r#"{"mccmnc":311480}"#] {
            assert_eq!(text(Key::Country, row).as_deref(), Some("United States"), "{row}");
        }
        assert_eq!(text(Key::Network, r#"{"mccmnc":"310410"}"#).as_deref(), Some("310410"));
    }

    #[test]
    fn a_network_of_no_country_is_grouped_by_its_country_code() {
        let row = r#"{"mccmnc":"90128"}"#;
        assert_eq!(text(Key::Country, row).as_deref(), Some("901"));
        assert_eq!(text(Key::Country, r#"{"mccmnc":90128}"#).as_deref(), Some("901"));
        assert_eq!(text(Key::Country, r#"{"mccmnc":"Übersee"}"#).as_deref(), Some("Übersee"));
        assert_eq!(text(Key::Country, "{}"), None);
    }

    #[test]
    fn a_status_or_an_error_without_a_name_is_grouped_by_its_id() {
        let row = r#"{"status":{"groupId":3,"id":5},"error":{"id":6}}"#;
        assert_eq!(text(Key::Status, row).as_deref(), Some("DELIVERED"));
        assert_eq!(text(Key::StatusName, row).as_deref(), Some("5"));
        assert_eq!(text(Key::Error, row).as_deref(), Some("6"));
    }

    #[test]
    fn an_unpublished_status_group_keeps_its_name() {
        let row = r#"{"status":{"groupId":3,"groupName":"SEEN"}}"#;
        assert_eq!(text(Key::Status, row).as_deref(), Some("SEEN"));
    }
}
