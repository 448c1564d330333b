//! `follow`: shows messages as they arrive, and again when their status changes.

mod counts;
mod state;

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use omnilogs::clock::Clock;
use omnilogs::pages::follow::{Event, EventMark, Follow, FollowOptions, Note, Shortfall};
use omnilogs::sink::{RunEnd, SinkError};
use omnilogs::source::{Gap, ceil_seconds};
use omnilogs::zone::Zone;
use omnilogs::{Log, Query, Source, SourceError};

use self::counts::FollowCounts;
use self::state::FollowIo;
use crate::args::{
    ConditionArgs, ConnectionArgs, ExtentArgs, FilterArgs, FormatArgs, LocalFilterArgs, OriginArgs,
    OutputArgs, PaceArgs, RowArgs, SandboxSourceArgs,
};
use crate::failure::{Failure, Kind};
use crate::session::context::Context;
use crate::session::follow_state::FollowStore;
use crate::session::poll_loop::{self, Poll};
use crate::session::prepare::{PreparedRun, RunArgs, prepare};
use crate::session::source_failure;
use crate::session::summary;
use crate::settings::{self, LocalFilter};
use crate::text::counted;
use crate::time_input::time_text;

/// Options of `follow`.
#[derive(Debug, Args)]
pub(crate) struct FollowArgs {
    #[command(flatten)]
    pub(crate) filters: FilterArgs,
    #[command(flatten)]
    pub(crate) local: LocalFilterArgs,
    #[command(flatten)]
    pub(crate) rows: RowArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) condition: ConditionArgs,
    #[command(flatten)]
    pub(crate) source: SandboxSourceArgs,
    #[command(flatten)]
    pub(crate) pace: PaceArgs,
}

/// The options of the library.
fn options(pace: &PaceArgs) -> FollowOptions {
    let PaceArgs { interval, lookback, time, .. } = pace;
    let mut options = FollowOptions::default();
    options.interval = interval.unwrap_or(options.interval);
    options.lookback = lookback.unwrap_or(options.lookback);
    options.duration = *time;
    options
}

/// Runs the command `follow`.
pub(crate) fn run(
    args: &FollowArgs,
    connection: &ConnectionArgs,
    context: &Context,
) -> Result<(), Failure> {
    let FollowArgs { filters, local, rows, output, condition, source, pace } = args;
    let format = FormatArgs {
        rows: rows.clone(),
        output: output.clone(),
        condition: *condition,
        ..FormatArgs::default()
    };
    let origin = OriginArgs { server: source.clone(), ..OriginArgs::default() };
    let run_args = RunArgs {
        filters,
        extent: ExtentArgs::default(),
        local,
        format: &format,
        origin: &origin,
        versions: false,
        is_counted: false,
        plot: None,
        state: None,
    };
    follow(run_args, pace, connection, context)
}

/// Follows messages, for the command `follow` and for the option `--follow`.
pub(crate) fn follow(
    args: RunArgs<'_>,
    pace: &PaceArgs,
    connection: &ConnectionArgs,
    context: &Context,
) -> Result<(), Failure> {
    let args = RunArgs { state: pace.state.as_deref(), ..args };
    let prepared = prepare(args, connection, context, |query, output_settings| {
        refuse_an_end_in_the_past(query, context)?;
        state::check(args.state, output_settings)
    })?;
    let Some(prepared) = prepared else { return Ok(()) };
    let mut options = options(pace);
    let limit = args.filters.limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let limit = limit.unwrap_or(options.limit);
    let opened = state::open(&prepared, args, &options, pace.same_account, context)?;
    let FollowIo { handle, store, output, is_continued } = opened;
    let PreparedRun { query, mut output_settings, local, .. } = prepared;
    // The newest messages that match a local filter are searched among as many as a response has.
    options.limit = if local.is_empty() { limit } else { limit.max(Query::MAX_ROWS as usize) };
    warn_of_rate(&query, &options, connection, context);
    output_settings.no_header |= is_continued;
    output_settings.csv.bom &= !is_continued;
    let counts = FollowCounts::new(options.lookback);
    let nothing_shown = summary::no_followed_messages(&query);
    let clock = Arc::clone(&context.clock);
    let (follow, start) = match store.as_ref().and_then(|store| Some((store, store.state()?))) {
        None => (Follow::new(handle.source, query, options, clock), Some(limit)),
        Some((store, state)) => {
            let follow = Follow::resume(handle.source, query, options, clock, state);
            (follow.ok_or_else(|| store.damaged())?, None)
        }
    };
    let clock = Arc::clone(&context.clock);
    let mut poll = FollowPoll { follow, local, start, counts, store, clock, marks: Vec::new() };
    output_settings.changes = true;
    let (zone, fail_on_empty) = (output_settings.zone, output_settings.fail_on_empty);
    let Some(result) = poll_loop::write(&mut poll, output_settings, output, context)? else {
        return Ok(());
    };
    let has_failed = poll.follow.shortfall().is_some()
        || result.failure.as_ref().is_some_and(|error| *error != SourceError::Interrupted);
    if result.rows == 0 && !has_failed && !result.output_is_over() {
        // A mistyped filter looks like a quiet log.
        context.report.say(&nothing_shown);
    }
    let summary = format!("followed: {}", poll.counts.whole());
    if result.failure == Some(SourceError::Interrupted) {
        // Ctrl-C is the normal end of a follow, and not a failure.
        context.report.say(&summary);
        context.signals.end();
    } else {
        context.report.summary(&summary);
    }
    if let Some(error) = &result.failure {
        return Err(source_failure::failure(error, &handle.origins, context.signals.kind()));
    }
    if let Some(shortfall) = poll.follow.shortfall().filter(|_| !result.output_is_over()) {
        return Err(incomplete(&shortfall, zone, &handle.origins, context));
    }
    if fail_on_empty && result.rows == 0 {
        return Err(Failure::new(Kind::Condition, "no message was shown")
            .because("--fail-on-empty was given"));
    }
    Ok(())
}

