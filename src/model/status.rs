//! Whether a status is final: one rule for the whole crate.
//!
//! The name of the status decides, then its id, then its group. The group alone is not enough:
//! `DELIVERED_TO_OPERATOR` is in the group `DELIVERED` and is not final. The statuses themselves are
//! in [`super::codes`].

use super::StatusGroup;
use super::codes::{self, StatusCode};
use super::status_group::is_final_in;

/// Whether the status of a message can still change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finality {
    /// The status does not change any more.
    Final,
    /// Another status can follow.
    Intermediate,
    /// Neither the status nor its group is published. Treated as not final.
    Unknown,
}

/// What became of a message, in the three words that are shown to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The status is not final.
    Pending,
    /// The message arrived.
    Delivered,
    /// The message did not arrive and will not.
    Failed,
}

/// Whether a status is final: by its name, or by its id when the row has no name; by its group when
/// the status is not published.
#[must_use]
pub(crate) fn finality(
    name: Option<&str>,
    id: Option<u32>,
    group: Option<StatusGroup>,
) -> Finality {
    let name = name.unwrap_or_default();
    match published_finality(name, id).or_else(|| group.map(|group| is_final_in(group, name))) {
        Some(true) => Finality::Final,
        Some(false) => Finality::Intermediate,
        None => Finality::Unknown,
    }
}

/// Whether a published status is final; `None` for one that is not published, and for an id of
/// statuses of which only some are final.
fn published_finality(name: &str, id: Option<u32>) -> Option<bool> {
    if !name.is_empty() {
        return codes::status(name).map(|known| known.is_final);
    }
    let mut known = codes::statuses().filter(|known| Some(known.id) == id);
    let is_final = known.next()?.is_final;
    known.all(|other| other.is_final == is_final).then_some(is_final)
}

/// The status with a name, in any letter case, or with an id when there is no name.
pub(super) fn published(name: &str, id: Option<u32>) -> Option<&'static StatusCode> {
    if name.is_empty() { codes::status_by_id(id?) } else { codes::status(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_decides_where_id_or_group_disagree() {
        let rejected = Some(StatusGroup::Rejected);
        assert_eq!(finality(Some("DELIVERED_TO_HANDSET"), Some(6), None), Finality::Final);
        assert_eq!(
            finality(Some("Delivered_To_Operator"), Some(5), rejected),
            Finality::Intermediate
        );
        assert_eq!(finality(Some("PENDING_ENROUTE"), None, rejected), Finality::Intermediate);
    }

    #[test]
    fn a_status_without_a_name_is_identified_by_its_id() {
        assert_eq!(finality(None, Some(9), None), Finality::Final);
        assert_eq!(finality(Some(""), Some(7), None), Finality::Intermediate);
        // Three statuses share it, and all of them are final.
        assert_eq!(finality(None, Some(87), None), Finality::Final);
    }

    #[test]
    fn a_status_that_is_not_published_is_as_final_as_its_group() {
        for group in StatusGroup::ALL {
            let expected = match group {
                StatusGroup::Accepted | StatusGroup::Pending => Finality::Intermediate,
                _ => Finality::Final,
            };
            for (name, id) in [(Some("NEW_STATUS"), Some(3)), (None, Some(9999)), (None, None)] {
                assert_eq!(finality(name, id, Some(group)), expected, "{group} {name:?}");
            }
        }
    }

    #[test]
    fn a_status_of_an_unknown_group_is_not_final() {
        assert_eq!(finality(Some("SEEN_BY_USER"), Some(5), None), Finality::Unknown);
        assert_eq!(finality(None, None, None), Finality::Unknown);
    }
}
