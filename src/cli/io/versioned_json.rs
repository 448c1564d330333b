//! JSON that only the version that wrote it reads.

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Reads a value whose member `version` has this number.
///
/// # Errors
/// When it is damaged, or of another version; a clause that says so.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8], wanted: u32) -> Result<T, &'static str> {
    #[derive(Deserialize)]
    struct VersionOnly {
        version: Option<u32>,
    }
    let damaged = |_| "it is damaged";
    let VersionOnly { version } = serde_json::from_slice(bytes).map_err(damaged)?;
    if version != Some(wanted) {
        return Err("another version of omnilogs wrote it");
    }
    serde_json::from_slice(bytes).map_err(damaged)
}
