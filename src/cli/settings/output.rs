//! Decides how rows are shown: format, columns, colour, time zone, redaction.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, Utc};
use omnilogs::redaction::Redaction;
use omnilogs::sink::{Column, SortKey};
use omnilogs::zone::Zone;

use super::columns::{parse_columns, parse_sort};
use crate::args::{ConditionArgs, ConnectionArgs, FormatArgs, OutputArgs, RowArgs};
use crate::choices::{ColourChoice, FormatName};
use crate::config_file::Defaults;
use crate::failure::Failure;
use crate::io::environment::{Environment, Var, is_terminal};
use crate::io::jq::Evaluator;
use crate::io::pager::{LINES_BELOW_LISTING, PagerSettings};
use crate::text::quoted;

/// Whether a command writes JSON that supports no other format than that and a table.
///
/// # Errors
/// When another format is requested.
pub(crate) fn is_json(command: &str, connection: &ConnectionArgs) -> Result<bool, Failure> {
    match connection.output {
        None | Some(FormatName::Table) => Ok(false),
        Some(FormatName::Json) => Ok(true),
        Some(_) => Err(Failure::usage(format!("{command} supports -o table and -o json only"))
            .hint("omit -o, or use -o json")),
    }
}

/// How rows are shown.
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub(crate) struct OutputSettings {
    pub(crate) format: FormatName,
    pub(crate) columns: Option<Vec<Column>>,
    /// How the rows of a page are sorted; when empty, they keep their order.
    pub(crate) sort: Vec<SortKey>,
    pub(crate) wide: bool,
    pub(crate) no_header: bool,
    pub(crate) no_truncate: bool,
    pub(crate) jq: Option<Evaluator>,
    pub(crate) redaction: Option<Redaction>,
    pub(crate) csv: CsvSettings,
    pub(crate) output_file: Option<PathBuf>,
    pub(crate) resume: bool,
    pub(crate) manifest: Option<PathBuf>,
    pub(crate) fail_on_empty: bool,
    pub(crate) fail_on_match: bool,
    /// Rows go to a terminal.
    pub(crate) terminal: bool,
    /// Rows go to a file: that of `--output-file`, or standard output that is redirected to a file.
    pub(crate) to_file: bool,
    /// Colour may be used in the output.
    pub(crate) colour: bool,
    /// JSON may be coloured.
    pub(crate) json_colour: bool,
    /// The pager for output that is longer than the screen; `None` where none is used.
    pub(crate) pager: Option<PagerSettings>,
    /// Columns of the terminal; `None` where nothing may be truncated.
    pub(crate) width: Option<usize>,
    pub(crate) zone: Zone,
    /// The day of the run, in that zone.
    pub(crate) today: NaiveDate,
    /// Rows are shown again when their status changes.
    pub(crate) changes: bool,
}

/// How CSV and TSV are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CsvSettings {
    /// Cells are guarded against formulas.
    pub(crate) safe: bool,
    /// The character between the cells of CSV.
    pub(crate) delimiter: u8,
    /// The output begins with a byte order mark.
    pub(crate) bom: bool,
}

/// Decides how rows are shown.
///
/// # Errors
/// When options exclude each other, or a value is refused.
pub(crate) fn output_settings(
    args: &FormatArgs,
    connection: &ConnectionArgs,
    defaults: &Defaults,
    environment: &Environment,
    now: DateTime<Utc>,
) -> Result<OutputSettings, Failure> {
    let FormatArgs { rows, output, condition, sort, resume, fail_on_match, manifest } = args;
    let ConditionArgs { fail_on_empty } = condition;
    let RowArgs { columns, wide, no_truncate, jq } = rows;
    let OutputArgs { no_header, redact, csv_safe, delimiter, csv_bom, output_file } = output;
    // `-` is standard output, as in other programs; `./-` is a file of that name.
    let output_file = output_file.as_deref().filter(|path| *path != Path::new("-"));
    let format = format(connection.output, jq.is_some(), output_file, defaults)?;
    let columns = chosen_columns(columns.as_deref(), defaults, format)?;
    refuse_unusable_files(args, format, output_file)?;
    let to_terminal = match output_file {
        Some(path) => is_terminal(path),
        None => environment.stdout_terminal,
    };
    // Markdown is for tickets and chats, which other people read.
    let default_redaction = (format == FormatName::Md).then(Redaction::default);
    // Programs such as `watch -c` read a pipe and show it on a terminal, with colour.
    let is_forced = connection.color == Some(ColourChoice::Always) && output_file.is_none();
    let colour = colour(connection.color.or(defaults.color), to_terminal, environment);
    let zone = zone(connection, defaults, environment);
    Ok(OutputSettings {
        format,
        columns,
        sort: sort.as_deref().map(parse_sort).transpose()?.unwrap_or_default(),
        wide: *wide,
        no_header: *no_header,
        no_truncate: *no_truncate,
        jq: jq.as_deref().map(Evaluator::start).transpose()?,
        redaction: redact.or(defaults.redact).or(default_redaction),
        csv: csv_settings((*csv_safe, *delimiter, *csv_bom), format)?,
        output_file: output_file.map(Path::to_owned),
        resume: *resume,
        manifest: manifest.clone(),
        fail_on_empty: *fail_on_empty,
        fail_on_match: *fail_on_match,
        terminal: to_terminal,
        to_file: output_file.is_some() || environment.stdout_file,
        colour,
        json_colour: colour && (to_terminal || is_forced),
        pager: output_file.is_none().then(|| pager(connection, defaults, environment)).flatten(),
        width: if to_terminal {
            Some(environment.width.unwrap_or(80))
        } else {
            // Forced colour is for a person, whose terminal is still on standard error: `| less -R`.
            let of_person = environment.stderr_width.filter(|_| environment.stdout_piped);
            environment.columns().or(of_person).filter(|_| is_forced)
        },
        zone,
        today: zone.at(now).date_naive(),
        changes: false,
    })
}

