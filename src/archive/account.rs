//! The accounts of an archive, which can hold the messages of several.

/// The number of an account within one store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(pub i64);

/// An account of the API whose messages an archive holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its number within the store.
    pub id: AccountId,
    /// The name by which the user tells accounts apart, such as that of a profile; unique within the
    /// store.
    pub name: String,
    /// The base URL of the server that its messages come from; empty while no server is known, as
    /// after an import without a base URL.
    pub base_url: String,
}
