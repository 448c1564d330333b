//! Filters that are sent to the API, and filters that are applied locally.

use std::time::Duration;

use clap::Args;
use clap_complete::engine::ArgValueCompleter;

use super::{completion, values};

/// Filters that are sent to the API, each only when it is given.
#[derive(Debug, Default, PartialEq, Args)]
#[command(next_help_heading = "Filters (sent to the API)")]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(crate) struct FilterArgs {
    /// Channels, case-insensitive: repeat or separate with commas
    ///
    /// The API takes one channel, one status group and one destination per request: with
    /// several values, each page takes several requests, whose rows are merged by time. -v shows how
    /// many.
    ///
    /// With --input and --archive any word is accepted, since saved messages may be of channels that
    /// are newer than this program.
    #[arg(short, long, value_name = "CHANNEL", value_delimiter = ',', value_parser = values::OfferedWords::channels())]
    pub(crate) channel: Vec<String>,

    /// Status groups, case-insensitive: repeat or separate with commas
    ///
    /// failed means UNDELIVERABLE, EXPIRED and REJECTED.
    #[arg(long, alias = "general-status", value_name = "GROUP", value_delimiter = ',', value_parser = values::OfferedWords::statuses())]
    pub(crate) status: Vec<String>,

    /// Failed messages: --status failed
    #[arg(long)]
    pub(crate) failed: bool,

    /// Delivered messages: --status DELIVERED
    #[arg(long)]
    pub(crate) delivered: bool,

    /// Messages on their way: --status ACCEPTED,PENDING
    #[arg(long)]
    pub(crate) pending: bool,

    /// Sender, a name or a number
    ///
    /// A phone number may be written as for --to.
    #[arg(long, value_name = "SENDER", allow_hyphen_values = true)]
    pub(crate) from: Option<String>,

    /// Destinations: numbers, e-mail addresses, push registrations or other ids; repeat or separate
    /// with commas
    ///
    /// A phone number may be written with spaces, brackets, hyphens, and + or 00 in front; it is
    /// sent as digits.
    #[arg(long, value_name = "DESTINATION", value_delimiter = ',', allow_hyphen_values = true)]
    pub(crate) to: Vec<String>,

    /// Sent at or after: 90s, 15m, 2h, 1h30m, 1d, 2w (back from now), now, today, yesterday, 14:00,
    /// 2026-11-22, '2026-11-22 10:00', or RFC 3339
    ///
    /// Without a UTC offset, a time is in the zone of --timezone, or else in the local time zone. A
    /// date alone means the start of that day. A time that a clock change skips or repeats is
    /// refused, and the message shows both possible times.
    #[arg(short, long, alias = "sent-since", value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) since: Option<String>,

    /// Sent at or before, in the same forms as --since
    #[arg(long, alias = "sent-until", value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) until: Option<String>,

    /// Message ids: repeat or separate with commas; @FILE reads one id per line, @- standard input
    #[arg(long, value_name = "ID", allow_hyphen_values = true,
          add = ArgValueCompleter::new(completion::files_of_ids))]
    pub(crate) message_id: Vec<String>,

    /// Bulk ids, in the same forms as --message-id
    #[arg(long, value_name = "ID", allow_hyphen_values = true,
          add = ArgValueCompleter::new(completion::files_of_ids))]
    pub(crate) bulk_id: Vec<String>,

    /// Mobile country code
    #[arg(long, value_name = "CODE", value_parser = values::network_code)]
    pub(crate) mcc: Option<String>,

    /// Mobile network code
    #[arg(long, value_name = "CODE", value_parser = values::network_code)]
    pub(crate) mnc: Option<String>,

    /// A parameter that this program does not know; sent without any check
    ///
    /// Not available with --input, which sends nothing.
    #[arg(long, value_name = "KEY=VALUE", value_parser = values::parameter, hide_short_help = true)]
    pub(crate) param: Vec<(String, String)>,

    /// Turn warnings about a query into errors, such as a window older than 48 hours
    #[arg(long, hide_short_help = true)]
    pub(crate) strict: bool,

    /// Maximum number of messages [API default: 50]; above 1000, page by page
    #[arg(short = 'n', long, value_name = "N", allow_negative_numbers = true, value_parser = values::limit)]
    pub(crate) limit: Option<u64>,
}

