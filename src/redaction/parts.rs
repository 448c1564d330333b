//! Walks over a row and says of each token what it is for: which field it belongs to, or that the
//! field is not known.
//!
//! Nothing is decided here about what is hidden. The walk keeps its own stack, so that no nesting is
//! too deep for it.

use crate::model::{Field, Member, Token, Tokens, member, unquote};

/// What a token of a row is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A bracket, comma or colon.
    Punctuation,
    /// The name of a member that is known.
    KnownKey,
    /// Any other name.
    UnknownKey,
    /// A value of a known field, or an element of its list.
    Field(Field),
    /// A value inside an object that is in the place of a known field.
    InsideField(Field),
    /// The status that a row had before, which is a key of this crate.
    PreviousStatus,
    /// A value of which nothing is known.
    Unknown,
}

/// An object or a list that is open.
struct OpenContainer {
    is_object: bool,
    /// What its members are looked up in; `None` when their names mean nothing.
    parent: Option<&'static str>,
    /// What its values are, where their names do not say.
    role: Role,
}

/// Each token of a row with its role.
pub(super) struct Parts<'a> {
    tokens: Tokens<'a>,
    open: Vec<OpenContainer>,
    /// What the next value is.
    next: Role,
    /// The group that the next value is, if it is an object.
    group: Option<&'static str>,
    expects_key: bool,
}

/// The group that this crate adds to rows that it shows again.
const OWN_GROUP: &str = "omnilogs";

impl<'a> Parts<'a> {
    pub(super) fn of(row: &'a str) -> Self {
        Self {
            tokens: Tokens::new(row),
            open: Vec::new(),
            next: Role::Unknown,
            group: Some(""),
            expects_key: false,
        }
    }

    fn open(&mut self, is_object: bool) {
        let parent = self.group.take().filter(|_| is_object);
        let role = match self.next {
            // The names inside it are not documented, whatever they are.
            Role::Field(field) if is_object => Role::InsideField(field),
            role => role,
        };
        self.open.push(OpenContainer { is_object, parent, role });
        self.expects_key = is_object;
        self.next = role;
    }

    fn close(&mut self) {
        self.open.pop();
        self.expects_key = false;
    }

    /// After a comma: the next key of an object, or the next value of a list.
    fn comma(&mut self) {
        let Some(scope) = self.open.last() else { return };
        self.expects_key = scope.is_object;
        self.next = scope.role;
        self.group = None;
    }

    fn key(&mut self, literal: &str) -> Role {
        self.expects_key = false;
        self.group = None;
        let Some(scope) = self.open.last() else { return Role::UnknownKey };
        self.next = scope.role;
        let name = unquote(literal).map(|(name, _)| name).unwrap_or_default();
        match scope.parent.map(|parent| (parent, member(parent, &name))) {
            Some((_, Some(Member::Field(field) | Member::OtherName(field)))) => {
                self.next = Role::Field(field);
            }
            Some((_, Some(Member::Group(group)))) => {
                self.next = Role::Unknown;
                self.group = Some(group);
            }
            Some(("", _)) if name == OWN_GROUP => self.group = Some(OWN_GROUP),
            Some((OWN_GROUP, _)) if name == "previousStatus" => self.next = Role::PreviousStatus,
            _ => return Role::UnknownKey,
        }
        Role::KnownKey
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = (Token<'a>, Role);

    fn next(&mut self) -> Option<(Token<'a>, Role)> {
        let token = self.tokens.next()?;
        let role = match token {
            Token::Open(bracket) => {
                self.open(bracket == "{");
                Role::Punctuation
            }
            Token::Close(_) => {
                self.close();
                Role::Punctuation
            }
            Token::Comma => {
                self.comma();
                Role::Punctuation
            }
            Token::Colon => Role::Punctuation,
            Token::String(literal) if self.expects_key => self.key(literal),
            Token::String(_) | Token::Scalar(_) => self.next,
        };
        Some((token, role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(row: &str) -> Vec<(&str, Role)> {
        let values = Parts::of(row).filter(|(_, role)| *role != Role::Punctuation);
        values.map(|(token, role)| (token.text(), role)).collect()
    }

    #[test]
    fn a_value_has_the_role_of_its_name_in_its_own_object() {
        let row = r#"{"to":"1","status":{"name":"A","new":"B"},"new":{"to":"2","status":{"name":"C"}},"t\u006f":3}"#;
        assert_eq!(
            roles(row),
            [
                ("\"to\"", Role::KnownKey),
                ("\"1\"", Role::Field(Field::To)),
                ("\"status\"", Role::KnownKey),
                ("\"name\"", Role::KnownKey),
                ("\"A\"", Role::Field(Field::StatusName)),
                ("\"new\"", Role::UnknownKey),
                ("\"B\"", Role::Unknown),
                ("\"new\"", Role::UnknownKey),
                ("\"to\"", Role::UnknownKey),
                ("\"2\"", Role::Unknown),
                ("\"status\"", Role::UnknownKey),
                ("\"name\"", Role::UnknownKey),
                ("\"C\"", Role::Unknown),
                ("\"t\\u006f\"", Role::KnownKey),
                ("3", Role::Field(Field::To)),
            ]
        );
    }

    #[test]
    fn a_list_is_what_its_field_is_and_an_object_in_its_place_is_not() {
        assert_eq!(
            roles(
                r#"{"to":["1",["2"],{"to":"3"},"4"],"text":{"a":"5"},"price":[{"currency":"6"}]}"#
            )
            .into_iter()
            .filter(|(_, role)| !matches!(role, Role::KnownKey | Role::UnknownKey))
            .collect::<Vec<_>>(),
            [
                ("\"1\"", Role::Field(Field::To)),
                ("\"2\"", Role::Field(Field::To)),
                ("\"3\"", Role::InsideField(Field::To)),
                ("\"4\"", Role::Field(Field::To)),
                ("\"5\"", Role::InsideField(Field::Text)),
                ("\"6\"", Role::Unknown),
            ]
        );
    }

    #[test]
    fn what_is_not_an_object_is_not_known() {
        assert_eq!(roles(r#"["to","1"]"#), [("\"to\"", Role::Unknown), ("\"1\"", Role::Unknown)]);
    }
}
