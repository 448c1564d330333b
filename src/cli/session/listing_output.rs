//! Opens the output of a listing, which a pager shows when it is longer than the screen.

use std::path::Path;
use std::sync::Arc;

use crate::failure::Failure;
use crate::io::output::Output;
use crate::io::pager::{PagedOutput, PagerSettings};
use crate::session::context::Context;

/// Opens the file at a path, or standard output. Output that grows while a person watches, as that of
/// `follow`, has no pager and is not opened here.
///
/// # Errors
/// When it cannot be written to.
pub(crate) fn open(
    path: Option<&Path>,
    pager: Option<&PagerSettings>,
    context: &Context,
) -> Result<Output, Failure> {
    match pager {
        Some(pager) if path.is_none() => {
            let (report, signals) = (Arc::clone(&context.report), context.signals.clone());
            Ok(Output::paged(PagedOutput::new(pager.clone(), report, signals)))
        }
        _ => Output::open(path),
    }
}