/// The format: of the option, of the name of the file, or of the configuration.
fn format(
    option: Option<FormatName>,
    has_jq: bool,
    output_file: Option<&Path>,
    defaults: &Defaults,
) -> Result<FormatName, Failure> {
    let chosen = match option {
        // The results of a jq program can have any form, so the file name does not choose a format.
        None if has_jq => Some(FormatName::Json),
        None => output_file.map(format_of_name).transpose()?.flatten().or(defaults.output),
        option => option,
    };
    let format = chosen.unwrap_or(FormatName::Table);
    if has_jq && !format.is_json() {
        return Err(
            Failure::usage("--jq works with JSON only").hint("omit -o, or use -o json or -o jsonl")
        );
    }
    Ok(format)
}

/// The format that the name of a file chooses; `None` for a name without an extension.
fn format_of_name(path: &Path) -> Result<Option<FormatName>, Failure> {
    let Some(extension) = path.extension().map(OsStr::to_string_lossy) else { return Ok(None) };
    if let Some(format) = FormatName::of_extension(&extension) {
        return Ok(Some(format));
    }
    let shown = quoted(&format!(".{extension}"));
    let mut failure = Failure::usage(format!("no output format has the extension {shown}"))
        .because("without -o, the extension of --output-file chooses the format");
    if ["svg", "png"].iter().any(|image| extension.eq_ignore_ascii_case(image)) {
        failure = failure.hint("a picture: omnilogs stats --plot FILE");
    }
    let known: Vec<_> = FormatName::extensions().collect();
    Err(failure
        .hint(format!("extensions: {}", known.join(", ")))
        .hint("any other file name, with the format: -o csv"))
}

/// The options of CSV. They are refused with a format that does not have them.
fn csv_settings(
    (safe, delimiter, bom): (bool, Option<u8>, bool),
    format: FormatName,
) -> Result<CsvSettings, Failure> {
    if delimiter.is_some() && format != FormatName::Csv {
        return Err(Failure::usage("--delimiter works with the format csv only")
            .hint("use -o csv, or an output file whose name ends with .csv"));
    }
    if bom && !matches!(format, FormatName::Csv | FormatName::Tsv) {
        return Err(Failure::usage("--csv-bom works with the formats csv and tsv only")
            .hint("use -o csv, or an output file whose name ends with .csv"));
    }
    Ok(CsvSettings { safe, delimiter: delimiter.unwrap_or(b','), bom })
}

/// Refuses to write a workbook to a terminal or a pipe.
pub(crate) fn refuse_workbook_without_file(settings: &OutputSettings) -> Result<(), Failure> {
    if settings.format != FormatName::Xlsx || (settings.to_file && !settings.terminal) {
        return Ok(());
    }
    Err(Failure::usage("the format xlsx needs a file")
        .because("a workbook is not text, so it is never written to a terminal or a pipe")
        .hint("write it to a file: -O report.xlsx"))
}

fn chosen_columns(
    list: Option<&str>,
    defaults: &Defaults,
    format: FormatName,
) -> Result<Option<Vec<Column>>, Failure> {
    match list {
        Some(_) if !format.has_columns() => Err(no_columns(format)),
        Some(list) => parse_columns(list).map(Some),
        None => Ok(defaults.columns.clone()),
    }
}

