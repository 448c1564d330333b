//! JSON bodies: splits `{"results":[…]}` into rows, each of which keeps its own text.
//!
//! The body is parsed strictly. Only when that fails, it is parsed again without its trailing commas.
//! No other error is tolerated.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::lenient::trailing_commas;
use super::refusal::Refusal;
use super::text::Text;
use super::{CHECK_BASE_URL, DecodeError, DecodeOptions, MAX_ROW_BYTES, ROW_TOO_LONG};
use crate::model::{Anomaly, Log, Page};

/// Decodes a body that starts with an opening brace. Takes the text by value, to free it once there
/// is a copy without trailing commas.
pub(super) fn decode(text: Text<'_>, options: DecodeOptions) -> Result<Page, DecodeError> {
    let error = match strict(&text, options)? {
        Ok(body) => return body.into_page(text.as_str()),
        Err(error) => error,
    };
    let Some(without) = text.without(trailing_commas(text.as_str())) else {
        return Err(unreadable(&error, &text));
    };
    drop(text);
    let mut body = strict(&without, options)?.map_err(|error| unreadable(&error, &without))?;
    body.page.anomalies.note(Anomaly::TrailingCommas, 0);
    body.into_page(without.as_str())
}

/// Decodes the text of one row in the same way as [`decode`](super::decode) decodes each row of a
/// response, and passes its anomalies to `on_anomaly`. The row may be any JSON value. This does not
/// check its fields: [`Log::check`] does.
///
/// # Errors
/// When it is not JSON, or only the beginning of a JSON value.
#[doc(hidden)]
pub fn row(json: &[u8], mut on_anomaly: impl FnMut(Anomaly)) -> Result<Log, DecodeError> {
    let text = Text::read(json)?;
    if text.has_replacements() {
        on_anomaly(Anomaly::InvalidUtf8);
    }
    let error = match serde_json::from_str::<&RawValue>(text.as_str()) {
        Ok(raw) => return Ok(log(&text, raw)),
        Err(error) => error,
    };
    let Some(text) = text.without(trailing_commas(text.as_str())) else {
        return Err(unreadable(&error, &text));
    };
    let raw: &RawValue =
        serde_json::from_str(text.as_str()).map_err(|error| unreadable(&error, &text))?;
    on_anomaly(Anomaly::TrailingCommas);
    Ok(log(&text, raw))
}

/// The row in a part of the text.
fn log(text: &Text<'_>, raw: &RawValue) -> Log {
    match text.bytes_sent(raw.get()) {
        Some(bytes) => Log::with_bytes(raw.get(), bytes),
        None => Log::new(raw.get()),
    }
}

/// The error for text that is not JSON. The parser's errors name a place and never quote the text.
fn unreadable(error: &serde_json::Error, text: &Text<'_>) -> DecodeError {
    if error.is_eof() || ends_in_a_number(error, text.as_str()) {
        DecodeError::cut_off(text.as_str().len() as u64)
    } else {
        DecodeError::not_understood(format!("not JSON that can be read: {error}"), None)
    }
}

/// Whether the error is a number that is cut off after its sign, point or exponent, which the parser
/// reports as an invalid number instead of an early end.
fn ends_in_a_number(error: &serde_json::Error, text: &str) -> bool {
    let last_line = text.rsplit('\n').next().unwrap_or_default();
    text.ends_with(['-', '+', '.', 'e', 'E'])
        && error.column() == last_line.len()
        && error.line() == text.split('\n').count()
}

/// Parses strict JSON. The inner error is a syntax error, which the caller may tolerate; the outer one
/// is an exceeded limit.
fn strict(
    text: &Text<'_>,
    options: DecodeOptions,
) -> Result<Result<JsonBody, serde_json::Error>, DecodeError> {
    let exceeded = Cell::new(None);
    let limit = RowLimit { max_rows: options.max_rows, exceeded: &exceeded };
    let mut json = serde_json::Deserializer::from_str(text.as_str());
    let read =
        BodySeed { text, limit }.deserialize(&mut json).and_then(|body| json.end().map(|()| body));
    if let Some(error) = exceeded.take() {
        return Err(error);
    }
    Ok(read.map(|mut body| {
        if text.has_replacements() && !body.page.anomalies.has(Anomaly::InvalidUtf8) {
            body.page.anomalies.note(Anomaly::InvalidUtf8, 0);
        }
        body
    }))
}

/// The limits on rows, and the error when one is exceeded, which an error of serde cannot carry.
#[derive(Clone, Copy)]
struct RowLimit<'l> {
    max_rows: usize,
    exceeded: &'l Cell<Option<DecodeError>>,
}

