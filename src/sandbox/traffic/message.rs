//! Completes a message to a row of the API, with the fields in the order of the API. The module `body`
//! writes rows as JSON and XML.

use std::cell::RefCell;
use std::collections::HashMap;

use chrono::{DateTime, SecondsFormat};
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::channel::TrafficChannel;
use super::codes::{DeliveryError, DeliveryStatus};
use super::lifecycle::DeliveryState;
use super::planned_message::PlannedMessage;
use super::seeded_random::{Choice, below, draw, mix, pick, uuid, uuid_text};
use super::texts::text;
use crate::sms_encoding::SmsEncoding;

/// One row of a response.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::sandbox) struct ApiRow {
    /// `None` for a message that is not part of a bulk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::sandbox) bulk_id: Option<String>,
    pub(in crate::sandbox) message_id: String,
    pub(in crate::sandbox) to: String,
    pub(in crate::sandbox) from: &'static str,
    pub(in crate::sandbox) text: String,
    pub(in crate::sandbox) sent_at: String,
    /// `None` for a pending message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::sandbox) done_at: Option<String>,
    pub(in crate::sandbox) message_count: u64,
    /// `None` for a message that was not sent to a phone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::sandbox) mccmnc: Option<&'static str>,
    #[serde(serialize_with = "price_text")]
    pub(in crate::sandbox) price: Price,
    #[serde(serialize_with = "status_text")]
    pub(in crate::sandbox) status: &'static DeliveryStatus,
    #[serde(serialize_with = "error_text")]
    pub(in crate::sandbox) error: &'static DeliveryError,
    pub(in crate::sandbox) channel: &'static str,
}

/// The price of a message. The amount is decimal text, which is written unchanged.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::sandbox) struct Price {
    #[serde(serialize_with = "number_as_written")]
    pub(in crate::sandbox) price_per_message: &'static str,
    pub(in crate::sandbox) currency: &'static str,
}

fn number_as_written<S: Serializer>(amount: &str, serializer: S) -> Result<S::Ok, S::Error> {
    let raw: &RawValue = serde_json::from_str(amount).map_err(S::Error::custom)?;
    raw.serialize(serializer)
}

fn price_text<S: Serializer>(price: &Price, serializer: S) -> Result<S::Ok, S::Error> {
    serialize_once(price.price_per_message, price, serializer)
}

fn status_text<S: Serializer>(status: &DeliveryStatus, serializer: S) -> Result<S::Ok, S::Error> {
    serialize_once(status.name, status, serializer)
}

fn error_text<S: Serializer>(error: &DeliveryError, serializer: S) -> Result<S::Ok, S::Error> {
    serialize_once(error.name, error, serializer)
}

/// Writes a value that many rows have. Its JSON text is made once in each thread: otherwise these values
/// would take half of the time of a response. `name` is different for each of them.
fn serialize_once<S: Serializer>(
    name: &'static str,
    value: &impl Serialize,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    thread_local! {
        static TEXTS: RefCell<HashMap<&'static str, Box<RawValue>>> = RefCell::default();
    }
    TEXTS.with_borrow_mut(|texts| {
        if let Some(text) = texts.get(name) {
            return text.serialize(serializer);
        }
        let text = serde_json::value::to_raw_value(value).map_err(S::Error::custom)?;
        texts.entry(name).or_insert(text).serialize(serializer)
    })
}

/// A time, in milliseconds since 1970, in the form of the API.
fn time(millis: i64) -> String {
    let time = DateTime::from_timestamp_millis(millis).unwrap_or_default();
    // Faster than a format string, which would be parsed for each row.
    time.to_rfc3339_opts(SecondsFormat::Millis, true).replace('Z', "+0000")
}

impl PlannedMessage {
    /// The channel of the message.
    pub(in crate::sandbox) const fn channel(&self) -> TrafficChannel {
        self.sender.channel
    }

