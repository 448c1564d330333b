//! Reads JSON that has the number of its format in the member `version`.

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Reads a value of the wanted version.
///
/// # Errors
/// When it is damaged, or of another version; the error is a clause that says which.
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
