//! Refuses options that exclude each other and that clap cannot compare.

use omnilogs::Query;
use omnilogs::query::Extent;

use super::OutputSettings;
use crate::failure::Failure;

/// Refuses to sort rows that are read page by page.
pub(crate) fn refuse_sorting_of_pages(
    settings: &OutputSettings,
    query: &Query,
    is_saved: bool,
) -> Result<(), Failure> {
    let option = match query.extent {
        _ if settings.resume => "--resume",
        Extent::OnePage => return Ok(()),
        _ if is_saved => return Ok(()),
        Extent::All if !query.message_ids.is_empty() => "--message-id",
        Extent::All if !query.bulk_ids.is_empty() => "--bulk-id",
        Extent::All => "--all",
        Extent::Rows(_) => "--limit above 1000",
    };
    if settings.sort.is_empty() {
        return Ok(());
    }
    Err(Failure::usage(format!("--sort cannot be used with {option}"))
        .because("only a single page can be sorted")
        .hint("sort the newest 1000 messages: --limit 1000 --sort KEY")
        .hint("sort more: omnilogs --all -o jsonl --output-file FILE, then omnilogs --input FILE --sort KEY"))
}
