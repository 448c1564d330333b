//! JSON bodies: `{"results":[…]}` is cut into rows that keep their text.
//!
//! Strict reading comes first; only when it fails is the body read again without its trailing
//! commas. Nothing else is forgiven.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::lenient::trailing_commas;
use super::refusal::Refusal;
use super::text::Text;
use super::{DecodeError, DecodeOptions, MAX_ROW_BYTES, ROW_TOO_LONG};
use crate::model::{Anomaly, Log, Page};

/// Reads a body that starts with an opening brace. The text is taken by value, so that it is gone
/// when the reading without trailing commas needs a copy.
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

/// Reads the text of one row as `decode` reads each row of a response; it may be any JSON value.
/// Its fields are not checked: [`Log::check`].
///
/// # Errors
/// When it is not JSON, or only the beginning of a JSON value.
#[doc(hidden)]
pub fn row(json: &[u8], mut odd: impl FnMut(Anomaly)) -> Result<Log, DecodeError> {
    let text = Text::read(json)?;
    if text.has_replacements() {
        odd(Anomaly::InvalidUtf8);
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
    odd(Anomaly::TrailingCommas);
    Ok(log(&text, raw))
}

/// The row of a part of the text.
fn log(text: &Text<'_>, raw: &RawValue) -> Log {
    match text.bytes_sent(raw.get()) {
        Some(bytes) => Log::with_bytes(raw.get(), bytes),
        None => Log::new(raw.get()),
    }
}

/// Syntax errors name a place and never quote what is there.
fn unreadable(error: &serde_json::Error, text: &Text<'_>) -> DecodeError {
    if error.is_eof() || ends_in_a_number(error, text.as_str()) {
        DecodeError::cut_off(text.as_str().len() as u64)
    } else {
        DecodeError::not_understood(format!("not JSON that can be read: {error}"), None)
    }
}

/// Whether the error is a number that is cut off after its sign, point or exponent, which the parser
/// takes for an invalid one.
fn ends_in_a_number(error: &serde_json::Error, text: &str) -> bool {
    let last_line = text.rsplit('\n').next().unwrap_or_default();
    text.ends_with(['-', '+', '.', 'e', 'E'])
        && error.column() == last_line.len()
        && error.line() == text.split('\n').count()
}

/// Reads strict JSON. The inner error is one of syntax, which the caller may forgive; a passed limit
/// is not forgiven.
fn strict(
    text: &Text<'_>,
    options: DecodeOptions,
) -> Result<Result<JsonBody, serde_json::Error>, DecodeError> {
    let passed = Cell::new(None);
    let limit = RowLimit { max_rows: options.max_rows, passed: &passed };
    let mut json = serde_json::Deserializer::from_str(text.as_str());
    let read =
        BodySeed { text, limit }.deserialize(&mut json).and_then(|body| json.end().map(|()| body));
    if let Some(error) = passed.take() {
        return Err(error);
    }
    Ok(read.map(|mut body| {
        if text.has_replacements() && !body.page.anomalies.has(Anomaly::InvalidUtf8) {
            body.page.anomalies.note(Anomaly::InvalidUtf8, 0);
        }
        body
    }))
}

/// The limits on rows, and the error when one is passed: serde's own errors cannot carry it.
#[derive(Clone, Copy)]
struct RowLimit<'l> {
    max_rows: usize,
    passed: &'l Cell<Option<DecodeError>>,
}

impl RowLimit<'_> {
    /// Checks a row with this many before it.
    fn check<E: serde::de::Error>(&self, row: &str, before: usize) -> Result<(), E> {
        let error = if before >= self.max_rows {
            DecodeError::TooManyRows { max_rows: self.max_rows }
        } else if row.len() > MAX_ROW_BYTES {
            DecodeError::not_understood(ROW_TOO_LONG.to_owned(), None)
        } else {
            return Ok(());
        };
        self.passed.set(Some(error));
        Err(E::custom("a limit on rows was passed"))
    }
}

/// What a body holds.
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
        let hint = Some("does the base URL lead to the API?");
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
                body.page.anomalies.note(Anomaly::DuplicateKey, 0);
            }
            let rows = RowsSeed { text: self.text, limit: self.limit, page: &mut body.page };
            body.results = Some(members.next_value_seed(rows)?);
        }
        Ok(body)
    }
}

/// Whether a key is the one that holds the rows.
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

/// Reads the rows in one pass, or says what is in their place.
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
        Ok(ResultsField::Other("null, which does not prove that there are none"))
    }

    fn visit_bool<E>(self, _: bool) -> Result<ResultsField, E> {
        Ok(ResultsField::Other("a truth value"))
    }

    fn visit_str<E>(self, _: &str) -> Result<ResultsField, E> {
        Ok(ResultsField::Other("a text"))
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
