//! The right to write to an archive. One program has it at a time, for a limited time, so that a
//! program that was killed does not block the others for long.

/// The program that has the lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The program and its command, such as `omnilogs archive sync`.
    pub program: String,
    /// Its process id.
    pub pid: u32,
    /// The name of the machine that it runs on.
    pub host: String,
    /// When it took the lease, in milliseconds since 1970.
    pub since: i64,
    /// When the lease ends unless it is renewed, in milliseconds since 1970.
    pub until: i64,
    /// The number of the lease; see [`Lease::fence`].
    pub fence: i64,
}

/// A request for the lease.
#[derive(Clone, Debug)]
pub struct LeaseRequest<'a> {
    /// The program and its command.
    pub program: &'a str,
    /// Its process id.
    pub pid: u32,
    /// The name of the machine that it runs on.
    pub host: &'a str,
    /// The time of this machine, in milliseconds since 1970.
    pub now: i64,
    /// Takes the lease from the holder with this fence although it has not expired: the caller knows
    /// that the holder has ended, or is the holder itself.
    pub replaces: Option<i64>,
}

/// The right to write to an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The number of the lease. It grows with each lease, so that a holder that did not notice that
    /// its lease expired cannot write any more.
    pub fence: i64,
}

impl Lease {
    /// How long a lease is valid after it was taken or renewed, in milliseconds. It is renewed with
    /// each page; the slowest request takes a minute, and writing a page a fraction of a second.
    pub const MILLIS: i64 = 120_000;
}
