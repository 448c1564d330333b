//! An API key in a file or on standard input, which `--api-key-file` or a variable names.

use std::path::{Path, PathBuf};

use secrecy::zeroize::Zeroizing;

use super::{AccountArgs, CredentialSource, LocatedCredentials, Origin};
use crate::config_file::ALLOW_READABLE;
use crate::failure::Failure;
use crate::io::environment::{Environment, Var};
use crate::io::private_file::{self, Access, PrivateFile, PrivateFileError};

/// The largest key file that is read; no key is as long.
const MAX_BYTES: usize = 64 << 10;
const FLAG: &str = "--api-key-file";

/// The credentials in the file that the flag names; `None` without the flag.
///
/// # Errors
/// When the key would have to be typed on a terminal, which would show it.
pub(super) fn find(
    args: &AccountArgs<'_>,
    environment: &Environment,
) -> Result<Option<LocatedCredentials>, Failure> {
    let Some(path) = args.api_key_file else { return Ok(None) };
    if path == Path::new("-") && environment.stdin_terminal {
        return Err(Failure::usage(format!(
            "{FLAG} - reads a key from a pipe, not from a terminal"
        ))
        .hint(format!("as in: pass show infobip | omnilogs {FLAG} -")));
    }
    let source = source(path.to_owned(), environment);
    Ok(Some(LocatedCredentials { origin: Origin::Flag(FLAG), source }))
}

/// The file that a variable names; `None` when the variable is not set.
///
/// # Errors
/// When the variable is blank, or names standard input, which only the first run of a script could
/// read.
pub(super) fn of_variable(
    name: &str,
    environment: &Environment,
    warnings: &mut Vec<String>,
) -> Result<Option<PathBuf>, Failure> {
    match environment.var(name) {
        // A path can be any bytes.
        Var::NotUtf8 => Ok(environment.path(name)),
        Var::Text("-") => {
            Err(Failure::usage(format!("{name} names a file, and - is standard input"))
                .hint(format!("unset {name}, and use {FLAG} -")))
        }
        _ => Ok(environment.text(name, warnings)?.map(PathBuf::from)),
    }
}

/// The file as a source of credentials.
pub(super) fn source(path: PathBuf, environment: &Environment) -> CredentialSource {
    let may_be_readable = environment.var(ALLOW_READABLE) == Var::Text("1");
    CredentialSource::KeyFile { path, may_be_readable }
}

/// Reads the key from the file that the origin names, without one newline at its end.
pub(super) fn read(
    path: &Path,
    may_be_readable: bool,
    origin: &Origin,
) -> Result<Zeroizing<String>, Failure> {
    let name = path.display();
    let read = if path == Path::new("-") {
        let bytes = private_file::capped(std::io::stdin().lock(), MAX_BYTES, MAX_BYTES);
        bytes.map(|bytes| PrivateFile { bytes, access: Access::of_a_pipe() })
    } else {
        private_file::read_any(path, MAX_BYTES)
    };
    let file = read.map_err(|error| match error {
        // The name is not repeated: it may be the key itself, typed in place of its file.
        PrivateFileError::Missing => Failure::usage(format!("{origin}: the file does not exist"))
            .hint("it takes the name of a file that holds the key, and not the key itself"),
        PrivateFileError::Because(why) => Failure::usage(format!("{origin}: {name} {why}")),
    })?;
    if file.access.readable_by_everybody() && !may_be_readable {
        let what = format!("{origin}: everybody on this machine can read {name}");
        return Err(Failure::usage(what).hint(private_file::chmod_line("600", path)).hint(
            format!("{ALLOW_READABLE}=1 accepts it as it is, for a file mounted into a container"),
        ));
    }
    let text = private_file::text(&file.bytes)
        .map_err(|why| Failure::usage(format!("{origin}: {name} {why}")))?;
    let key = text.strip_suffix('\n').map_or(text, |key| key.strip_suffix('\r').unwrap_or(key));
    Ok(Zeroizing::new(key.to_owned()))
}
