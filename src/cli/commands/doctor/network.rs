//! The network up to the server: proxy, name, connection, TLS, certificate. No request is sent.

use std::net::SocketAddr;
use std::time::Duration;

use chrono::TimeDelta;
use omnilogs::client::{Certificate, Probe, ProbeConnection, ProbeOptions};
use omnilogs::source::SourceError;

use super::check::Checks;
use super::target::DoctorTarget;
use crate::failure::Failure;
use crate::session::context::Context;
use crate::session::source_failure;
use crate::settings::{self, TrustedAuthorities};

/// A certificate that is valid for less time than this gets a warning.
const MIN_VALIDITY: TimeDelta = TimeDelta::days(14);

/// Makes the checks of the network.
struct NetworkCheck<'a> {
    probe: Probe,
    target: &'a DoctorTarget,
    /// Where the trusted authorities are; `None` for those of the system.
    authorities_origin: Option<String>,
    context: &'a Context,
}

/// Makes the checks; returns whether the server was reached.
///
/// # Errors
/// When the run is interrupted.
pub(super) fn check(
    target: &DoctorTarget,
    trust: TrustedAuthorities,
    request_timeout: Duration,
    context: &Context,
    checks: &mut Checks,
) -> Result<bool, Failure> {
    let TrustedAuthorities { authorities, origin } = trust;
    let mut options = ProbeOptions::new(target.endpoint.clone());
    options.proxies = settings::proxies(&context.environment);
    options.authorities = authorities;
    options.limits.connect = options.limits.connect.min(request_timeout);
    let probe = match Probe::new(options, context.interrupt.clone()) {
        Ok(probe) => probe,
        Err(error) => {
            let failure =
                source_failure::diagnosis(&error, &target.origins(), context.signals.kind());
            checks.failed("proxy", failure);
            return Ok(false);
        }
    };
    let check = NetworkCheck { probe, target, authorities_origin: origin, context };
    check.proxy(checks);
    let Some(addresses) = check.lookup(checks)? else { return Ok(false) };
    if !check.connect(&addresses, checks)? {
        return Ok(false);
    }
    check.tls(checks)
}

