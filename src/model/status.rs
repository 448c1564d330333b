//! What is said of a status: whether it is final, and what became of the message.

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
