//! `--dry-run`: each request as a curl command, the secret as a variable; nothing is sent.

use std::fmt::Write as _;

use omnilogs::Query;
use omnilogs::client::{Request, Scheme, SecretVariables, USER_AGENT};
use omnilogs::query::Extent;

use super::context::Context;
use crate::args::ConnectionArgs;
use crate::credentials::ResolvedAccount;
use crate::failure::Failure;
use crate::io::output::print;
use crate::settings;

/// Prints the requests of these queries. Needs no credentials: without any, an API key is assumed.
pub(crate) fn run(
    queries: &[Query],
    account: &ResolvedAccount,
    connection: &ConnectionArgs,
    context: &Context,
) -> Result<(), Failure> {
    let scheme = account.scheme().unwrap_or(Scheme::App);
    let secret = match scheme {
        Scheme::App => SecretVariables::Token("OMNILOGS_API_KEY"),
        Scheme::Basic => {
            SecretVariables::Pair { username: "OMNILOGS_USERNAME", password: "OMNILOGS_PASSWORD" }
        }
        _ => SecretVariables::Token("OMNILOGS_TOKEN"),
    };
    let cacert = connection.cacert.as_deref().map(|path| path.display().to_string());
    let mut text = String::new();
    let reads_pages = |query: &Query| query.extent != Extent::OnePage;
    for mut query in queries.iter().flat_map(Query::parts) {
        if reads_pages(&query) {
            query.limit = Some(Query::MAX_ROWS);
        }
        let accept = settings::accept(connection);
        let request = Request::new(&account.endpoint, scheme, accept, USER_AGENT, &query);
        let _ = writeln!(text, "{}", request.curl(secret, cacert.as_deref()));
    }
    if queries.iter().any(reads_pages) {
        let first = match text.lines().count() {
            1 => "this is the first request",
            _ => "these are the first requests",
        };
        context.report.say(&format!("{first}; each further request has an earlier sentUntil"));
    }
    print(text.as_bytes())
}