impl FilterArgs {
    /// The words that were typed for each filter of the table, by its option.
    pub(crate) fn words(&self) -> Vec<(&'static str, Vec<String>)> {
        let Self {
            channel,
            status,
            failed,
            delivered,
            pending,
            from,
            to,
            since,
            until,
            message_id,
            bulk_id,
            mcc,
            mnc,
            param: _,
            strict: _,
            limit,
        } = self;
        let one = |word: &Option<String>| word.iter().cloned().collect();
        let short_forms = [
            (failed, &[values::FAILED][..]),
            (delivered, &["DELIVERED"]),
            (pending, &["ACCEPTED", "PENDING"]),
        ];
        let given = short_forms.into_iter().filter(|(is_given, _)| **is_given);
        let groups = given.flat_map(|(_, groups)| groups).map(|group| (*group).to_owned());
        vec![
            ("--from", one(from)),
            ("--to", to.clone()),
            ("--bulk-id", bulk_id.clone()),
            ("--message-id", message_id.clone()),
            ("--status", status.iter().cloned().chain(groups).collect()),
            ("--since", one(since)),
            ("--until", one(until)),
            ("--limit", limit.iter().map(ToString::to_string).collect()),
            ("--mcc", one(mcc)),
            ("--mnc", one(mnc)),
            ("--channel", channel.clone()),
        ]
    }
}

/// How much of the window a run with an end reads. `follow` has no such end.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = "Filters (sent to the API)")]
pub(crate) struct ExtentArgs {
    /// Everything in the window, page by page
    #[arg(short, long, conflicts_with = "limit")]
    pub(crate) all: bool,
}

/// Filters that are applied to the rows of a response. With a limit, pages are requested until
/// that number of rows matches.
#[derive(Debug, Default, PartialEq, Args)]
#[command(next_help_heading = "Filters (applied locally)")]
pub(crate) struct LocalFilterArgs {
    /// Show only messages whose text matches
    #[arg(short, long, value_name = "REGEX", allow_hyphen_values = true)]
    pub(crate) grep: Option<String>,

    /// Omit messages whose text matches
    #[arg(long, value_name = "REGEX", allow_hyphen_values = true)]
    pub(crate) exclude: Option<String>,

    /// Make --grep and --exclude case-insensitive
    #[arg(short, long)]
    pub(crate) ignore_case: bool,

    /// Show only messages with a final status
    #[arg(long = "final")]
    pub(crate) only_final: bool,

    /// Show only messages with this error or status: an id, a name or a part of a name; repeat or
    /// separate with commas
    #[arg(long, value_name = "CODE|NAME", value_delimiter = ',',
          add = ArgValueCompleter::new(completion::codes))]
    pub(crate) error: Vec<String>,

    /// Show only messages to this country: ISO code or name; repeat or separate with commas
    ///
    /// The country is that of the mobile network (the first digits of mccmnc), which messages over
    /// other channels do not have.
    #[arg(long, value_name = "ISO|NAME", value_delimiter = ',',
          add = ArgValueCompleter::new(completion::countries))]
    pub(crate) country: Vec<String>,

    /// Show only messages that took longer than this from sent to done
    #[arg(long, value_name = "DURATION", value_parser = values::duration)]
    pub(crate) slow: Option<Duration>,
}

#[cfg(test)]
mod tests {
    use omnilogs::query::FILTERS;

    use super::*;

    #[test]
    fn every_filter_of_the_table_has_its_option_and_its_words() {
        let command = FilterArgs::augment_args(clap::Command::new("omnilogs"));
        let flags: Vec<_> = command.get_arguments().filter_map(clap::Arg::get_long).collect();
        let words = FilterArgs::default().words();
        for filter in FILTERS {
            let flag = filter.flag.trim_start_matches("--");
            assert!(flags.contains(&flag), "{} has no option in {flags:?}", filter.flag);
            assert!(words.iter().any(|(of, _)| *of == filter.flag), "{}", filter.flag);
        }
    }
}