/// The failure of a follow that may have missed messages.
fn incomplete(
    shortfall: &Shortfall,
    zone: Zone,
    origins: &source_failure::RequestOrigins,
    context: &Context,
) -> Failure {
    let failed = |error| source_failure::failure(error, origins, context.signals.kind());
    match shortfall {
        Shortfall::NeverSucceeded(error) => failed(error),
        Shortfall::LastPollFailed { error, since } => {
            let since = time_text(*since, zone);
            let mut failure = failed(error);
            failure.kind = Kind::Incomplete;
            failure.causes.insert(0, failure.message);
            failure.message = format!("incomplete: messages after {since} may be missing");
            failure
                .hint(format!("list them with the same filters: omnilogs --all --since '{since}'"))
        }
        _ => Failure::new(Kind::Incomplete, "incomplete: some messages could not be fetched")
            .because("the warnings above name the times"),
    }
}

fn refuse_an_end_in_the_past(query: &Query, context: &Context) -> Result<(), Failure> {
    let now = context.clock.now().timestamp_millis();
    if query.until.is_some_and(|until| until.millis() < now) {
        return Err(Failure::usage(
            "--until is in the past, so follow would never show a new message",
        )
        .hint("omit --until, or use --for 10m to end after that time"));
    }
    Ok(())
}

/// Warns when the polls need more requests than the rate allows.
fn warn_of_rate(
    query: &Query,
    options: &FollowOptions,
    connection: &ConnectionArgs,
    context: &Context,
) {
    let Some(rate) = settings::rate(connection) else { return };
    let requests = query.requests_per_page();
    let factor = u32::try_from(requests).unwrap_or(u32::MAX);
    let least = Duration::from_secs(60).saturating_mul(factor) / rate.max(1);
    if requests > 1 && least > options.interval {
        context.report.warn(&format!(
            "a poll takes {} ({}), and {rate} per minute are allowed, so polls come every {} s",
            counted(requests, "request"),
            settings::factors(query),
            ceil_seconds(least)
        ));
    }
}

/// The polls of a follow, as the loop of polls needs them.
struct FollowPoll<S> {
    follow: Follow<S>,
    local: LocalFilter,
    /// The maximum number of messages that the first poll shows; `None` after it.
    start: Option<usize>,
    counts: FollowCounts,
    /// The state for the next run, with `--state`.
    store: Option<FollowStore>,
    clock: Arc<dyn Clock>,
    /// The marks of the events of the latest poll, with `--state`.
    marks: Vec<EventMark>,
}

impl<S: Source + Send> Poll for FollowPoll<S> {
    fn time_to_next_poll(&self) -> Option<Duration> {
        self.follow.time_to_next_poll()
    }

    fn poll(&mut self) -> Result<(Vec<Log>, Vec<Note>), SourceError> {
        let polled = self.follow.poll()?;
        let mut events = polled.events;
        events.retain(|event| self.local.keeps(event.log()));
        if self.follow.has_succeeded()
            && let Some(limit) = self.start.take()
        {
            // The newest are last.
            events.drain(..events.len().saturating_sub(limit));
        }
        for event in &events {
            self.counts.note(event);
        }
        self.marks.clear();
        if self.store.is_some() {
            self.marks.extend(events.iter().map(|event| self.follow.mark(event)));
        }
        Ok((events.into_iter().map(Event::row).collect(), polled.notes))
    }

