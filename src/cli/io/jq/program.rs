//! A jq program: parsed once, and run over each input.
//!
//! A program is often copied from another place. It cannot read the environment or end the process, and
//! an error does not quote the value on which the program failed.

use std::cell::RefCell;
use std::io;

use jaq_core::box_iter::box_once;
use jaq_core::load::{self, Arena, Error, File, Loader};
use jaq_core::native::{Fun, run, v};
use jaq_core::{Ctx, DataT, Exn, Lut, Vars, data::HasLut};
use jaq_json::{Val, read};
use omnilogs::visible::{visible, without_addresses};

/// Filters of jq that the interpreter does not have.
const PRELUDE: &str = include_str!("prelude.jq");

/// The parser of values, the writer of values and filters such as `..` recurse into a nested value,
/// and a stack overflow ends the process. Real responses are not nested this deep.
const MAX_DEPTH: usize = 500;

const INPUTS_MISSING: &str =
    "a program gets one value: all rows, or with -o jsonl each row by itself";

/// The longest text of `halt_error` that is shown, in characters. The text can be as long as a
/// response.
const MAX_HALT_TEXT: usize = 500;

/// The exit code with which `halt_error` ends the program. Unlike an error, `try` does not catch it.
const HALT_WITH_TEXT: i32 = i32::MIN;

/// The data that filters can use while they run.
#[derive(Clone, Copy)]
struct Data<'a> {
    lut: &'a Lut<JqTypes>,
    /// The input of `halt_error`.
    halt_text: &'a RefCell<Option<Val>>,
}

/// The types that filters operate on.
struct JqTypes;

impl DataT for JqTypes {
    type V<'a> = Val;
    type Data<'a> = Data<'a>;
}

impl<'a> HasLut<'a, JqTypes> for Data<'a> {
    fn lut(&self) -> &'a Lut<JqTypes> {
        self.lut
    }
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It has returned all results.
    Done,
    /// It called `halt`, and does not run over further inputs.
    Halted,
}

/// A valid program.
pub(super) struct Program(jaq_core::Filter<JqTypes>);

impl Program {
    /// Parses a program.
    ///
    /// # Errors
    /// When it is not a jq program. The error has the position, and for some errors a reason on a
    /// second line. It does not quote the program, which can contain a phone number.
    pub(super) fn parse(code: &str) -> Result<Self, String> {
        let position = |rest: &str| {
            let bytes = rest.as_ptr().addr().wrapping_sub(code.as_ptr().addr());
            code.get(..bytes).map_or(1, |before| before.chars().count() + 1)
        };
        let arena = Arena::default();
        let loaded = Loader::new(definitions()).load(&arena, File { code, path: () });
        let modules = loaded.map_err(|errors| {
            let expected =
                |what: &str, rest: &str| format!("{what} expected at character {}", position(rest));
            let error = errors.into_iter().next().map(|(_, error)| error);
            match error {
                Some(Error::Lex(errors)) => errors
                    .first()
                    .map_or_else(String::new, |(what, rest)| expected(what.as_str(), rest)),
                Some(Error::Parse(errors)) => errors
                    .first()
                    .map_or_else(String::new, |(what, rest)| expected(what.as_str(), rest)),
                Some(Error::Io(_)) | None => "modules cannot be loaded here".to_owned(),
            }
        })?;
        let compiler = jaq_core::Compiler::default().with_funs(natives());
        let filter = compiler.with_global_vars(["$ENV"]).compile(modules).map_err(|errors| {
            let first = errors.into_iter().flat_map(|(_, undefined)| undefined).next();
            let Some((name, what)) = first else { return "it is not a program".to_owned() };
            let (what, shown, at) = (what.as_str(), public_name(name), position(name));
            let undefined = format!("undefined {what}{shown} at character {at}");
            match name {
                "input" | "inputs" => undefined + "\n" + INPUTS_MISSING,
                _ => undefined,
            }
        })?;
        Ok(Self(filter))
    }

