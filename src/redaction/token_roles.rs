//! Walks over the tokens of a row and gives each one its role: the field that it belongs to, or that
//! the field is unknown.
//!
//! The parent module decides which tokens are hidden. The walk is not recursive, so that deep nesting
//! does not overflow the stack.

use crate::model::{Field, Member, Token, Tokens, field_of_string, member, unquote};

/// The role of a token in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A bracket, comma or colon.
    Punctuation,
    /// The name of a known member.
    KnownKey,
    /// Any other member name.
    UnknownKey,
    /// A value of a known field, or an element of its list.
    Field(Field),
    /// A value inside an object in the place of a known field.
    InsideField(Field),
    /// The previous status of a row, a member that this crate adds.
    PreviousStatus,
    /// The value of an unknown field.
    Unknown,
}

/// An open object or list.
struct OpenContainer {
    is_object: bool,
    /// The group in which its member names are looked up; `None` when its members are unknown.
    parent: Option<&'static str>,
    /// The role of its values, unless a known name gives them another.
    role: Role,
}

/// Each token of a row with its role.
pub(super) struct TokenRoles<'a> {
    tokens: Tokens<'a>,
    open: Vec<OpenContainer>,
    /// The role of the next value.
    next: Role,
    /// The group of the next value, if that is an object.
    group: Option<&'static str>,
    expects_key: bool,
}

/// The group that this crate adds to a row whose status has changed.
const OWN_GROUP: &str = "omnilogs";

impl<'a> TokenRoles<'a> {
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
            // No name inside such an object is documented.
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

impl<'a> Iterator for TokenRoles<'a> {
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
            Token::String(_) => match self.group.and_then(field_of_string) {
                Some(field) => Role::Field(field),
                None => self.next,
            },
            Token::Scalar(_) => self.next,
        };
        Some((token, role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(row: &str) -> Vec<(&str, Role)> {
        let values = TokenRoles::of(row).filter(|(_, role)| *role != Role::Punctuation);
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
    fn the_elements_of_a_list_have_the_role_of_its_field_and_the_members_of_an_object_do_not() {
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
    fn a_string_in_the_place_of_the_content_is_the_text_and_no_other_value_is() {
        for (content, role) in
            [("\"A\"", Role::Field(Field::Text)), ("[\"A\"]", Role::Unknown), ("1", Role::Unknown)]
        {
            let row = format!(r#"{{"content":{content},"new":"B"}}"#);
            let roles = roles(&row);
            assert_eq!(roles.get(1).map(|(_, role)| *role), Some(role), "{row}");
            assert_eq!(roles.last(), Some(&("\"B\"", Role::Unknown)), "{row}");
        }
    }

    #[test]
    fn the_values_of_a_row_that_is_not_an_object_are_unknown() {
        assert_eq!(roles(r#"["to","1"]"#), [("\"to\"", Role::Unknown), ("\"1\"", Role::Unknown)]);
    }
}
