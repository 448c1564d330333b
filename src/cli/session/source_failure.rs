//! Turns the error of a source into a failure: exit code, causes and hints.

use std::time::Duration;

use omnilogs::Query;
use omnilogs::client::ClientOptions;
use omnilogs::source::{ErrorBody, Hint, SourceError, ceil_seconds};

use crate::args::ConnectionArgs;
use crate::failure::{ErrorResponse, Failure, Kind};
use crate::settings;
use crate::text::count;

const OWN_BASE_URL: &str =
    "check the base URL: each account has its own, such as xxxxx.api.infobip.com";

const CHECK_NETWORK: &str =
    "run it again; if the error persists, omnilogs doctor checks the network step by step";

/// For a response that is not from the API; followed by what to do.
const BLOCKED: &str = "a firewall or a proxy may block the request";

const ASK_DOCTOR: &str = "omnilogs doctor checks the network step by step";

/// In `doctor`, which has just checked the network.
const ASK_OPERATOR: &str = "ask its operator to allow requests to this host";

/// The limits of a run. A hint must not name one that is in use already.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestLimits {
    /// The longest wait for one response, in total.
    max_wait: Duration,
    /// Requests per minute; `None` for no limit.
    rate: Option<u32>,
}

impl RequestLimits {
    pub(crate) fn of(args: &ConnectionArgs) -> Self {
        let max_wait = args.max_wait.unwrap_or(ClientOptions::DEFAULT_MAX_WAIT);
        Self { max_wait, rate: settings::rate(args) }
    }
}

impl Default for RequestLimits {
    fn default() -> Self {
        let rate = Some(Query::PUBLISHED_RATE);
        Self { max_wait: ClientOptions::DEFAULT_MAX_WAIT, rate }
    }
}

/// Where the base URL and the credentials of a request came from, and its limits.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestOrigins {
    /// Where the credentials came from: a variable, or a file and profile.
    pub(crate) credentials: Option<String>,
    /// Where the base URL came from.
    pub(crate) base_url: Option<String>,
    /// Where the trusted authorities are; `None` for those of the system.
    pub(crate) authorities: Option<String>,
    /// The environment variable that names the proxy.
    pub(crate) proxy: Option<&'static str>,
    pub(crate) limits: RequestLimits,
}

/// The failure for an error of a source; `interrupted` is its kind when a signal stopped the run.
pub(crate) fn failure(error: &SourceError, origins: &RequestOrigins, interrupted: Kind) -> Failure {
    let failure = request_failure(error, origins, ASK_DOCTOR, interrupted);
    if failure.kind == Kind::Unreachable && failure.hints.is_empty() {
        return failure.hint(CHECK_NETWORK);
    }
    failure
}

/// As [`failure`], for `doctor`: without the hint to run `doctor`.
pub(crate) fn diagnosis(
    error: &SourceError,
    origins: &RequestOrigins,
    interrupted: Kind,
) -> Failure {
    request_failure(error, origins, ASK_OPERATOR, interrupted)
}

/// The failure for an error of a source; `if_blocked` is what to do if something blocks the request.
fn request_failure(
    error: &SourceError,
    origins: &RequestOrigins,
    if_blocked: &str,
    interrupted: Kind,
) -> Failure {
    let mut failure = match error.body() {
        Some(ErrorBody::Other { .. }) => not_from_api(error, origins, if_blocked),
        _ => failure_of_error(error, origins, interrupted),
    };
    let violations = error.violations().to_vec();
    let omitted = error.omitted_violations();
    let omitted = (omitted > 0).then(|| format!("and {} more", count(omitted)));
    // The errors of the parameters come before the origin of a setting.
    failure.causes.splice(0..0, violations.iter().map(ToString::to_string).chain(omitted));
    let response = error.http_status().map(|status| ErrorResponse { status, violations });
    failure.response = response.map(Box::new);
    failure
}

/// A hint of the library in terms of the program's options; `None` for a hint that this program does
/// not know.
fn wording(hint: &Hint) -> Option<String> {
    let text = match hint {
        Hint::Text(text) => text,
        Hint::TrustAuthority => {
            "if this authority is your own, give its certificate with --cacert FILE"
        }
        Hint::ProvideAuthorities => {
            "install the system's ca-certificates, or give a file with --cacert"
        }
        Hint::CheckProxySettings => {
            "check HTTPS_PROXY and ALL_PROXY; in a password, write # as %23, ? as %3F, / as %2F and @ as %40"
        }
        Hint::RequestFewerRows => "request fewer rows with --limit, or a shorter time range",
        Hint::ChangeBaseUrl => "if you trust that host, set it as base_url",
        _ => return None,
    };
    Some(text.to_owned())
}

const LATER: &str = "try again later, or with more --retries";

