//! `--fail-if`: limits on figures, and the failure of a run that breaks one. A run that failed for
//! another reason keeps its own exit status: missing rows must not raise an alarm.

mod check;
mod expression;

use omnilogs::stats::Summary;

pub(crate) use self::check::Verdict;
use self::expression::Limit;
use crate::failure::{Alarm, Failure, Kind};
use crate::session::context::Context;
use crate::text::count;

/// The maximum number of broken limits that are listed. A key with thousands of groups can break as
/// many.
const MAX_LISTED: usize = 100;

/// The limits of a run.
#[derive(Debug)]
pub(crate) struct AlarmLimits {
    expressions: Vec<Limit>,
    /// Whether each group is checked, instead of all messages together.
    by_group: bool,
    /// Groups with fewer final messages are not checked.
    min: u64,
}

impl AlarmLimits {
    /// Parses the expressions.
    ///
    /// # Errors
    /// When one is malformed, or can never be true.
    pub(crate) fn parse(expressions: &[String], by_group: bool, min: u64) -> Result<Self, Failure> {
        let limits: Result<Vec<_>, _> = expressions.iter().map(|text| Limit::parse(text)).collect();
        let limits = limits?;
        limits.iter().try_for_each(|limit| limit.check_min(min))?;
        Ok(Self { expressions: limits, by_group, min })
    }

    /// Compares the figures of a summary with the limits.
    pub(crate) fn check(&self, summary: &Summary) -> Verdict {
        check::check(&self.expressions, summary, self.by_group, self.min)
    }

    /// The result of a run that ended like this. Says on standard error what was not checked.
    ///
    /// # Errors
    /// When the run failed, or broke a limit.
    pub(crate) fn result(
        &self,
        verdict: Verdict,
        ending: Result<(), Failure>,
        context: &Context,
    ) -> Result<(), Failure> {
        if self.expressions.is_empty() {
            return ending;
        }
        match ending {
            Err(failure) if failure.kind == Kind::Incomplete => {
                return Err(with_sentences(failure, &verdict, "of the rows that were read, "));
            }
            Err(failure) => return Err(failure),
            Ok(()) => {}
        }
        for sentence in &verdict.unchecked {
            context.report.say(sentence);
        }
        if verdict.broken.is_empty() {
            context.report.summary("no limit is broken");
            return Ok(());
        }
        let message = match verdict.broken.len() {
            1 => "a limit is broken".to_owned(),
            several => format!("{} limits are broken", count(several)),
        };
        let mut failure = with_sentences(Failure::new(Kind::Condition, message), &verdict, "");
        let listed = verdict.broken.into_iter().take(MAX_LISTED);
        let alarm = Alarm(listed.map(|(broken, _)| broken).collect());
        failure.alarm = Some(Box::new(alarm));
        Err(failure)
    }
}

/// The failure with a cause for each broken limit.
fn with_sentences(mut failure: Failure, verdict: &Verdict, before: &str) -> Failure {
    let listed = verdict.broken.iter().take(MAX_LISTED);
    failure.causes.extend(listed.map(|(_, sentence)| format!("{before}{sentence}")));
    match verdict.broken.len().saturating_sub(MAX_LISTED) {
        0 => failure,
        more => failure.because(format!("{} more are not listed", count(more))),
    }
}
