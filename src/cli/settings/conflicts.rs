//! Options that do not go together.

use omnilogs::Query;
use omnilogs::query::Extent;

use super::OutputSettings;
use crate::failure::Failure;

/// A page can be sorted; rows that go on, or come page by page, cannot.
pub(crate) fn refuse_sorting_of_pages(
    settings: &OutputSettings,
    query: &Query,
    is_saved: bool,
) -> Result<(), Failure> {
    let reads_on = match query.extent {
        _ if settings.resume => "--resume",
        Extent::OnePage => return Ok(()),
        _ if is_saved => return Ok(()),
        Extent::All => "--all",
        Extent::Rows(_) => "a --limit past 1000",
    };
    refuse_sorting(settings, reads_on)
}

/// Refuses to sort the rows of something that reads on.
pub(crate) fn refuse_sorting(settings: &OutputSettings, reads_on: &str) -> Result<(), Failure> {
    if settings.sort.is_empty() {
        return Ok(());
    }
    Err(Failure::usage(format!("--sort is for a single page; {reads_on} reads on"))
        .hint("the newest 1000, sorted: --limit 1000 --sort KEY")
        .hint("more: omnilogs --all -o jsonl --output-file FILE, then omnilogs --input FILE --sort KEY"))
}
