//! The archive as the source of a command that lists messages.
//!
//! Nothing here writes to the archive, and nothing is sent.

use std::cell::RefCell;
use std::path::Path;

use chrono::NaiveDate;
use omnilogs::archive::{Account, AccountId, ArchivePages, OpenMode, Scope, Store, StoreError};
use omnilogs::zone::Zone;
use omnilogs::{Query, SourceKind, Timestamp};

use super::archive::{self, ArchivePlace, ArchiveUser};
use super::context::Context;
use crate::args::{ArchiveLocationArgs, ArchiveSourceArgs, ConnectionArgs};
use crate::credentials::{Origin, ResolvedAccount};
use crate::failure::Failure;
use crate::text::{quoted, quoted_name};
use crate::time_input::short_time_text;

/// How complete an archive is, and whether the run accepts gaps in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ArchiveState {
    /// The end of the time range that the archive covers; `None` when it covers none.
    newest: Option<Timestamp>,
    /// Whether a run succeeds although messages may be missing.
    pub(crate) allows_gaps: bool,
}

impl ArchiveState {
    /// Says that the messages come from the archive, and up to which time they are complete if none is
    /// missing.
    pub(crate) fn sentence(&self, is_complete: bool, zone: Zone, today: NaiveDate) -> String {
        match self.newest.filter(|_| is_complete) {
            Some(newest) => {
                let newest = short_time_text(newest, zone, today);
                format!("from the archive, complete up to {newest}")
            }
            None => "from the archive".to_owned(),
        }
    }
}

/// The archive that a command reads; `None` when it reads another source.
///
/// # Errors
/// When no folder is known, or an address cannot be used.
pub(crate) fn place(
    args: &ArchiveSourceArgs,
    account: &ResolvedAccount,
    connection: &ConnectionArgs,
    context: &Context,
) -> Result<Option<ArchivePlace>, Failure> {
    let user = ArchiveUser::Account(account);
    let place = || archive::place(&args.location(), user, connection, &context.environment);
    args.is_given().then(place).transpose()
}

/// The hint for a query of messages that are older than the retention of the API; `None` for another
/// query, and without an archive.
pub(crate) fn archive_hint(
    query: &Query,
    kind: SourceKind,
    account: &ResolvedAccount,
    connection: &ConnectionArgs,
    context: &Context,
) -> Option<String> {
    let kept = kind.kept_since(context.clock.now().into()).filter(|_| kind == SourceKind::Api)?;
    let is_older = |time: Timestamp| time.millis() < kept.millis();
    query.since.into_iter().chain(query.until).any(is_older).then_some(())?;
    let user = ArchiveUser::Account(account);
    let location = ArchiveLocationArgs::default();
    let place = archive::locate(&location, user, connection, &context.environment).ok()?;
    // Whether a server has an archive is unknown without a connection, so the hint is given.
    place
        .file()
        .is_none_or(Path::is_file)
        .then(|| "there is an archive, which may have them: add --archive".to_owned())
}

/// An open archive, and the account whose messages are read from it.
pub(crate) struct ReadableArchive<'a> {
    place: ArchivePlace,
    /// The first connection, until pages are read from it.
    opened: RefCell<Option<Box<dyn Store>>>,
    location: ArchiveLocationArgs,
    /// The account of the profile; `None` for all accounts.
    account: Option<AccountId>,
    /// The accounts that are read.
    accounts: Vec<AccountId>,
    /// How complete it is.
    pub(crate) state: ArchiveState,
    context: &'a Context,
}

