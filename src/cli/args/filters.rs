//! Filters: those that the API applies, and those applied here.

use clap::Args;
use omnilogs::StatusGroup;

use super::values;

/// Sent to the API, only when given.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Filters (sent to the API)")]
pub(crate) struct FilterArgs {
    /// Channel the message went over, any letter case
    ///
    /// With --input any word, as saved messages may name channels that are newer than this tool.
    #[arg(short, long, value_name = "CHANNEL", value_parser = values::ChannelWord)]
    pub(crate) channel: Option<String>,

    /// Status group, any letter case
    #[arg(long, alias = "general-status", value_name = "GROUP", value_parser = values::groups(), ignore_case = true)]
    pub(crate) status: Option<StatusGroup>,

    /// Sender, alphanumeric or numeric
    ///
    /// A phone number may be written as for --to.
    #[arg(long, value_name = "SENDER", allow_hyphen_values = true)]
    pub(crate) from: Option<String>,

    /// Destination: number, e-mail address, push registration or another id
    ///
    /// A phone number may be written with +, spaces, brackets, hyphens or 00 in front; it is sent
    /// as digits.
    #[arg(long, value_name = "DESTINATION", allow_hyphen_values = true)]
    pub(crate) to: Option<String>,

    /// Sent at or after: 90s, 15m, 2h, 1h30m, 1d (back from now), now, today, yesterday, 14:00,
    /// 2026-11-22, '2026-11-22 10:00', or RFC 3339
    ///
    /// Without an offset, the time zone of --timezone holds (else the machine's). A date alone
    /// is its first moment. A time that a clock change skips or repeats is refused, both readings
    /// shown.
    #[arg(short, long, alias = "sent-since", value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) since: Option<String>,

    /// Sent at or before; the forms of --since
    #[arg(long, alias = "sent-until", value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) until: Option<String>,

    /// How many messages at most [API default: 50]; past 1000, pages are fetched
    #[arg(short = 'n', long, value_name = "N", allow_negative_numbers = true, value_parser = values::limit)]
    pub(crate) limit: Option<u64>,

    /// Everything in the window, page by page
    #[arg(short, long, conflicts_with = "limit")]
    pub(crate) all: bool,

    /// Message ids: repeat, or part with commas; @FILE reads one a line, @- standard input
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    pub(crate) message_id: Vec<String>,

    /// Bulk ids; the forms of --message-id
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    pub(crate) bulk_id: Vec<String>,

    /// Mobile country code, digits
    #[arg(long, value_name = "CODE", value_parser = values::network_code)]
    pub(crate) mcc: Option<String>,

    /// Mobile network code, digits
    #[arg(long, value_name = "CODE", value_parser = values::network_code)]
    pub(crate) mnc: Option<String>,

    /// A parameter that this tool does not know yet; sent as it is, never validated
    ///
    /// Not with --input, which sends nothing.
    #[arg(long, value_name = "KEY=VALUE", value_parser = values::parameter, hide_short_help = true)]
    pub(crate) param: Vec<(String, String)>,

    /// Refuse a question that would only be warned about, such as a window that the API has
    /// forgotten
    #[arg(long, hide_short_help = true)]
    pub(crate) strict: bool,
}

/// Applied here, after the API answered. They never change which page is asked for.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Filters (applied here)")]
pub(crate) struct LocalFilterArgs {
    /// Keep messages whose text matches
    #[arg(short, long, value_name = "REGEX", allow_hyphen_values = true)]
    pub(crate) grep: Option<String>,

    /// Drop messages whose text matches
    #[arg(long, value_name = "REGEX", allow_hyphen_values = true)]
    pub(crate) exclude: Option<String>,

    /// Any letter case in --grep and --exclude
    #[arg(short, long)]
    pub(crate) ignore_case: bool,

    /// Only messages that have come to their end, by the status table
    #[arg(long = "final", conflicts_with = "pending")]
    pub(crate) only_final: bool,

    /// Only messages that have not come to their end
    #[arg(long)]
    pub(crate) pending: bool,
}

#[cfg(test)]
mod tests {
    use omnilogs::query::FILTERS;

    use super::*;

    #[test]
    fn every_filter_of_the_table_has_its_option() {
        let command = FilterArgs::augment_args(clap::Command::new("omnilogs"));
        let flags: Vec<_> = command.get_arguments().filter_map(clap::Arg::get_long).collect();
        for filter in &FILTERS {
            let flag = filter.flag.trim_start_matches("--");
            assert!(flags.contains(&flag), "{} has no option in {flags:?}", filter.flag);
        }
    }
}
