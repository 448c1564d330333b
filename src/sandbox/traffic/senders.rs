//! Senders: invented companies, with names in the form of their channels. `texts` has their messages.

use super::channel::TrafficChannel;
use super::texts::Purpose::{self, Code, Invoice, Offer, Parcel, Payment, Reminder};

/// A sender on one channel.
pub(super) struct Sender {
    pub(super) channel: TrafficChannel,
    /// The value of the field `from`.
    pub(super) from: &'static str,
    /// The name used in its texts.
    pub(super) brand: &'static str,
    pub(super) purposes: &'static [Purpose],
    /// Mobile country codes that it sends to; empty means all.
    pub(super) home: &'static [&'static str],
}

const fn sender(
    channel: TrafficChannel,
    from: &'static str,
    brand: &'static str,
    purposes: &'static [Purpose],
) -> Sender {
    Sender { channel, from, brand, purposes, home: &[] }
}

impl Sender {
    const fn only_in(self, home: &'static [&'static str]) -> Self {
        Self { home, ..self }
    }
}

/// All senders. Each channel has at least one, and each channel of a campaign has at least one that
/// sends offers. Phone numbers are from the ranges for fiction (see `countries`).
pub(super) static SENDERS: [Sender; 26] = [
    sender(TrafficChannel::Sms, "InfoSMS", "InfoSMS", &[Reminder, Offer]),
    sender(TrafficChannel::Sms, "1234", "NordBank", &[Code, Code, Payment]),
    sender(TrafficChannel::Sms, "Parcelio", "Parcelio", &[Parcel]),
    sender(TrafficChannel::Sms, "NordBank", "NordBank", &[Code, Payment]),
    sender(TrafficChannel::Sms, "CityClinic", "CityClinic", &[Reminder]),
    sender(TrafficChannel::Sms, "VoltEnergy", "VoltEnergy", &[Invoice]),
    sender(TrafficChannel::Sms, "ShopOn", "ShopOn", &[Code, Offer]),
    sender(TrafficChannel::Voice, "447700900300", "CityClinic", &[Reminder]),
    sender(TrafficChannel::Voice, "447700900301", "NordBank", &[Code]),
    sender(TrafficChannel::Viber, "DemoViberApp", "ShopOn", &[Parcel, Offer]),
    sender(TrafficChannel::Viber, "Parcelio", "Parcelio", &[Parcel]),
    sender(TrafficChannel::WhatsApp, "447700900100", "Parcelio", &[Parcel, Reminder]),
    sender(TrafficChannel::WhatsApp, "447700900200", "ShopOn", &[Payment, Offer]),
    sender(TrafficChannel::Push, "Demo PUSH Application", "ShopOn", &[Parcel, Payment, Offer]),
    sender(TrafficChannel::Push, "NordBank Mobile", "NordBank", &[Payment, Code]),
    sender(TrafficChannel::Push, "Parcelio App", "Parcelio", &[Parcel]),
    sender(TrafficChannel::Push, "CityClinic", "CityClinic", &[Reminder]),
    sender(TrafficChannel::Email, "billing@example.com", "VoltEnergy", &[Invoice]),
    sender(TrafficChannel::Email, "orders@example.com", "ShopOn", &[Parcel, Payment]),
    sender(TrafficChannel::Email, "news@example.org", "ShopOn", &[Offer]),
    sender(TrafficChannel::Line, "ShopOn Japan", "ShopOn", &[Parcel, Offer]).only_in(&["440"]),
    sender(TrafficChannel::Line, "Parcelio JP", "Parcelio", &[Parcel]).only_in(&["440"]),
    sender(TrafficChannel::VKontakte, "shopon", "ShopOn", &[Parcel, Offer]).only_in(&["250"]),
    sender(TrafficChannel::KakaoChingu, "@shopon", "ShopOn", &[Offer]).only_in(&["450"]),
    sender(TrafficChannel::KakaoAlim, "@parcelio", "Parcelio", &[Parcel]).only_in(&["450"]),
    sender(TrafficChannel::KakaoAlim, "@nordbank", "NordBank", &[Payment, Code]).only_in(&["450"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_has_a_sender() {
        for channel in TrafficChannel::ALL {
            assert!(SENDERS.iter().any(|sender| sender.channel == channel), "{}", channel.name());
        }
    }
}