fn failure_of_error(error: &SourceError, origins: &RequestOrigins, interrupted: Kind) -> Failure {
    let message = error.to_string();
    match error {
        SourceError::Unauthorized { .. } => with_origin(
            Failure::new(Kind::Credentials, message),
            origins,
        )
        .hint("check that the key is valid and belongs to this base URL: omnilogs config show")
        .hint("a key can be limited to IP addresses: it may work over IPv4 and fail over IPv6"),
        SourceError::Forbidden { .. } => {
            with_origin(Failure::new(Kind::Credentials, message), origins)
                .hint("give the key the scope omni-failover:logs:read (or omni-failover:manage)")
        }
        SourceError::Throttled { retry_after, .. } => {
            throttled(message, *retry_after, origins.limits).because(
                "the logs endpoint is made for single messages; for totals use the reports of the \
                 API",
            )
        }
        SourceError::Server { .. } => Failure::new(Kind::Server, message)
            .hint(format!("the problem is in the server: {LATER}")),
        SourceError::Unreachable { hint, at_proxy, .. } => {
            let mut failure = Failure::new(Kind::Unreachable, message);
            match (hint, &origins.authorities) {
                (Some(Hint::TrustAuthority), Some(origin)) => {
                    failure = failure
                        .because(format!("the certificate of its issuer is not in {origin}"))
                        .hint("if you trust the issuer, add its certificate there");
                }
                (Some(Hint::ProvideAuthorities), Some(origin)) => {
                    failure = failure
                        .because(format!("{origin} holds none that can be read"))
                        .hint("a folder must be prepared with openssl rehash")
                        .hint("without the variable, the authorities of the system are trusted");
                }
                _ => failure.hints.extend(hint.as_ref().and_then(wording)),
            }
            if *at_proxy { with_proxy(failure, origins) } else { with_base_url(failure, origins) }
        }
        SourceError::NotUnderstood { hint, .. } => {
            let mut failure = Failure::new(Kind::NotUnderstood, message);
            failure.hints.extend(hint.as_ref().and_then(wording));
            with_base_url(failure, origins)
        }
        SourceError::Refused { status: 404, .. } => {
            with_base_url(Failure::new(Kind::Refused, message), origins).hint(OWN_BASE_URL)
        }
        SourceError::Refused { .. } => Failure::new(Kind::Refused, message)
            .hint("-v shows the request; --dry-run prints it as a curl command"),
        SourceError::OutOfTime => Failure::new(Kind::Incomplete, message),
        SourceError::Archive { is_unusable: true, .. } => Failure::new(Kind::Archive, message)
            .hint("omnilogs archive verify --full says how much of it is damaged"),
        SourceError::Interrupted => Failure::new(interrupted, message),
        // A file, or an error that this program does not know.
        _ => Failure::new(Kind::Local, message),
    }
}

fn throttled(message: String, retry_after: Option<Duration>, limits: RequestLimits) -> Failure {
    let mut failure = Failure::new(Kind::Throttled, message);
    failure.retry_after = retry_after;
    match retry_after {
        Some(wait) if wait > limits.max_wait => failure.hint(format!(
            "wait {0} s and try again, or let the program wait: --max-wait {0}s",
            ceil_seconds(wait)
        )),
        // The program waited as often or as long as it may, and the server still throttles.
        Some(wait) => failure.hint(format!(
            "wait {} s and try again, or {}",
            ceil_seconds(wait),
            fewer_requests(limits.rate)
        )),
        None => failure.hint(format!("try again in a minute, or {}", fewer_requests(limits.rate))),
    }
}

/// How to send fewer requests than this rate allows.
fn fewer_requests(rate: Option<u32>) -> String {
    match rate {
        Some(..=1) => "let other programs with this account send fewer requests".to_owned(),
        // Half of the published rate leaves the other half to other programs.
        Some(rate) => {
            format!("send fewer requests: --rate {}/m", rate.min(Query::PUBLISHED_RATE) / 2)
        }
        None => format!("send fewer requests: --rate {}/m", Query::PUBLISHED_RATE / 2),
    }
}

/// The failure for a response that is not from the API, which says nothing about the credentials or
/// the query.
fn not_from_api(error: &SourceError, origins: &RequestOrigins, if_blocked: &str) -> Failure {
    let message = error.to_string();
    let blocked = format!("{BLOCKED}: {if_blocked}");
    match error {
        SourceError::Unauthorized { .. } => {
            with_origin(Failure::new(Kind::Credentials, message), origins)
                .hint(blocked)
                .hint("without a proxy or firewall, check the key: omnilogs config show")
        }
        SourceError::Forbidden { .. } => {
            with_base_url(Failure::new(Kind::Credentials, message), origins).hint(blocked)
        }
        SourceError::Throttled { retry_after, .. } => {
            with_base_url(throttled(message, *retry_after, origins.limits), origins)
        }
        SourceError::Server { .. } => {
            with_base_url(Failure::new(Kind::Server, message), origins).hint(LATER)
        }
        SourceError::Refused { status: 404, .. } => {
            with_base_url(Failure::new(Kind::Refused, message), origins).hint(OWN_BASE_URL)
        }
        _ => with_base_url(Failure::new(Kind::Refused, message), origins)
            .hint(blocked)
            .hint("-v shows the request; --dry-run prints it as a curl command"),
    }
}

fn with_origin(failure: Failure, origins: &RequestOrigins) -> Failure {
    match &origins.credentials {
        Some(origin) => failure.because(format!("the credentials came from {origin}")),
        None => failure,
    }
}

fn with_proxy(failure: Failure, origins: &RequestOrigins) -> Failure {
    match origins.proxy {
        Some(variable) => failure.because(format!("the proxy came from {variable}")),
        None => failure,
    }
}

fn with_base_url(failure: Failure, origins: &RequestOrigins) -> Failure {
    match &origins.base_url {
        Some(origin) => failure.because(format!("the base URL came from {origin}")),
        None => failure,
    }
}
