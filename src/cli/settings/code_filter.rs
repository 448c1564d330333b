//! `--error`: selects rows by their error or status: by its id, its name or a part of its name.

use std::borrow::Cow;

use omnilogs::model::codes::{self, Code};
use omnilogs::{Field, Log};

use crate::failure::Failure;
use crate::text::{closest, quoted};

/// The name of the published code that means that no error occurred.
const NO_ERROR: &str = "NO_ERROR";

/// A filter for an error or a status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CodeFilter {
    Id(u32),
    /// A name or a part of one.
    Name {
        /// In capital letters, as in names.
        wanted: String,
        /// As it was typed.
        typed: String,
    },
}

impl CodeFilter {
    /// Reads a typed word. Blanks and hyphens are read as the underscores of names.
    pub(super) fn parse(word: &str) -> Result<Self, Failure> {
        let word = word.trim();
        if word.is_empty() {
            return Err(Failure::usage("--error: a code is empty")
                .hint("an id such as 27, a name such as EC_ABSENT_SUBSCRIBER, or a part of it: --error absent"));
        }
        if let Ok(id) = word.parse() {
            return Ok(Self::Id(id));
        }
        let wanted = word.to_uppercase().replace([' ', '-'], "_");
        Ok(Self::Name { wanted, typed: word.to_owned() })
    }

    /// Whether the error or the status of a row is the one of the filter.
    pub(super) fn fits(&self, log: &Log) -> bool {
        let error = || RowCode::of(log, Field::ErrorName, Field::ErrorId);
        let status = || RowCode::of(log, Field::StatusName, Field::StatusId);
        match self {
            Self::Id(id) => {
                error().id(|name| Some(codes::error(name)?.id)) == Some(*id)
                    || status().id(|name| Some(codes::status(name)?.id)) == Some(*id)
            }
            Self::Name { wanted, .. } => {
                let (error, status) = (error(), status());
                let error = error.name(|| log.error_code()?.published);
                let status = status.name(|| log.status_code()?.published);
                // A part of that name, such as `error`, must not find the messages that went well.
                let is_none = error == NO_ERROR && wanted != NO_ERROR;
                !is_none && error.contains(wanted.as_str()) || status.contains(wanted.as_str())
            }
        }
    }

    /// The warning about an id or a name that no published code has.
    pub(super) fn warning(&self) -> Option<String> {
        match self {
            Self::Id(id) => {
                let is_known = codes::errors().any(|error| error.id == *id)
                    || codes::statuses().any(|status| status.id == *id);
                (!is_known)
                    .then(|| format!("--error: no published error or status has the id {id}"))
            }
            Self::Name { wanted, typed } => {
                let names = || {
                    let errors = codes::errors().map(|error| error.name);
                    errors.chain(codes::statuses().map(|status| status.name))
                };
                if names().any(|name| name.contains(wanted.as_str())) {
                    return None;
                }
                let words = names().flat_map(|name| name.split('_').chain([name]));
                let meant = closest(wanted, words);
                let meant = meant.map(|meant| format!("; did you mean {meant}?"));
                Some(format!(
                    "--error: no published error or status has {} in its name{}",
                    quoted(typed),
                    meant.unwrap_or_default()
                ))
            }
        }
    }
}

/// The name and the id of a row's error or status.
struct RowCode<'a> {
    name: Cow<'a, str>,
    id: Option<u32>,
}

impl<'a> RowCode<'a> {
    fn of(log: &'a Log, name: Field, id: Field) -> Self {
        let name = match log.cell(name).into_text() {
            // Most names are in capital letters and need no copy.
            name if name.bytes().any(|byte| byte.is_ascii_lowercase()) => {
                Cow::Owned(name.to_uppercase())
            }
            name => name,
        };
        let id = log.cell(id).integer().and_then(|id| u32::try_from(id).ok());
        Self { name, id }
    }

    /// The id of the row, or else the published id of the row's name.
    fn id(&self, published: impl Fn(&str) -> Option<u32>) -> Option<u32> {
        self.id.or_else(|| published(&self.name))
    }

    /// The name of the row, or else that of its published code.
    fn name(self, published: impl Fn() -> Option<Code>) -> Cow<'a, str> {
        if !self.name.is_empty() {
            return self.name;
        }
        Cow::Borrowed(published().map(Code::name).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(word: &str, row: &str) -> bool {
        CodeFilter::parse(word).unwrap().fits(&Log::new(row))
    }

    #[test]
    fn a_row_fits_by_the_id_the_name_or_a_part_of_the_name_of_its_error_or_status() {
        let failed = r#"{"status":{"id":9,"name":"UNDELIVERABLE_NOT_DELIVERED"},
            "error":{"id":27,"name":"EC_ABSENT_SUBSCRIBER"}}"#;
        for word in ["27", "9", "absent", "EC_ABSENT_SUBSCRIBER", "absent subscriber", "not-deliv"]
        {
            assert!(fits(word, failed), "{word}");
        }
        for word in ["2", "28", "EC_ABSENT_SUBSCRIBER_SM", "rejected"] {
            assert!(!fits(word, failed), "{word}");
        }
        assert!(fits("Absent", r#"{"error":{"name":"ec_absent_subscriber"}}"#));
    }

    #[test]
    fn a_row_that_has_only_an_id_or_only_a_name_fits_by_the_other() {
        assert!(fits("absent", r#"{"error":{"id":27,"groupName":"HANDSET_ERRORS"}}"#));
        assert!(!fits("absent", r#"{"error":{"id":27}}"#));
        assert!(fits("dnd", r#"{"status":{"id":10,"groupId":5}}"#));
        assert!(fits("27", r#"{"error":{"name":"EC_ABSENT_SUBSCRIBER"}}"#));
        assert!(fits("10", r#"{"status":{"name":"REJECTED_DND"}}"#));
        assert!(!fits("27", "{}"));
    }

    #[test]
    fn a_part_of_the_word_for_no_error_finds_no_message_that_went_well() {
        let row = r#"{"status":{"id":5,"name":"DELIVERED_TO_HANDSET"},"error":{"id":0,"name":"NO_ERROR"}}"#;
        assert!(!fits("error", row));
        assert!(fits("no_error", row) && fits("delivered", row));
    }

    #[test]
    fn a_word_of_no_published_code_is_named_with_the_one_that_is_meant() {
        let warning = |word: &str| CodeFilter::parse(word).unwrap().warning();
        assert_eq!(warning("absent"), None);
        assert_eq!(warning("27"), None);
        assert!(warning("absnt").unwrap().contains("did you mean ABSENT?"));
        assert!(warning("987654").unwrap().contains("987654"));
        assert!(warning("moon base").unwrap().contains(r#"has "moon base" in its name"#));
        assert!(CodeFilter::parse(" ").is_err());
    }
}