impl NetworkCheck<'_> {
    fn proxy(&self, checks: &mut Checks) {
        let host = self.target.endpoint.host();
        checks.ok(
            "proxy",
            match (self.probe.proxy(), self.target.proxy_variable) {
                (Some(proxy), Some(variable)) => format!("{proxy} ({variable})"),
                (Some(proxy), None) => proxy,
                (None, Some(variable)) => format!("none; {host} is exempt from {variable}"),
                (None, None) => "none".to_owned(),
            },
        );
    }

    fn lookup(&self, checks: &mut Checks) -> Result<Option<Vec<SocketAddr>>, Failure> {
        let peer = self.probe.peer();
        if let Ok(address) = peer.parse::<SocketAddr>() {
            checks.ok("lookup", format!("{} is an address", address.ip()));
            return Ok(Some(vec![address]));
        }
        let (name, _) = peer.rsplit_once(':').unwrap_or((&peer, ""));
        let (found, took) = self.timed(&format!("looking up {name}"), Probe::lookup);
        match found {
            Ok(addresses) if !addresses.is_empty() => {
                let ips: Vec<String> = addresses.iter().map(|a| a.ip().to_string()).collect();
                checks.ok("lookup", format!("{name} is {}, {}", ips.join(", "), millis(took)));
                Ok(Some(addresses))
            }
            Ok(_) => {
                let error = SourceError::Unreachable {
                    message: format!("{name} has no address"),
                    hint: None,
                    transient: false,
                    at_proxy: self.probe.proxy().is_some(),
                    status: None,
                };
                self.failed("lookup", &error, checks)?;
                Ok(None)
            }
            Err(error) => {
                self.failed("lookup", &error, checks)?;
                Ok(None)
            }
        }
    }

    fn connect(&self, addresses: &[SocketAddr], checks: &mut Checks) -> Result<bool, Failure> {
        let doing = format!("connecting to {}", self.probe.peer());
        let (reached, took) = self.timed(&doing, |probe| probe.connect(addresses));
        let ProbeConnection { address, failed } = match reached {
            Ok(reached) => reached,
            Err(error) => {
                self.failed("connection", &error, checks)?;
                return Ok(false);
            }
        };
        let detail = format!("{address}, {}", millis(took));
        if failed.is_empty() || address.ip().is_loopback() {
            checks.ok("connection", detail);
        } else {
            let failed: Vec<String> = failed.iter().map(SocketAddr::to_string).collect();
            let detail = format!("{detail}; no response from {}", failed.join(", "));
            let fix = "fix the route to these addresses; until then, connecting may have to wait for them";
            checks.warning("connection", detail, vec![fix.to_owned()]);
        }
        Ok(true)
    }

    fn tls(&self, checks: &mut Checks) -> Result<bool, Failure> {
        if !self.target.endpoint.is_https() {
            checks.skipped("tls", "plain http, which is allowed to this machine only");
            checks.skipped("certificate", "plain http has no certificate");
            return Ok(true);
        }
        let doing = format!("TLS handshake with {}", self.target.endpoint.host());
        let (result, took) = self.timed(&doing, Probe::handshake);
        let handshake = match result {
            Ok(handshake) => handshake,
            Err(error) => {
                // The handshake is with the host of the API, also through a proxy.
                let authorities = self.authorities_origin.clone();
                let origins =
                    source_failure::RequestOrigins { authorities, ..self.target.origins() };
                let failure = self.diagnosis(&error, &origins)?;
                let mut fix = format!("{} shows what responds there", self.tls_command());
                if fix.contains("-proxy_user") {
                    fix += "; put the proxy's user name in place of USER, and type its password";
                }
                checks.failed("tls", with_fix(failure, &fix));
                return Ok(false);
            }
        };
        let version = handshake.version.unwrap_or("TLS");
        let trust = self.authorities_origin.as_deref().unwrap_or("the system's authorities");
        checks.ok("tls", format!("{version}, verified by {trust}, {}", millis(took)));
        self.certificate(handshake.certificate.as_ref(), checks);
        Ok(true)
    }

    /// A command that shows the handshake, over the same route.
    fn tls_command(&self) -> String {
        let endpoint = &self.target.endpoint;
        let address = endpoint.host_and_port();
        match self.probe.proxy() {
            None => format!("openssl s_client -connect {address}"),
            Some(proxy) if proxy.starts_with("http://") => {
                // Without -proxy_pass, openssl sends an empty password.
                let login = if self.probe.has_proxy_login() {
                    " -proxy_user USER -proxy_pass stdin"
                } else {
                    ""
                };
                format!("openssl s_client -proxy {}{login} -connect {address}", self.probe.peer())
            }
            // openssl supports no other kind of proxy; curl reads the proxy from the environment.
            Some(_) => format!("curl -v {}", endpoint.origin()),
        }
    }

    fn certificate(&self, certificate: Option<&Certificate>, checks: &mut Checks) {
        let Some(Certificate { not_after, issuer }) = certificate else {
            return checks.skipped("certificate", "its expiry date cannot be read");
        };
        let left = *not_after - self.context.clock.now();
        let (day, days) = (not_after.format("%Y-%m-%d"), left.num_days());
        let detail = format!("valid until {day}, {days} more days, from {issuer}");
        if left < MIN_VALIDITY {
            let host = self.target.endpoint.host();
            let fix =
                format!("ask the operator of {host} to renew it; it is refused after that day");
            checks.warning("certificate", detail, vec![fix]);
        } else {
            checks.ok("certificate", detail);
        }
    }

    /// Runs a step and measures how long it takes; a terminal shows the step meanwhile.
    fn timed<T>(&self, doing: &str, step: impl FnOnce(&Probe) -> T) -> (T, Duration) {
        let Context { report, clock, .. } = self.context;
        report.status(doing);
        let started = clock.elapsed();
        let done = step(&self.probe);
        report.status("");
        (done, clock.elapsed().saturating_sub(started))
    }

    /// Adds the failed check of a step to the server, or to the proxy if there is one.
    ///
    /// # Errors
    /// When the run is interrupted.
    fn failed(
        &self,
        name: &'static str,
        error: &SourceError,
        checks: &mut Checks,
    ) -> Result<(), Failure> {
        let mut failure = self.diagnosis(error, &self.target.origins())?;
        if let (Some(_), Some(variable)) = (self.probe.proxy(), self.target.proxy_variable) {
            failure.hints = vec![format!("check {variable}, and that the proxy runs")];
        }
        let fix = "check the host and the port of the base URL, and the firewalls between";
        checks.failed(name, with_fix(failure, fix));
        Ok(())
    }

    /// The failure of a check. An interruption is not one, and is returned as the error of the run.
    fn diagnosis(
        &self,
        error: &SourceError,
        origins: &source_failure::RequestOrigins,
    ) -> Result<Failure, Failure> {
        let failure = source_failure::diagnosis(error, origins, self.context.signals.kind());
        if *error == SourceError::Interrupted { Err(failure) } else { Ok(failure) }
    }
}

/// The failure, with this hint if it has no other.
pub(super) fn with_fix(failure: Failure, fix: &str) -> Failure {
    if failure.hints.is_empty() { failure.hint(fix) } else { failure }
}

/// A duration in whole milliseconds.
pub(super) fn millis(took: Duration) -> String {
    format!("{} ms", took.as_millis())
}
