//! The countries of mobile networks, by mobile country code.
//!
//! `e212.tsv` has the "List of mobile country or geographical area codes" of the ITU (an annex of the
//! operational bulletin to Recommendation E.212), with the codes of ISO 3166-1 and a short English
//! name for each country. Where territories share a mobile country code, a few networks are listed by
//! country and network code together. Nothing here corrects a misspelled name.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{Field, Log};

/// Columns: ISO code of two letters, ISO code of three letters, network codes, name, other names.
const LIST: &str = include_str!("e212.tsv");

/// A country or a territory with mobile networks of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Country {
    /// The code of two letters of ISO 3166-1; for Kosovo, which has none there, `XK`.
    pub iso: &'static str,
    /// The code of three letters of ISO 3166-1; for Kosovo, `XKX`.
    pub iso3: &'static str,
    /// The short English name.
    pub name: &'static str,
    /// Mobile country codes, and mobile country and network codes together, separated by commas.
    codes: &'static str,
    /// Other names of the country, separated by semicolons.
    other_names: &'static str,
}

/// Why a word does not identify one country.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CountryError {
    /// No country has that code or name.
    #[error("no country has that code or name")]
    Unknown,
    /// The word is a part of the names of several countries.
    #[error("several countries have that in their names")]
    Ambiguous(Vec<&'static Country>),
}

impl Country {
    /// Every country, in the order of the ISO codes.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        COUNTRIES.iter()
    }

    /// The country of a mobile network, by its mobile country code, with or without the network code
    /// after it. `None` for codes that do not belong to a country, such as those of satellites and
    /// ships.
    #[must_use]
    pub fn of_network(mccmnc: &str) -> Option<&'static Self> {
        let by_code = |code: &str| BY_CODE.get(code).copied();
        by_code(mccmnc).or_else(|| by_code(mccmnc.get(..3)?))
    }

    /// The country that a person names by an ISO code, a mobile country code, a name, or a part of a
    /// name that no other country has. Letter case, accents and punctuation do not count.
    ///
    /// # Errors
    /// When the word identifies no country or several.
    pub fn parse(word: &str) -> Result<&'static Self, CountryError> {
        if let Some(country) = BY_CODE.get(word.trim()) {
            return Ok(country);
        }
        let word = plain(word);
        if word.is_empty() {
            return Err(CountryError::Unknown);
        }
        if let Some(country) = Self::all().find(|country| country.is_called(&word)) {
            return Ok(country);
        }
        let has_part = |country: &&Self| country.names().any(|name| plain(name).contains(&word));
        let found: Vec<_> = Self::all().filter(has_part).collect();
        match found.as_slice() {
            [] => Err(CountryError::Unknown),
            // Two letters are a code that was mistyped rather than a part of a name.
            _ if word.chars().count() < 3 => Err(CountryError::Unknown),
            [only] => Ok(only),
            _ => Err(CountryError::Ambiguous(found)),
        }
    }

    /// The name, then the other names of the country.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        let others = self.other_names.split(';').filter(|name| !name.is_empty());
        std::iter::once(self.name).chain(others)
    }

    fn is_called(&self, word: &str) -> bool {
        self.iso.eq_ignore_ascii_case(word)
            || self.iso3.eq_ignore_ascii_case(word)
            || self.names().any(|name| plain(name) == word)
    }
}

impl Log {
    /// The country of the network that the message was sent to; `None` where the row does not name a
    /// network of a country.
    #[must_use]
    pub fn country(&self) -> Option<&'static Country> {
        Country::of_network(&self.cell(Field::Mccmnc).into_text())
    }
}

/// The list, parsed at the first lookup. A line that cannot be parsed is left out; a test checks that
/// every line can.
static COUNTRIES: LazyLock<Vec<Country>> =
    LazyLock::new(|| LIST.lines().skip(1).filter_map(country).collect());

/// The countries by their network codes.
static BY_CODE: LazyLock<HashMap<&'static str, &'static Country>> = LazyLock::new(|| {
    let codes =
        |country: &'static Country| country.codes.split(',').zip(std::iter::repeat(country));
    Country::all().flat_map(codes).collect()
});

fn country(line: &'static str) -> Option<Country> {
    let mut cells = line.split('\t');
    let (iso, iso3, codes) = (cells.next()?, cells.next()?, cells.next()?);
    Some(Country { iso, iso3, codes, name: cells.next()?, other_names: cells.next()? })
}

/// A name in small letters, without accents, spaces and punctuation.
fn plain(name: &str) -> String {
    let letter = |letter: char| match letter {
        'ã' | 'á' | 'å' => 'a',
        'ç' => 'c',
        'é' | 'è' => 'e',
        'í' => 'i',
        'ô' | 'ó' => 'o',
        'ü' | 'ú' => 'u',
        other => other,
    };
    let letters = name.chars().flat_map(char::to_lowercase).map(letter);
    letters.filter(|letter| letter.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests;
