//! The inputs of the program that are not on its command line: environment variables, terminals,
//! folders and the time zone. They are read once, and only here.
//!
//! This module does not decide what a variable means for the run.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{File, FileType};
use std::io::IsTerminal;
use std::os::fd::AsFd;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use omnilogs::zone::Zone;

use crate::failure::Failure;

/// The widths that `COLUMNS` may have; any other is taken for a mistake and ignored.
const SANE_WIDTHS: std::ops::RangeInclusive<usize> = 1..=10_000;

/// The environment variables, standard streams, folders and time zone of the process.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a property of one stream")]
pub(crate) struct Environment {
    /// The environment variables. Values may be secrets, so this type has no `Debug`.
    variables: BTreeMap<String, OsString>,
    /// Whether standard input is a terminal.
    pub(crate) stdin_terminal: bool,
    /// Whether standard output is a terminal.
    pub(crate) stdout_terminal: bool,
    /// Whether standard output goes to another program.
    pub(crate) stdout_piped: bool,
    /// Whether standard output goes to a regular file.
    pub(crate) stdout_file: bool,
    /// Whether standard error is a terminal.
    pub(crate) stderr_terminal: bool,
    /// Columns of the terminal of standard output; `None` without one.
    pub(crate) width: Option<usize>,
    /// Lines of the terminal of standard output; `None` without one.
    pub(crate) height: Option<usize>,
    /// Columns of the terminal of standard error; `None` without one.
    pub(crate) stderr_width: Option<usize>,
    /// The user's config folder; `None` when there is no home.
    pub(crate) config_dir: Option<PathBuf>,
    /// The folder for data of the user's programs; `None` when there is no home.
    pub(crate) data_dir: Option<PathBuf>,
    /// The local time zone.
    pub(crate) zone: Zone,
    /// Why `zone` is UTC, when the zone that `TZ` or the machine names is unusable.
    pub(crate) zone_note: Option<String>,
}

/// An environment variable.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Var<'a> {
    /// Not set.
    Unset,
    /// Set to an empty text.
    Empty,
    /// Set to white space only.
    Blank,
    /// Set to a text, which may be a secret.
    Text(&'a str),
    /// Set to bytes that are not text.
    NotUtf8,
}

impl Environment {
    /// Reads the environment of this process.
    pub(crate) fn read() -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .collect();
        let mut here = Self {
            stdin_terminal: std::io::stdin().is_terminal(),
            stdout_terminal: std::io::stdout().is_terminal(),
            stdout_piped: is_pipe(std::io::stdout()),
            stdout_file: is_file(std::io::stdout()),
            stderr_terminal: std::io::stderr().is_terminal(),
            config_dir: dirs::config_dir(),
            data_dir: dirs::data_dir(),
            ..Self::from_variables(variables)
        };
        if here.stdout_terminal {
            let size = terminal_size::terminal_size_of(std::io::stdout());
            here.width = here.columns().or(reported_width(size));
            here.height = size.map(|(_, height)| usize::from(height.0)).filter(|&lines| lines > 0);
        }
        if here.stderr_terminal {
            here.stderr_width = reported_width(terminal_size::terminal_size_of(std::io::stderr()));
        }
        let machine = || iana_time_zone::get_timezone().ok();
        (here.zone, here.zone_note) = local_zone(here.var("TZ"), machine);
        here
    }

    /// An environment of these variables alone: no terminal, no config folder, UTC.
    pub(crate) fn from_variables(variables: BTreeMap<String, OsString>) -> Self {
        Self {
            variables,
            stdin_terminal: false,
            stdout_terminal: false,
            stdout_piped: false,
            stdout_file: false,
            stderr_terminal: false,
            width: None,
            height: None,
            stderr_width: None,
            config_dir: None,
            data_dir: None,
            zone: Zone::UTC,
            zone_note: None,
        }
    }

    /// An environment variable, unchanged.
    pub(crate) fn var(&self, name: &str) -> Var<'_> {
        match self.variables.get(name) {
            None => Var::Unset,
            Some(value) if value.is_empty() => Var::Empty,
            Some(value) => match value.to_str() {
                None => Var::NotUtf8,
                Some(text) if text.trim().is_empty() => Var::Blank,
                Some(text) => Var::Text(text),
            },
        }
    }

    /// Whether a variable is set and not empty.
    pub(crate) fn has(&self, name: &str) -> bool {
        !matches!(self.var(name), Var::Unset | Var::Empty)
    }

    /// The text of a setting: an empty variable counts as unset and is noted.
    ///
    /// # Errors
    /// When it is blank or not UTF-8: a script that tried to set it should not run without it.
    pub(crate) fn text(
        &self,
        name: &str,
        notes: &mut Vec<String>,
    ) -> Result<Option<&str>, Failure> {
        match self.var(name) {
            Var::Unset => Ok(None),
            Var::Empty => {
                notes.push(format!("{name} is set but empty; it counts as not set"));
                Ok(None)
            }
            Var::Text(text) => Ok(Some(text)),
            Var::Blank => Err(Failure::usage(format!("{name} holds nothing but white space"))
                .hint(format!("set {name} to a value, or unset it"))),
            Var::NotUtf8 => Err(Failure::usage(format!("{name} is not valid UTF-8"))
                .hint(format!("set {name} to plain text, or unset it"))),
        }
    }

    /// The value of a variable, of any bytes.
    pub(crate) fn var_os(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(name).map(OsString::as_os_str)
    }

    /// A path from a variable, of any bytes; empty counts as unset.
    pub(crate) fn path(&self, name: &str) -> Option<PathBuf> {
        self.variables.get(name).filter(|value| !value.is_empty()).map(PathBuf::from)
    }

    /// The width that `COLUMNS` sets.
    pub(crate) fn columns(&self) -> Option<usize> {
        let Var::Text(text) = self.var("COLUMNS") else { return None };
        text.trim().parse().ok().filter(|width| SANE_WIDTHS.contains(width))
    }
}

