//! The results of checks. Nothing is checked or printed here.

use crate::failure::{Failure, Kind};

/// The names of the checks, in the order in which they are made and shown.
const CHECK_NAMES: [&str; 13] = [
    "config",
    "profile",
    "settings",
    "base_url",
    "proxy",
    "lookup",
    "connection",
    "tls",
    "certificate",
    "credentials",
    "scope",
    "response",
    "clock",
];

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CheckOutcome {
    Ok,
    /// The set-up works, but possibly not for long or not as intended.
    Warning,
    Failed(Kind),
    /// The check could not be made, or there is nothing to check.
    Skipped,
}

impl CheckOutcome {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed(_) => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// One check. Its texts contain no secret. They can contain control characters, which the output
/// replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) outcome: CheckOutcome,
    /// What was found.
    pub(super) detail: String,
    /// What to do about a problem, one clause each.
    pub(super) fixes: Vec<String>,
}

/// The checks made so far.
#[derive(Debug, Default)]
pub(super) struct Checks(Vec<Check>);

impl Checks {
    pub(super) fn ok(&mut self, name: &'static str, detail: impl Into<String>) {
        self.add(name, CheckOutcome::Ok, detail.into(), Vec::new());
    }

    pub(super) fn warning(&mut self, name: &'static str, detail: String, fixes: Vec<String>) {
        self.add(name, CheckOutcome::Warning, detail, fixes);
    }

    pub(super) fn skipped(&mut self, name: &'static str, why: impl Into<String>) {
        self.add(name, CheckOutcome::Skipped, why.into(), Vec::new());
    }

    pub(super) fn failed(&mut self, name: &'static str, failure: Failure) {
        let Failure { kind, message, causes, hints, .. } = failure;
        let because = match causes.as_slice() {
            [] => String::new(),
            causes => format!(" ({})", causes.join("; ")),
        };
        self.add(name, CheckOutcome::Failed(kind), message + &because, hints);
    }

    fn add(
        &mut self,
        name: &'static str,
        outcome: CheckOutcome,
        detail: String,
        fixes: Vec<String>,
    ) {
        self.0.push(Check { name, outcome, detail, fixes });
    }

    /// All checks in their order. After a failure, each check that was not made is skipped, with the
    /// first failed check as the reason.
    pub(super) fn finish(mut self) -> Vec<Check> {
        let place = |name: &str| CHECK_NAMES.iter().position(|known| *known == name);
        self.0.sort_by_key(|check| place(check.name));
        let first = self.0.iter().find(|check| matches!(check.outcome, CheckOutcome::Failed(_)));
        let Some(failed) = first.map(|check| check.name) else { return self.0 };
        for name in CHECK_NAMES {
            if self.0.iter().any(|check| check.name == name) {
                continue;
            }
            if place(name) < place(failed) {
                self.skipped(name, format!("not checked, because {failed} failed"));
            } else {
                self.skipped(name, format!("needs {failed}"));
            }
        }
        self.0.sort_by_key(|check| place(check.name));
        self.0
    }
}

/// The result of the run: the kind of its failure is that of the first failed check.
pub(super) fn verdict(checks: &[Check]) -> Result<(), Failure> {
    let failed = checks.iter().filter_map(|check| match check.outcome {
        CheckOutcome::Failed(kind) => Some((kind, check.name)),
        _ => None,
    });
    let (kinds, names): (Vec<_>, Vec<_>) = failed.unzip();
    match kinds.first() {
        None => Ok(()),
        Some(kind) => {
            let count =
                if names.len() == 1 { "a check".into() } else { format!("{} checks", names.len()) };
            Err(Failure::new(*kind, format!("{count} failed: {}", names.join(", "))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failure_in_the_order_of_the_checks_decides_and_the_rest_need_it() {
        let mut checks = Checks::default();
        checks.failed("credentials", Failure::new(Kind::Credentials, "none").because("why"));
        checks.failed("lookup", Failure::new(Kind::Unreachable, "unknown").hint("fix"));
        checks.ok("config", "none");
        let checks = checks.finish();
        assert_eq!(checks.iter().map(|check| check.name).collect::<Vec<_>>(), CHECK_NAMES);
        let lookup = &checks[5];
        assert_eq!(
            (lookup.outcome.word(), lookup.fixes.as_slice()),
            ("failed", &["fix".to_owned()][..])
        );
        assert_eq!(
            (checks[6].outcome, checks[6].detail.as_str()),
            (CheckOutcome::Skipped, "needs lookup")
        );
        assert_eq!(checks[1].detail, "not checked, because lookup failed");
        assert_eq!(checks[9].detail, "none (why)");
        let failure = verdict(&checks).unwrap_err();
        assert_eq!(failure.kind, Kind::Unreachable);
        assert_eq!(failure.message, "2 checks failed: lookup, credentials");
    }

    #[test]
    fn a_warning_is_not_a_failure() {
        let mut checks = Checks::default();
        checks.warning("clock", "off".into(), vec!["set it".into()]);
        assert_eq!(verdict(&checks.finish()), Ok(()));
    }
}