    /// The first state is saved before its rows: a run that continues from it knows which messages
    /// were there at the start.
    fn begin_rows(&mut self) -> Result<(), SinkError> {
        let Some(store) = self.store.as_mut().filter(|store| store.state().is_none()) else {
            return Ok(());
        };
        match self.follow.state() {
            Some(state) => store.note(state.without(&self.marks), self.clock.elapsed()),
            None => Ok(()),
        }
    }

    fn end_rows(&mut self, rows: usize) -> Result<(), SinkError> {
        let Some(store) = &mut self.store else { return Ok(()) };
        let now = self.clock.elapsed();
        if self.marks.is_empty() && !store.is_due(now) {
            return Ok(());
        }
        if let Some(shown) = self.marks.get(..rows).filter(|_| rows < self.marks.len()) {
            return store.note_part(shown, now);
        }
        match self.follow.state() {
            Some(state) => store.note(state, now),
            None => Ok(()),
        }
    }

    fn has_succeeded(&self) -> bool {
        self.follow.has_succeeded()
    }

    fn outlives_reader(&self) -> bool {
        false
    }

    fn run_end(&self) -> RunEnd {
        let Some(shortfall) = self.follow.shortfall() else { return RunEnd::Complete };
        let mut gaps = self.follow.gaps().to_vec();
        let failure = match shortfall {
            Shortfall::NeverSucceeded(error) => Some(error.to_string()),
            Shortfall::LastPollFailed { error, since } => {
                let reason = error.to_string();
                let missing = Gap { since: Some(since), until: None, at_least: 0, reason };
                gaps.push(missing);
                Some(error.to_string())
            }
            _ => None,
        };
        RunEnd::Incomplete { gaps, failure }
    }

    fn status(&self, _columns: usize) -> String {
        format!("{} · Ctrl-C to stop", self.counts.short())
    }
}

#[cfg(test)]
mod tests {
    use omnilogs::clock::Clock;
    use omnilogs::source::ErrorBody;
    use omnilogs::{Page, SourceKind};

    use super::*;
    use crate::session::test_support::VirtualClock;

    /// A server without messages that fails after some responses.
    struct FailingSource {
        responses: usize,
    }

    impl Source for FailingSource {
        fn fetch(&mut self, _: &Query) -> Result<Page, SourceError> {
            let Some(left) = self.responses.checked_sub(1) else {
                let body = ErrorBody::Api {
                    reason: String::new(),
                    violations: Box::default(),
                    omitted_violations: 0,
                };
                return Err(SourceError::Server { host: "h".to_owned(), status: 503, body });
            };
            self.responses = left;
            Ok(Page::default())
        }

        fn kind(&self) -> SourceKind {
            SourceKind::Api
        }
    }

    /// How a follow of a minute ends for its sink, and the time of its last poll.
    fn end_of(source: FailingSource) -> (RunEnd, Duration) {
        let clock = Arc::new(VirtualClock::default());
        let mut options = FollowOptions::default();
        options.duration = Some(Duration::from_secs(60));
        let shared = Arc::clone(&clock) as Arc<dyn Clock>;
        let follow = Follow::new(source, Query::default(), options, shared);
        let mut poll = FollowPoll {
            follow,
            local: LocalFilter::default(),
            start: None,
            counts: FollowCounts::new(options.lookback),
            store: None,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            marks: Vec::new(),
        };
        while let Some(rest) = poll.time_to_next_poll() {
            clock.sleep(rest);
            poll.poll().unwrap();
        }
        (poll.run_end(), clock.elapsed())
    }

    #[test]
    fn a_follow_that_missed_messages_when_its_time_is_over_is_incomplete_for_its_sink() {
        let minute = Duration::from_secs(60);
        assert_eq!(end_of(FailingSource { responses: usize::MAX }), (RunEnd::Complete, minute));
        for (responses, gaps) in [(0, 0), (3, 1)] {
            let (end, at) = end_of(FailingSource { responses });
            let RunEnd::Incomplete { gaps: missing, failure } = end else { panic!("{end:?}") };
            assert_eq!((missing.len(), at), (gaps, minute), "{responses}");
            assert!(failure.unwrap().starts_with("HTTP 503"), "{responses}");
        }
    }
}