/// Whether a path leads to a terminal, such as `/dev/tty`.
pub(crate) fn is_terminal(path: &Path) -> bool {
    // Only a device is opened: opening a FIFO would wait for its other end.
    let device = std::fs::metadata(path).is_ok_and(|found| found.file_type().is_char_device());
    device && std::fs::File::open(path).is_ok_and(|device| device.is_terminal())
}

/// Whether a stream is a pipe or a socket.
fn is_pipe(stream: impl AsFd) -> bool {
    file_type(stream).is_some_and(|found| found.is_fifo() || found.is_socket())
}

/// Whether a stream is a regular file.
fn is_file(stream: impl AsFd) -> bool {
    file_type(stream).is_some_and(|found| found.is_file())
}

fn file_type(stream: impl AsFd) -> Option<FileType> {
    let metadata = stream.as_fd().try_clone_to_owned().and_then(|fd| File::from(fd).metadata());
    Some(metadata.ok()?.file_type())
}

/// The columns of a terminal; `None` when it does not report them.
fn reported_width(size: Option<(terminal_size::Width, terminal_size::Height)>) -> Option<usize> {
    size.map(|(width, _)| usize::from(width.0)).filter(|&width| width > 0)
}

/// The local zone: from `TZ`, else from the machine, else UTC. The note says why it is UTC when the
/// zone of `TZ` or of the machine is unknown.
fn local_zone(tz: Var<'_>, machine: impl Fn() -> Option<String>) -> (Zone, Option<String>) {
    let utc = |why: &str| (Zone::UTC, Some(format!("{why}; times are read and shown in UTC")));
    let of_machine = || match machine() {
        None => utc("this machine names no time zone"),
        Some(name) => match Zone::parse(&name) {
            Some(zone) => (zone, None),
            None => utc("this machine's time zone is not known"),
        },
    };
    match tz {
        Var::Unset => of_machine(),
        // As the C library treats an empty TZ.
        Var::Empty => (Zone::UTC, None),
        Var::Blank | Var::NotUtf8 => utc("TZ does not name a time zone"),
        Var::Text(text) => {
            let name = text.strip_prefix(':').unwrap_or(text);
            if name == "/etc/localtime" {
                return of_machine();
            }
            let name = name.rsplit_once("/zoneinfo/").map_or(name, |(_, name)| name);
            match Zone::parse(name) {
                Some(zone) => (zone, None),
                None => utc("TZ does not name a time zone of the IANA database"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Environment {
        Environment::from_variables(
            variables.iter().map(|&(name, value)| (name.into(), value.into())).collect(),
        )
    }

    fn zone(tz: Var<'_>, machine: Option<&str>) -> (String, bool) {
        let (zone, note) = local_zone(tz, || machine.map(str::to_owned));
        (zone.to_string(), note.is_some())
    }

    #[test]
    fn an_empty_variable_counts_as_unset_and_is_noted() {
        let mut notes = Vec::new();
        assert_eq!(with(&[("X", "")]).text("X", &mut notes).unwrap(), None);
        assert_eq!(notes, ["X is set but empty; it counts as not set"]);
        assert_eq!(with(&[("X", "")]).path("X"), None);
        assert!(!with(&[("X", "")]).has("X"));
    }

    #[test]
    fn a_blank_variable_is_refused() {
        let here = with(&[("X", " \t")]);
        let failure = here.text("X", &mut Vec::new()).unwrap_err();
        assert_eq!(failure.message, "X holds nothing but white space");
    }

    #[test]
    fn a_setting_that_is_not_text_is_refused_and_a_path_can_be_any_bytes() {
        use std::os::unix::ffi::OsStringExt;
        let bytes = OsString::from_vec(vec![b'/', 0xff]);
        let here = Environment::from_variables([("X".to_owned(), bytes.clone())].into());
        assert!(here.text("X", &mut Vec::new()).is_err());
        assert_eq!(here.path("X"), Some(PathBuf::from(bytes)));
    }

    #[test]
    fn columns_is_used_only_when_it_is_a_possible_width() {
        let width = |text| with(&[("COLUMNS", text)]).columns();
        assert_eq!((width("1"), width("200"), width(" 80 ")), (Some(1), Some(200), Some(80)));
        for nonsense in ["0", "-3", "1000000000", "99999999999999999999999", "wide", ""] {
            assert_eq!(width(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn tz_names_the_zone_in_the_forms_that_the_c_library_accepts() {
        for form in [
            "Europe/Zagreb",
            ":Europe/Zagreb",
            "/usr/share/zoneinfo/Europe/Zagreb",
            ":/etc/localtime",
        ] {
            let found = zone(Var::Text(form), Some("Europe/Zagreb"));
            assert_eq!(found, ("Europe/Zagreb".into(), false), "{form}");
        }
        assert_eq!(zone(Var::Empty, Some("Europe/Zagreb")), ("UTC".into(), false));
        assert_eq!(zone(Var::Unset, Some("Asia/Tokyo")), ("Asia/Tokyo".into(), false));
    }

    #[test]
    fn an_unknown_zone_becomes_utc_with_a_note() {
        assert_eq!(zone(Var::Text("Mars/Olympus"), Some("Asia/Tokyo")), ("UTC".into(), true));
        assert_eq!(zone(Var::NotUtf8, None), ("UTC".into(), true));
        assert_eq!(zone(Var::Unset, Some("nowhere")), ("UTC".into(), true));
        assert_eq!(zone(Var::Unset, None), ("UTC".into(), true));
    }
}
