//! The right to write to an archive. One program has it at a time, for a limited time, so that a
//! program that was killed does not block the others for long.

/// Who has the lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The program and what it does, such as `omnilogs archive sync`.
    pub program: String,
    /// Its process id.
    pub pid: u32,
    /// The machine that it runs on.
    pub host: String,
    /// Since when it has the lease, in milliseconds since 1970.
    pub since: i64,
    /// When the lease ends unless it is renewed, in milliseconds since 1970.
    pub until: i64,
    /// The number of the lease; see [`Lease::fence`].
    pub fence: i64,
}

/// A request for the lease.
#[derive(Clone, Debug)]
pub struct LeaseRequest<'a> {
    /// The program and what it does.
    pub program: &'a str,
    /// Its process id.
    pub pid: u32,
    /// The machine that it runs on.
    pub host: &'a str,
    /// The time of this machine, in milliseconds since 1970.
    pub now: i64,
    /// Takes the lease from the holder with this fence even though its time is not over, because
    /// the caller knows that the process has ended, or that it is the caller itself.
    pub replaces: Option<i64>,
}

/// The right to write to an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Grows with each lease, so that a holder whose lease expired unnoticed cannot write any more.
    pub fence: i64,
}

impl Lease {
    /// How long a lease is valid after it was taken or renewed, in milliseconds. Writing a page
    /// takes a fraction of a second; the slowest request takes a minute.
    pub const MILLIS: i64 = 120_000;
}
