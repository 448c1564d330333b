//! Whether a status is final: one rule for the whole crate.
//!
//! The name of the status decides, or, for a status without a name, its id together with its group; the
//! group of a status that is not published. The group alone is not enough: `DELIVERED_TO_OPERATOR` is in
//! the group `DELIVERED` and is not final. The statuses themselves are in [`super::codes`].

use super::codes::{self, StatusCode};
use super::status_group::is_final_in;
use super::{Field, Finality, Log};

impl Log {
    /// Whether the status of the message can still change: as the tables say of the status, or, for a
    /// status that is not published, as its group says.
    #[must_use]
    pub fn finality(&self) -> Finality {
        let is_final = self.published_status().map(|known| known.is_final).or_else(|| {
            // The group decides only where the tables do not.
            let group = self.named_status_group()?;
            Some(is_final_in(group, &self.words(Field::StatusName)))
        });
        match is_final {
            Some(true) => Finality::Final,
            Some(false) => Finality::Intermediate,
            None => Finality::Unknown,
        }
    }

    /// The status with the name in the row, in any letter case; without a name, that with the id, the
    /// group and the channel. An id alone identifies no status.
    pub(super) fn published_status(&self) -> Option<&'static StatusCode> {
        let (name, id) = self.code(Field::StatusName, Field::StatusId);
        if !name.is_empty() {
            return codes::status(&name);
        }
        let channel = self.cell(Field::Channel).into_text();
        codes::status_by_id(id?, self.named_status_group()?, &channel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::StatusGroup;

    fn finality(status: &str) -> Finality {
        Log::new(format!(r#"{{"status":{status},"channel":"SMS"}}"#)).finality()
    }

    #[test]
    fn the_name_decides_where_id_or_group_disagree() {
        for (status, expected) in [
            (r#"{"name":"DELIVERED_TO_HANDSET","id":6}"#, Finality::Final),
            (
                r#"{"name":"Delivered_To_Operator","id":5,"groupName":"REJECTED"}"#,
                Finality::Intermediate,
            ),
            (r#"{"name":"PENDING_ENROUTE","groupName":"REJECTED"}"#, Finality::Intermediate),
        ] {
            assert_eq!(finality(status), expected, "{status}");
        }
    }

    #[test]
    fn a_status_without_a_name_is_identified_by_its_id_together_with_its_group() {
        for (status, expected) in [
            (r#"{"id":2,"groupName":"DELIVERED"}"#, Finality::Intermediate),
            (r#"{"name":"","id":2,"groupId":3}"#, Finality::Intermediate),
            (r#"{"id":5,"groupName":"DELIVERED"}"#, Finality::Final),
            (r#"{"id":87,"groupName":"REJECTED"}"#, Finality::Final),
            // Families share ids.
            (r#"{"id":2}"#, Finality::Unknown),
            (r#"{"id":9}"#, Finality::Unknown),
            (r#"{"id":9,"groupName":"SEEN"}"#, Finality::Unknown),
        ] {
            assert_eq!(finality(status), expected, "{status}");
        }
    }

    #[test]
    fn a_status_that_is_not_published_is_as_final_as_its_group() {
        for group in StatusGroup::ALL {
            let expected = match group {
                StatusGroup::Accepted | StatusGroup::Pending => Finality::Intermediate,
                _ => Finality::Final,
            };
            for code in [r#""name":"NEW_STATUS","id":3,"#, r#""id":9999,"#, ""] {
                let status = format!(r#"{{{code}"groupName":"{group}"}}"#);
                assert_eq!(finality(&status), expected, "{status}");
            }
        }
    }

    #[test]
    fn a_status_of_an_unknown_group_is_not_final() {
        assert_eq!(finality(r#"{"name":"SEEN_BY_USER","id":5}"#), Finality::Unknown);
        assert_eq!(finality("null"), Finality::Unknown);
    }
}
