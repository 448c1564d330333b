//! Repeatable random numbers: every choice in the traffic is a pure function of a key and a [`Choice`].
//! This module has no state and must never read a clock or the random source of the system, because two
//! runs with one seed must generate the same traffic.

use crate::splitmix;

/// The subject of a choice. Each has its own random stream, so that a new choice does not change others.
#[derive(Clone, Copy)]
pub(super) enum Choice {
    Hour,
    Day,
    Single,
    Member,
    Sender,
    Channel,
    Purpose,
    Country,
    Network,
    Person,
    SentAt,
    Spread,
    Size,
    OutcomeDraw,
    Failover,
    Template,
    Name,
    Code,
    Reference,
    Amount,
    Minute,
    HandOver,
    End,
    Octave,
    Outcome,
    Registration,
    IdHigh,
    IdLow,
    Incident,
    Stream,
}

/// A new key from a key and a number; adjacent numbers give keys that differ widely.
pub(super) fn mix(key: u64, number: u64) -> u64 {
    splitmix::mix(key ^ number.wrapping_add(1).wrapping_mul(splitmix::STEP))
}

/// The random value of one choice for a key.
pub(super) fn draw(key: u64, choice: Choice) -> u64 {
    mix(key, choice as u64)
}

/// A number from 0 up to, but not including, `end`, which must be at least 1.
pub(super) fn below(key: u64, choice: Choice, end: u64) -> u64 {
    draw(key, choice) % end.max(1)
}

/// A number from `low` up to, but not including, `high`.
pub(super) fn between(key: u64, choice: Choice, low: i64, high: i64) -> i64 {
    low + draw(key, choice).cast_signed().rem_euclid((high - low).max(1))
}

/// One of the items, which must not be empty: all of them are constant tables.
#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "the index is below the length, which fits a usize"
)]
pub(super) fn pick<T>(items: &[T], key: u64, choice: Choice) -> &T {
    &items[below(key, choice, items.len() as u64) as usize]
}

/// One of the items, with a probability in proportion to its weight; `None` when all weights are 0.
pub(super) fn pick_weighted<T>(
    items: &[T],
    weight: impl Fn(&T) -> u32,
    key: u64,
    choice: Choice,
) -> Option<&T> {
    let total = items.iter().map(|item| u64::from(weight(item))).sum();
    let mut left = below(key, choice, total);
    for item in items {
        let own = u64::from(weight(item));
        if left < own {
            return Some(item);
        }
        left -= own;
    }
    None
}

/// An identifier in the form of a random UUID (RFC 9562, version 4).
pub(super) fn uuid(key: u64) -> u128 {
    let bits = u128::from(draw(key, Choice::IdHigh)) << 64 | u128::from(draw(key, Choice::IdLow));
    bits & !(0xF << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62)
}

/// The usual text of a UUID.
pub(super) fn uuid_text(uuid: u128) -> String {
    let hex = format!("{uuid:032x}");
    let mut text = String::with_capacity(36);
    for (at, digit) in hex.chars().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    text
}

/// Parses a UUID in exactly the form that `uuid_text` writes.
pub(in crate::sandbox) fn parse_uuid(text: &str) -> Option<u128> {
    let uuid = u128::from_str_radix(&text.replace('-', ""), 16).ok()?;
    (uuid_text(uuid) == text).then_some(uuid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_parsed_in_its_usual_form_only() {
        let uuid = uuid(7);
        let text = uuid_text(uuid);
        assert_eq!(parse_uuid(&text), Some(uuid));
        assert_eq!(text.as_bytes()[14], b'4');
        assert_eq!(parse_uuid(&text.replace('-', "")), None);
        assert_eq!(parse_uuid("no identifier"), None);
    }

    #[test]
    fn weights_decide_how_often_an_item_is_picked() {
        let weights = [("rare", 1), ("never", 0), ("common", 9)];
        let mut common = 0;
        for key in 0..1000 {
            let (name, _) =
                pick_weighted(&weights, |item| item.1, mix(3, key), Choice::Country).unwrap();
            assert_ne!(*name, "never");
            common += i32::from(*name == "common");
        }
        assert!((850..950).contains(&common), "{common}");
    }
}
