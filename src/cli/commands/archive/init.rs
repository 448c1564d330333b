//! `archive init`: creates an archive, or brings it to the format of this program.

use clap::{Args, ValueEnum};
use omnilogs::archive::{Distribution, OpenMode, PostgresStore, Store, schema_sql};
use serde_json::json;

use super::{ArchiveSetup, print_json, release, under_lease};
use crate::failure::Failure;
use crate::io::output::print;
use crate::session::archive::{self, ArchivePlace, DatabaseServer};
use crate::session::context::Context;
use crate::settings;
use crate::text::counted;

const PROGRAM: &str = "omnilogs archive init";

/// Options of `archive init`.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Compute the columns of every message again from its versions
    #[arg(long)]
    rebuild: bool,

    /// Print the SQL that makes an archive on a PostgreSQL server, for a database administrator
    ///
    /// No server is contacted. With citus, the messages are spread over the workers of Citus.
    #[arg(
        long,
        value_name = "ENGINE",
        num_args = 0..=1,
        default_missing_value = "postgres",
        conflicts_with = "rebuild"
    )]
    print_sql: Option<Engine>,
}

/// The database of a shared archive.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Engine {
    /// One PostgreSQL server
    Postgres,
    /// A Citus cluster
    Citus,
}

/// Creates or updates the archive.
pub(super) fn run(args: &InitArgs, setup: ArchiveSetup<'_>) -> Result<(), Failure> {
    let ArchiveSetup { location, connection, context, .. } = setup;
    if let Some(engine) = args.print_sql {
        let distribution = match engine {
            Engine::Postgres => Distribution::None,
            Engine::Citus => Distribution::Citus,
        };
        return print(schema_sql(distribution).as_bytes());
    }
    let json = settings::is_json("archive init", connection)?;
    let place = setup.place()?;
    let (mut store, is_new) = match &place {
        ArchivePlace::File(path) => {
            let is_new = !path.exists() || archive::is_empty_file(path);
            (archive::open(&place, OpenMode::Create, location, context)?, is_new)
        }
        ArchivePlace::Server(server) => create_on_server(server, context)?,
    };
    let failed = |error| archive::store_failure(error, context);
    let mut rebuilt = 0;
    if args.rebuild {
        context.signals.end_in_order();
        rebuilt = under_lease(&mut *store, PROGRAM, context, |store, lease| {
            store.rebuild(lease).map_err(failed)
        })?;
    }
    if json {
        let value = json!({
            "archive": place.to_string(),
            "created": is_new,
            "rebuiltMessages": rebuilt,
        });
        return print_json(&value, context);
    }
    let what = if is_new { "created" } else { "ready" };
    let rebuilt = if args.rebuild {
        format!("; {} corrected", counted(rebuilt, "message"))
    } else {
        String::new()
    };
    context.report.say(&format!("{what}: {place}{rebuilt}"));
    Ok(())
}

/// Opens the archive on a server, and creates its tables unless they exist. Returns whether this
/// call has created them.
fn create_on_server(
    server: &DatabaseServer,
    context: &Context,
) -> Result<(Box<dyn Store>, bool), Failure> {
    let failed = |error| archive::store_failure(error, context);
    let DatabaseServer { address, authorities, .. } = server;
    let mut store =
        PostgresStore::prepare(address.clone(), authorities.as_ref()).map_err(failed)?;
    let mut is_new = false;
    // A role without the right to create tables can use tables that exist.
    if !store.is_made().map_err(failed)? {
        context.signals.end_in_order();
        let lease = archive::lease(&mut store, PROGRAM, context)?;
        let result = store.make(&lease).map_err(failed);
        is_new = release(&mut store, &lease, result, context)?;
    }
    Ok((Box::new(store), is_new))
}
