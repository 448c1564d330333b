//! The password for the archive's database: in its address, in `PGPASSWORD`, from a command of the
//! profile, or in the password file of PostgreSQL. It is never an option, and never shown.

use std::fmt;
use std::path::PathBuf;

use omnilogs::archive::PostgresAddress;
use secrecy::zeroize::Zeroizing;

use super::{Origin, credential_command};
use crate::failure::Failure;
use crate::io::environment::{Environment, Var};
use crate::io::private_file::{self, PrivateFileError};

/// The variable of the PostgreSQL client programs that has the password.
const VARIABLE: &str = "PGPASSWORD";
/// The variable that names a password file other than `~/.pgpass`.
const FILE_VARIABLE: &str = "PGPASSFILE";
/// The largest password file that is read; real ones are far smaller.
const MAX_BYTES: usize = 1 << 20;

/// A command of the profile that prints the password. It may contain a secret itself.
#[derive(Clone)]
pub(crate) struct PasswordCommand {
    pub(super) command: String,
    pub(super) origin: Origin,
}

impl fmt::Debug for PasswordCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordCommand")
    }
}

/// The address with a password, if one is known, and the file that was searched for it. A missing
/// password is not an error, since some servers need none.
///
/// # Errors
/// When the command fails, other users can read the password file, or a variable is not UTF-8.
pub(crate) fn with_password(
    address: PostgresAddress,
    command: Option<&PasswordCommand>,
    environment: &Environment,
) -> Result<(PostgresAddress, Option<PathBuf>), Failure> {
    if address.has_password() {
        return Ok((address, None));
    }
    match environment.var(VARIABLE) {
        Var::Text(password) => return Ok((address.with_password(password), None)),
        Var::NotUtf8 => {
            return Err(Failure::usage(format!("{VARIABLE} is not valid UTF-8"))
                .hint(format!("set {VARIABLE} to plain text, or unset it")));
        }
        Var::Unset | Var::Empty | Var::Blank => {}
    }
    if let Some(PasswordCommand { command, origin }) = command {
        let line = credential_command::first_line(command, credential_command::LIMIT, origin)?;
        return Ok((address.with_password(&line), None));
    }
    with_password_of_file(address, environment)
}

fn with_password_of_file(
    address: PostgresAddress,
    environment: &Environment,
) -> Result<(PostgresAddress, Option<PathBuf>), Failure> {
    let Some(path) = password_file(environment) else { return Ok((address, None)) };
    let file = match private_file::read_regular(&path, MAX_BYTES) {
        Ok(file) => file,
        Err(PrivateFileError::Missing) => return Ok((address, None)),
        Err(PrivateFileError::Because(why)) => {
            return Err(Failure::usage(format!("{} {why}", path.display())));
        }
    };
    if file.access.readable_by_everybody() || file.access.readable_by_group() {
        let what = format!("{} holds passwords, and others can read it", path.display());
        return Err(Failure::usage(what).hint(private_file::chmod_line("600", &path)));
    }
    let text = private_file::text(&file.bytes)
        .map_err(|why| Failure::usage(format!("{} {why}", path.display())))?;
    let password = text.lines().find_map(|line| password_of(line, &address));
    let address = match password {
        Some(password) => address.with_password(&password),
        None => address,
    };
    Ok((address, Some(path)))
}

fn password_file(environment: &Environment) -> Option<PathBuf> {
    let home = || environment.path("HOME").map(|home| home.join(".pgpass"));
    environment.path(FILE_VARIABLE).or_else(home)
}

/// The password of a line `host:port:database:user:password`, if it is one for this address. A field
/// may be `*`; in it, `\` is written as `\\` and `:` as `\:`.
fn password_of(line: &str, address: &PostgresAddress) -> Option<Zeroizing<String>> {
    if line.starts_with('#') {
        return None;
    }
    let (host, port) = address.host_and_port();
    let port = port.to_string();
    let wanted = [Some(host), Some(&*port), address.database(), address.user()];
    let mut rest = line;
    for wanted in wanted {
        let (field, after) = field(rest)?;
        if *field != "*" && Some(field.as_str()) != wanted {
            return None;
        }
        rest = after?;
    }
    // No server accepts an empty password.
    field(rest).map(|(password, _)| password).filter(|password| !password.is_empty())
}

/// The first field of a line, and the text after it; `None` after the last field.
fn field(line: &str) -> Option<(Zeroizing<String>, Option<&str>)> {
    let mut text = Zeroizing::new(String::with_capacity(line.len()));
    let mut characters = line.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            ':' => return Some((text, line.get(at + 1..))),
            '\\' => text.push(characters.next()?.1),
            other => text.push(other),
        }
    }
    Some((text, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(line: &str, address: &str) -> Option<String> {
        let address = PostgresAddress::parse(address).unwrap();
        password_of(line, &address).map(|password| password.to_string())
    }

    #[test]
    fn a_line_of_the_password_file_is_for_the_servers_that_it_fits() {
        let address = "postgres://ann@db.example.com:6432/messages";
        for (line, expected) in [
            ("db.example.com:6432:messages:ann:s3cret", Some("s3cret")),
            ("*:*:*:*:any", Some("any")),
            ("*:*:*:ann:a\\:b\\\\c", Some("a:b\\c")),
            ("*:*:*:bob:s", None),
            ("db.example.com:5432:messages:ann:s", None),
            ("# *:*:*:*:any", None),
            ("db.example.com:6432:messages:ann", None),
            ("*:*:*:*:", None),
            ("", None),
            ("\\", None),
        ] {
            assert_eq!(password(line, address).as_deref(), expected, "{line}");
        }
        assert_eq!(password("localhost:5432:m:u:p", "postgres://u@%2Ftmp/m").unwrap(), "p");
        // The database has the name of the user, unless it is named.
        assert_eq!(password("*:*:u:u:p", "postgres://u@h").unwrap(), "p");
    }
}
