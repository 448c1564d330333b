//! The codes of messages that are not published: they are explained by their group and by the
//! description in the row. Their texts come from the server and can contain anything.

use omnilogs::StatusGroup;
use omnilogs::model::MessageCode;
use omnilogs::model::codes::{Code, ErrorGroup};
use omnilogs::sink::printable;

/// The most characters of a name or a group, and of a description, that are kept.
const MAX_NAME: usize = 200;
const MAX_DESCRIPTION: usize = 500;

/// A code that is not published, as the first message had it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UnpublishedCode {
    /// `status` or `error`.
    pub(super) kind: &'static str,
    /// Empty when the rows have none.
    pub(super) name: String,
    pub(super) id: Option<u32>,
    /// Empty when the rows have none.
    pub(super) group: String,
    /// Whether a status is final; `None` for an error.
    pub(super) is_final: Option<bool>,
    /// Empty when the rows have none.
    pub(super) description: String,
    pub(super) messages: u64,
}

impl UnpublishedCode {
    /// The code of a message.
    pub(super) fn new(code: &MessageCode<'_>, is_final: Option<bool>) -> Self {
        let start = |text: &str, most| text.trim().chars().take(most).collect();
        Self {
            kind: if is_final.is_some() { "status" } else { "error" },
            name: start(&code.name, MAX_NAME),
            id: code.id,
            group: start(&code.group, MAX_NAME),
            is_final,
            description: start(&code.description, MAX_DESCRIPTION),
            messages: 1,
        }
    }

    /// What two messages with the same code have in common: the name identifies a code, in any letter
    /// case; without a name, the id.
    pub(super) fn key(&self) -> (&'static str, String, Option<u32>, String) {
        let id = self.id.filter(|_| self.name.is_empty());
        (self.kind, self.name.to_ascii_uppercase(), id, self.group.to_ascii_uppercase())
    }

    /// Whether a typed word is the name or the id of the code.
    pub(super) fn is(&self, word: &str) -> bool {
        !word.is_empty() && self.name.eq_ignore_ascii_case(word)
            || self.id.is_some_and(|id| word.parse() == Ok(id))
    }

    /// The group, if it is published.
    pub(super) fn group_code(&self) -> Option<Code> {
        if self.kind == "status" {
            StatusGroup::parse(&self.group).map(Code::StatusGroup)
        } else {
            ErrorGroup::parse(&self.group).map(Code::ErrorGroup)
        }
    }

    /// The name, or else the kind and the id, safe to show.
    pub(super) fn title(&self) -> String {
        if self.name.is_empty() { self.kind_and_id() } else { printable(&self.name) }
    }

    fn kind_and_id(&self) -> String {
        match self.id {
            Some(id) => format!("{} {id}", self.kind),
            None => self.kind.to_owned(),
        }
    }

    /// What the title does not say: the kind, the id, the group, and whether it is final; safe to show.
    pub(super) fn head(&self) -> String {
        let is_final = self.is_final.map(|is| if is { "final" } else { "not final" });
        let group = Some(&self.group).filter(|group| !group.is_empty());
        let parts = [
            (!self.name.is_empty()).then(|| self.kind_and_id()),
            group.map(|group| format!("group {}", printable(group))),
            is_final.map(str::to_owned),
            Some("not published".to_owned()),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// The description in the row, and what the group means. Not safe to show.
    pub(super) fn meaning(&self) -> String {
        let own = match self.description.as_str() {
            "" => "The message does not describe it.".to_owned(),
            text => format!("The message describes it as \"{text}\"."),
        };
        match self.group_code() {
            Some(group) => format!("{own} {}", group.meaning()),
            None => own,
        }
    }

    /// What to do: the advice of the group.
    pub(super) fn advice(&self) -> String {
        self.group_code().map_or_else(
            || {
                "Contact support with the message id if the description does not explain it."
                    .to_owned()
            },
            |group| group.advice().into_owned(),
        )
    }
}