    /// Runs the program over one input, and passes each result to `emit`.
    ///
    /// # Errors
    /// When `emit` fails. The inner error is that of the program, after the results before it.
    pub(super) fn run(
        &self,
        input: Val,
        mut emit: impl FnMut(&Val) -> io::Result<()>,
    ) -> io::Result<Result<End, String>> {
        let halt_text = RefCell::new(None);
        let data = Data { lut: &self.0.lut, halt_text: &halt_text };
        let environment = Val::obj(jaq_json::Map::default());
        let context = Ctx::<JqTypes>::new(data, Vars::new([environment]));
        for value in self.0.id.run((context, input)) {
            let exception = match value {
                Ok(value) => {
                    emit(&value)?;
                    continue;
                }
                Err(exception) => exception,
            };
            return Ok(match exception.get_halt() {
                Ok(0) => Ok(End::Halted),
                Ok(HALT_WITH_TEXT) => Err(halted(halt_text.take().as_ref())),
                Ok(_) => Err("the program halted with an error".to_owned()),
                // The text of a jq error quotes the value on which the program failed.
                Err(_) => Err("the program failed on a value".to_owned()),
            });
        }
        Ok(Ok(End::Done))
    }
}

/// Parses a row.
///
/// # Errors
/// When it is nested too deeply, or is not JSON.
pub(super) fn value(json: &[u8]) -> Result<Val, String> {
    // The document around the rows adds two levels.
    if nesting(json) > MAX_DEPTH - 2 {
        return Err(format!("a response is nested deeper than {MAX_DEPTH} levels"));
    }
    read::parse_single(json).map_err(|error| error.to_string())
}

/// The document of the API around these rows.
pub(super) fn document(rows: Vec<Val>) -> Val {
    let results = (Val::utf8_str("results"), Val::Arr(rows.into()));
    Val::obj([results].into_iter().collect())
}

fn definitions() -> impl Iterator<Item = load::parse::Def<&'static str>> {
    let theirs = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
    // The interpreter's own `halt_error` writes its text to a log that nothing reads.
    let without_halt_error = theirs.filter(|definition| definition.name != "halt_error");
    without_halt_error.chain(load::parse(PRELUDE, |parser| parser.defs()).unwrap_or_default())
}

fn natives() -> impl Iterator<Item = Fun<JqTypes>> {
    let theirs = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
    let halt_error = run::<JqTypes>(("halt_error", v(0), |cv| {
        *cv.0.data().halt_text.borrow_mut() = Some(cv.1);
        box_once(Err(Exn::halt(HALT_WITH_TEXT)))
    }));
    // The interpreter's `env` is the environment of the process.
    theirs.filter(|(name, ..)| *name != "env").chain([halt_error])
}

/// The text of `halt_error`, on one line and without addresses. A value that
/// is not a text is likely a part of a message, and is not shown.
fn halted(value: Option<&Val>) -> String {
    let Some(Val::TStr(text) | Val::BStr(text)) = value else {
        return "the program ended with halt_error".to_owned();
    };
    let text: String =
        String::from_utf8_lossy(text).trim_end().chars().take(MAX_HALT_TEXT).collect();
    visible(&without_addresses(&text)).into_owned()
}

/// The name of an undefined filter or variable, after a space; empty when it does not look like a name,
/// since it may be a secret in the wrong place.
fn public_name(name: &str) -> String {
    let digits = name.chars().filter(char::is_ascii_digit).count();
    let mixes_case = name.contains(|c: char| c.is_ascii_uppercase())
        && name.contains(|c: char| c.is_ascii_lowercase());
    let is_name = name.len() <= 24
        && digits <= 2
        && !mixes_case
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "_@$".contains(c));
    if is_name { format!(" {name}") } else { String::new() }
}

/// How deep the brackets of a JSON text are nested.
fn nesting(json: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut bytes = json.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' => skip_string(&mut bytes),
            _ => {}
        }
    }
    deepest
}

fn skip_string(bytes: &mut std::slice::Iter<'_, u8>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => {
                bytes.next();
            }
            _ => {}
        }
    }
}
