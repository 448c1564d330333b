//! A message written out: the row that the API answers, field for field in its order. The text
//! of the bodies (JSON, XML) is made elsewhere.

use chrono::DateTime;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::chance::{Lane, below, draw, mix, pick, uuid, uuid_text};
use super::channel::Channel;
use super::codes::{Fault, Status};
use super::hour::Sketch;
use super::life::{Life, State};
use super::texts::{segments, text};

/// One row of an answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::sandbox) struct Row {
    /// A message sent to one destination alone has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::sandbox) bulk_id: Option<String>,
    pub(in crate::sandbox) message_id: String,
    pub(in crate::sandbox) to: String,
    pub(in crate::sandbox) from: &'static str,
    pub(in crate::sandbox) text: String,
    pub(in crate::sandbox) sent_at: String,
    /// A pending message has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::sandbox) done_at: Option<String>,
    pub(in crate::sandbox) message_count: usize,
    /// What is not sent to a phone number has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::sandbox) mccmnc: Option<&'static str>,
    pub(in crate::sandbox) price: Price,
    pub(in crate::sandbox) status: &'static Status,
    pub(in crate::sandbox) error: &'static Fault,
    pub(in crate::sandbox) channel: &'static str,
}

/// What a message costs; the amount is decimal text, written as it stands.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::sandbox) struct Price {
    #[serde(serialize_with = "number_as_written")]
    pub(in crate::sandbox) price_per_message: &'static str,
    pub(in crate::sandbox) currency: &'static str,
}

fn number_as_written<S: Serializer>(amount: &str, serializer: S) -> Result<S::Ok, S::Error> {
    let raw: &RawValue = serde_json::from_str(amount).map_err(serde::ser::Error::custom)?;
    raw.serialize(serializer)
}

/// The API's own form of a time, from milliseconds since 1970.
fn time(millis: i64) -> String {
    let time = DateTime::from_timestamp_millis(millis).unwrap_or_default();
    time.format("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string()
}

impl Sketch {
    /// The channel it goes over.
    pub(in crate::sandbox) const fn channel(&self) -> Channel {
        self.sender.channel
    }

    /// The sender, as the field `from` has it.
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

    /// How it stands at a moment, in milliseconds since 1970.
    pub(in crate::sandbox) fn state(&self, now: i64) -> State {
        Life::new(self.channel(), self.sent, self.id, self.lot).at(now)
    }

    /// The country and network code, where it goes to a phone number.
    pub(in crate::sandbox) fn network(&self) -> Option<&'static str> {
        let by_number = match self.channel() {
            Channel::Email | Channel::Line => false,
            Channel::Push => !self.by_registration(),
            _ => true,
        };
        by_number.then(|| *pick(self.place.networks, self.person_key(), Lane::Network))
    }

    /// Where it goes: a phone number, an e-mail address, a push registration or a user's id.
    pub(in crate::sandbox) fn destination(&self) -> String {
        match self.channel() {
            Channel::Email => self.mailbox(),
            Channel::Push if self.by_registration() => self.registration(),
            Channel::Line => format!("U{}", self.registration()),
            _ => self.place.number(self.person),
        }
    }

    /// The row, as it stands at a moment in milliseconds since 1970.
    pub(in crate::sandbox) fn row(&self, now: i64) -> Row {
        let channel = self.channel();
        let State { status, fault, done } = self.state(now);
        let theme = self.bulk.unwrap_or(self.id);
        let text = text(self.place.language, self.purpose, self.sender.brand, theme, self.id);
        let message_count = if channel == Channel::Sms { segments(&text) } else { 1 };
        let price_per_message = if status.group_name == "REJECTED" { "0" } else { self.price() };
        Row {
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
            error: fault,
            channel: channel.name(),
        }
    }

    /// The same for all messages to one person in one country.
    fn person_key(&self) -> u64 {
        let country = self.place.networks.first().map_or(0, |network| {
            network.bytes().fold(0, |sum: u64, digit| sum * 10 + u64::from(digit))
        });
        mix(country, u64::from(self.person))
    }

    /// About half of the people have an app that is known by its registration alone.
    fn by_registration(&self) -> bool {
        below(self.person_key(), Lane::Registration, 2) == 0
    }

    fn registration(&self) -> String {
        let key = self.person_key();
        format!("{:016x}{:016x}", draw(key, Lane::IdHigh), draw(key, Lane::IdLow))
    }

    /// An address in one of the domains reserved for examples (RFC 2606).
    fn mailbox(&self) -> String {
        const GIVEN: [&str; 16] = [
            "alex", "anna", "carla", "david", "elena", "grace", "ivan", "jan", "lea", "lukas",
            "maria", "noah", "olga", "petra", "sam", "tom",
        ];
        let key = self.person_key();
        let given = pick(&GIVEN, key, Lane::Name);
        let domain = pick(&["example.com", "example.org", "example.net"], key, Lane::Place);
        format!("{given}.{}@{domain}", self.person)
    }

    const fn price(&self) -> &'static str {
        match self.channel() {
            Channel::Sms => self.place.sms,
            Channel::Voice => self.place.voice,
            Channel::Push => "0",
            Channel::Email => "0.0006",
            Channel::Viber => "0.0104",
            Channel::KakaoAlim => "0.0070",
            Channel::KakaoChingu => "0.0100",
            Channel::WhatsApp | Channel::Line | Channel::VKontakte => self.place.chat,
        }
    }
}