impl<'a> ReadableArchive<'a> {
    /// Opens the archive, and finds the account of the profile in it.
    ///
    /// # Errors
    /// When the archive cannot be used, or does not have the account of the profile that was named.
    pub(crate) fn open(
        place: ArchivePlace,
        args: &ArchiveSourceArgs,
        account: &ResolvedAccount,
        context: &'a Context,
    ) -> Result<Self, Failure> {
        let location = args.location();
        let mut store = archive::open(&place, OpenMode::Read, &location, context)?;
        let failed = |error| archive::store_failure(error, context);
        let account = account_in(&mut *store, account, context)?;
        let accounts = match account {
            Some(account) => vec![account],
            None => store.accounts().map_err(failed)?.into_iter().map(|it| it.id).collect(),
        };
        let newest = newest(&mut *store, &accounts).map_err(failed)?;
        let state = ArchiveState { newest, allows_gaps: args.allow_gaps };
        context.report.detail(1, &format!("archive {place}"));
        let opened = RefCell::new(Some(store));
        Ok(Self { place, opened, location, account, accounts, state, context })
    }

    /// The accounts that are read.
    pub(crate) fn accounts(&self) -> &[AccountId] {
        &self.accounts
    }

    /// The pages of a query. Each call after the first opens another connection.
    ///
    /// # Errors
    /// When the archive cannot be opened again.
    pub(crate) fn pages(&self, query: &Query) -> Result<ArchivePages, StoreError> {
        self.pages_of(self.account, query)
    }

    /// As [`Self::pages`], but only the messages of this account; `None` for all accounts.
    ///
    /// # Errors
    /// When the archive cannot be opened again.
    pub(crate) fn pages_of(
        &self,
        account: Option<AccountId>,
        query: &Query,
    ) -> Result<ArchivePages, StoreError> {
        let (mode, context) = (OpenMode::Read, self.context);
        let store = match self.opened.take() {
            Some(store) => store,
            None => archive::open_store(&self.place, mode, &self.location, context)?,
        };
        let edge = archive::edge(context.clock.now().timestamp_millis());
        let pages = ArchivePages::new(store, query, account).with_edge(edge);
        Ok(pages.interruptible(self.context.interrupt.clone()))
    }
}

/// The account with the name of the profile; every account when the archive has none of that name
/// and no profile was named.
fn account_in(
    store: &mut dyn Store,
    account: &ResolvedAccount,
    context: &Context,
) -> Result<Option<AccountId>, Failure> {
    let accounts = store.accounts().map_err(|error| archive::store_failure(error, context))?;
    let found = match named_account(&accounts, account)? {
        Some(named) => Some(named),
        None => accounts.iter().find(|known| known.name == account.chosen.name),
    };
    Ok(found.map(|found| found.id))
}

/// The account of the profile that an option or a variable names; `None` when none was named.
///
/// # Errors
/// When the archive does not have that account.
pub(crate) fn named_account<'a>(
    accounts: &'a [Account],
    account: &ResolvedAccount,
) -> Result<Option<&'a Account>, Failure> {
    let chosen = &account.chosen;
    if !matches!(chosen.name_origin, Origin::Flag(_) | Origin::Env(_)) {
        return Ok(None);
    }
    let found = accounts.iter().find(|known| known.name == chosen.name);
    found.map(Some).ok_or_else(|| {
        let profile = quoted_name("profile", &chosen.name);
        let names: Vec<_> = accounts.iter().map(|known| quoted(&known.name)).collect();
        Failure::usage(format!("the archive has no messages of {profile}"))
            .because(format!("the profile was selected by {}", chosen.name_origin))
            .because(if names.is_empty() {
                "it has no account yet".to_owned()
            } else {
                format!("it has {}", names.join(", "))
            })
    })
}

/// The end of the time range that is covered for each of the accounts: the earliest, when there are
/// several; `None` when nothing is covered for one of them.
fn newest(store: &mut dyn Store, accounts: &[AccountId]) -> Result<Option<Timestamp>, StoreError> {
    let mut earliest: Option<i64> = None;
    for account in accounts {
        let Some(newest) = store.ledger(*account, Scope::ALL)?.newest() else { return Ok(None) };
        earliest = Some(earliest.map_or(newest, |earliest| earliest.min(newest)));
    }
    Ok(earliest.map(Timestamp::from_millis))
}