    /// The sender, as in the field `from`.
    pub(in crate::sandbox) const fn from(&self) -> &'static str {
        self.sender.from
    }

    /// The message id, as a number.
    pub(in crate::sandbox) fn message_id(&self) -> u128 {
        uuid(self.id)
    }

    /// The bulk id, as a number.
    pub(in crate::sandbox) fn bulk_id(&self) -> Option<u128> {
        self.bulk.map(uuid)
    }

    /// Its status at a time in milliseconds since 1970.
    pub(in crate::sandbox) fn state(&self, now: i64) -> DeliveryState {
        self.lifecycle().at(now)
    }

    /// The country and network code, if the destination is a phone number.
    pub(in crate::sandbox) fn network(&self) -> Option<&'static str> {
        let by_number = match self.channel() {
            TrafficChannel::Email | TrafficChannel::Line => false,
            TrafficChannel::Push => !self.by_registration(),
            _ => true,
        };
        by_number.then(|| *pick(self.country.networks, self.person_key(), Choice::Network))
    }

    /// The destination: a phone number, an e-mail address, a push registration or a user id.
    pub(in crate::sandbox) fn destination(&self) -> String {
        match self.channel() {
            TrafficChannel::Email => self.mailbox(),
            TrafficChannel::Push if self.by_registration() => self.registration(),
            TrafficChannel::Line => format!("U{}", self.registration()),
            _ => self.country.number(self.person),
        }
    }

    /// The row at a time in milliseconds since 1970.
    pub(in crate::sandbox) fn row(&self, now: i64) -> ApiRow {
        let channel = self.channel();
        let DeliveryState { status, error, done } = self.state(now);
        let template_key = self.bulk.unwrap_or(self.id);
        let text =
            text(self.country.language, self.purpose, self.sender.brand, template_key, self.id);
        let message_count =
            if channel == TrafficChannel::Sms { SmsEncoding::of(&text).segments } else { 1 };
        let price_per_message = if status.group_name == "REJECTED" { "0" } else { self.price() };
        ApiRow {
            bulk_id: self.bulk_id().map(uuid_text),
            message_id: uuid_text(self.message_id()),
            to: self.destination(),
            from: self.from(),
            text,
            sent_at: time(self.sent),
            done_at: done.map(time),
            message_count,
            mccmnc: self.network(),
            price: Price { price_per_message, currency: "EUR" },
            status,
            error,
            channel: channel.name(),
        }
    }

    /// A key that is the same for all messages to one person in one country.
    fn person_key(&self) -> u64 {
        let country = self.country.networks.first().map_or(0, |network| {
            network.bytes().fold(0, |sum: u64, digit| sum * 10 + u64::from(digit))
        });
        mix(country, u64::from(self.person))
    }

    /// Whether the destination of a push message is a registration and not a phone number, which is so
    /// for about half of the people.
    fn by_registration(&self) -> bool {
        below(self.person_key(), Choice::Registration, 2) == 0
    }

    fn registration(&self) -> String {
        let key = self.person_key();
        format!("{:016x}{:016x}", draw(key, Choice::IdHigh), draw(key, Choice::IdLow))
    }

    /// An address in one of the domains reserved for examples (RFC 2606).
    fn mailbox(&self) -> String {
        const GIVEN: [&str; 16] = [
            "alex", "anna", "carla", "david", "elena", "grace", "ivan", "jan", "lea", "lukas",
            "maria", "noah", "olga", "petra", "sam", "tom",
        ];
        let key = self.person_key();
        let given = pick(&GIVEN, key, Choice::Name);
        let domain = pick(&["example.com", "example.org", "example.net"], key, Choice::Country);
        format!("{given}.{}@{domain}", self.person)
    }

    const fn price(&self) -> &'static str {
        match self.channel() {
            TrafficChannel::Sms => self.country.sms,
            TrafficChannel::Voice => self.country.voice,
            TrafficChannel::Push => "0",
            TrafficChannel::Email => "0.0006",
            TrafficChannel::Viber => "0.0104",
            TrafficChannel::KakaoAlim => "0.0070",
            TrafficChannel::KakaoChingu => "0.0100",
            TrafficChannel::WhatsApp | TrafficChannel::Line | TrafficChannel::VKontakte => {
                self.country.chat
            }
        }
    }
}