impl RowLimit<'_> {
    /// Checks a row; `before` is the number of rows before it.
    fn check<E: serde::de::Error>(&self, row: &str, before: usize) -> Result<(), E> {
        let error = if before >= self.max_rows {
            DecodeError::TooManyRows { max_rows: self.max_rows }
        } else if row.len() > MAX_ROW_BYTES {
            DecodeError::not_understood(ROW_TOO_LONG.to_owned(), None)
        } else {
            return Ok(());
        };
        self.exceeded.set(Some(error));
        Err(E::custom("a limit on rows was exceeded"))
    }
}

/// A parsed body.
#[derive(Default)]
struct JsonBody {
    results: Option<ResultsField>,
    page: Page,
}

enum ResultsField {
    Rows,
    Other(&'static str),
}

impl JsonBody {
    fn into_page(self, json: &str) -> Result<Page, DecodeError> {
        if self.page.logs.is_empty()
            && let Some(refusal) = Refusal::read(json)
        {
            return Err(DecodeError::Refusal(refusal));
        }
        let hint = Some(CHECK_BASE_URL);
        match self.results {
            Some(ResultsField::Rows) => Ok(self.page),
            Some(ResultsField::Other(what)) => Err(DecodeError::not_understood(
                format!("expected a list of rows in results, got {what}"),
                hint,
            )),
            None => Err(DecodeError::not_understood(
                "JSON, but not a response of the logs endpoint: it has no results".to_owned(),
                hint,
            )),
        }
    }
}

/// Reads a body from its text.
struct BodySeed<'t> {
    text: &'t Text<'t>,
    limit: RowLimit<'t>,
}

impl<'de> DeserializeSeed<'de> for BodySeed<'_> {
    type Value = JsonBody;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<JsonBody, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for BodySeed<'_> {
    type Value = JsonBody;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<JsonBody, A::Error> {
        let mut body = JsonBody::default();
        while let Some(is_results) = members.next_key_seed(IsResults)? {
            if !is_results {
                members.next_value::<IgnoredAny>()?;
                continue;
            }
            if body.results.is_some() {
                body.page = Page::default();
                body.page.anomalies.note(Anomaly::DuplicateResults, 0);
            }
            let rows = RowsSeed { text: self.text, limit: self.limit, page: &mut body.page };
            body.results = Some(members.next_value_seed(rows)?);
        }
        Ok(body)
    }
}

/// Reads a key: whether it is `results`.
struct IsResults;

impl<'de> DeserializeSeed<'de> for IsResults {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<bool, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for IsResults {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<bool, E> {
        Ok(key == "results")
    }
}

/// Reads the rows in one pass, or names the kind of value in their place.
struct RowsSeed<'t, 'p> {
    text: &'t Text<'t>,
    limit: RowLimit<'t>,
    page: &'p mut Page,
}

impl<'de> DeserializeSeed<'de> for RowsSeed<'_, '_> {
    type Value = ResultsField;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<ResultsField, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for RowsSeed<'_, '_> {
    type Value = ResultsField;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<ResultsField, A::Error> {
        let Page { logs, anomalies, .. } = self.page;
        while let Some(raw) = rows.next_element::<&RawValue>()? {
            self.limit.check(raw.get(), logs.len())?;
            let row = logs.len() as u64 + 1;
            let log = log(self.text, raw);
            if !log.is_text_as_sent() {
                anomalies.note(Anomaly::InvalidUtf8, row);
            }
            logs.push(log);
        }
        Ok(ResultsField::Rows)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<ResultsField, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(ResultsField::Other("an object"))
    }

    fn visit_unit<E>(self) -> Result<ResultsField, E> {
        Ok(ResultsField::Other("null, which does not prove that there are no rows"))
    }

    fn visit_bool<E>(self, _: bool) -> Result<ResultsField, E> {
        Ok(ResultsField::Other("a boolean"))
    }

    fn visit_str<E>(self, _: &str) -> Result<ResultsField, E> {
        Ok(ResultsField::Other("a string"))
    }

    fn visit_i64<E>(self, _: i64) -> Result<ResultsField, E> {
        Ok(ResultsField::Other("a number"))
    }

    fn visit_u64<E>(self, _: u64) -> Result<ResultsField, E> {
        Ok(ResultsField::Other("a number"))
    }

    fn visit_f64<E>(self, _: f64) -> Result<ResultsField, E> {
        Ok(ResultsField::Other("a number"))
    }
}