/// The failure for `--columns` with a format that has no columns.
fn no_columns(format: FormatName) -> Failure {
    let failure = Failure::usage("--columns works only with formats that have columns")
        .because("json, jsonl and xml have each row as the API sends it, with every field");
    let failure = match format {
        FormatName::Jsonl => {
            failure.hint("--jq '{messageId, status: .status.name}' chooses fields of JSON lines")
        }
        _ => failure
            .hint("--jq '.results[] | {messageId, status: .status.name}' chooses fields of JSON"),
    };
    failure.hint("omit -o, or use -o csv, tsv or md")
}

/// Refuses `--resume` and `--manifest` where they cannot work.
fn refuse_unusable_files(
    args: &FormatArgs,
    format: FormatName,
    output_file: Option<&Path>,
) -> Result<(), Failure> {
    let appendable = matches!(format, FormatName::Jsonl | FormatName::Csv | FormatName::Tsv);
    if args.resume && (args.rows.jq.is_some() || !appendable) {
        return Err(Failure::usage("--resume works only with a format that can be appended to")
            .hint("use -o jsonl, csv or tsv, without --jq"));
    }
    if args.resume && output_file.is_none() {
        return Err(Failure::usage(
            "--resume needs --output-file: standard output cannot be resumed",
        )
        .hint("use --output-file messages.jsonl --resume"));
    }
    if args.manifest.as_deref() == Some(Path::new("-")) {
        return Err(Failure::usage("--manifest needs a file: standard output is for rows")
            .hint("use --manifest manifest.json"));
    }
    Ok(())
}

/// The pager of listings on a terminal: none with `--no-pager`, else that of the environment, of
/// the configuration, or `less`.
pub(crate) fn pager(
    connection: &ConnectionArgs,
    defaults: &Defaults,
    environment: &Environment,
) -> Option<PagerSettings> {
    let height = environment.height.filter(|_| environment.stdout_terminal)?;
    let is_capable =
        !matches!(environment.var("TERM"), Var::Unset | Var::Empty | Var::Text("dumb"));
    if connection.no_pager || !is_capable {
        return None;
    }
    let of = |name: &'static str| Some((environment.var_os(name)?.to_owned(), Some(name)));
    let (command, origin) = of("OMNILOGS_PAGER")
        .or_else(|| Some((defaults.pager.clone()?.into(), Some("the configuration file"))))
        .or_else(|| of("PAGER"))
        .unwrap_or_else(|| ("less -FIRX".into(), None));
    let text = command.to_string_lossy();
    if matches!(text.trim(), "" | "cat") {
        return None;
    }
    let width = environment.width.unwrap_or(80);
    let has_less_options = environment.has("LESS");
    let has_less_charset = environment.has("LESSCHARSET");
    Some(PagerSettings {
        command,
        origin,
        width,
        height,
        lines_below: LINES_BELOW_LISTING,
        has_less_options,
        has_less_charset,
    })
}

/// The time zone in which times are read and shown.
pub(crate) fn zone(
    connection: &ConnectionArgs,
    defaults: &Defaults,
    environment: &Environment,
) -> Zone {
    if connection.utc {
        return Zone::UTC;
    }
    connection.timezone.or(defaults.timezone).unwrap_or(environment.zone)
}

/// Why times are in UTC, when the zone of the environment cannot be used and no option or configuration
/// sets one.
pub(crate) fn zone_note<'s>(
    connection: &ConnectionArgs,
    defaults: &Defaults,
    environment: &'s Environment,
) -> Option<&'s str> {
    let chosen = connection.utc || connection.timezone.or(defaults.timezone).is_some();
    environment.zone_note.as_deref().filter(|_| !chosen)
}

/// Whether colour may be used: by the flag, else by the variables of the environment, else on a
/// terminal. The terminal of a build server has no colour, since no person reads it.
pub(crate) fn colour(
    choice: Option<ColourChoice>,
    terminal: bool,
    environment: &Environment,
) -> bool {
    match choice {
        Some(ColourChoice::Always) => return true,
        Some(ColourChoice::Never) => return false,
        Some(ColourChoice::Auto) | None => {}
    }
    let is = |name: &str, text: &str| environment.var(name) == Var::Text(text);
    if environment.has("NO_COLOR") {
        return false;
    }
    if environment.has("CLICOLOR_FORCE") && !is("CLICOLOR_FORCE", "0") {
        return true;
    }
    let build = environment.has("CI") && !is("CI", "false");
    terminal && !build && !is("TERM", "dumb") && !is("CLICOLOR", "0")
}
