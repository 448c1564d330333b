//! Who sends: made-up companies, each with a name that fits its channel. What they say stands in
//! `texts`.

use super::channel::Channel;
use super::texts::Purpose::{self, Code, Invoice, Offer, Parcel, Payment, Reminder};

/// A sender on one channel.
pub(super) struct Sender {
    pub(super) channel: Channel,
    /// The field `from`.
    pub(super) from: &'static str,
    /// The name that its texts use.
    pub(super) brand: &'static str,
    pub(super) purposes: &'static [Purpose],
    /// Mobile country codes that it writes to; none means all.
    pub(super) home: &'static [&'static str],
}

const fn sender(
    channel: Channel,
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

/// All senders. Each channel has at least one, and at least one with offers to send in bulk
/// where campaigns use the channel. Phone numbers are from the range for fiction (see `places`).
pub(super) static SENDERS: [Sender; 26] = [
    sender(Channel::Sms, "InfoSMS", "InfoSMS", &[Reminder, Offer]),
    sender(Channel::Sms, "1234", "NordBank", &[Code, Code, Payment]),
    sender(Channel::Sms, "Parcelio", "Parcelio", &[Parcel]),
    sender(Channel::Sms, "NordBank", "NordBank", &[Code, Payment]),
    sender(Channel::Sms, "CityClinic", "CityClinic", &[Reminder]),
    sender(Channel::Sms, "VoltEnergy", "VoltEnergy", &[Invoice]),
    sender(Channel::Sms, "ShopOn", "ShopOn", &[Code, Offer]),
    sender(Channel::Voice, "447700900300", "CityClinic", &[Reminder]),
    sender(Channel::Voice, "447700900301", "NordBank", &[Code]),
    sender(Channel::Viber, "DemoViberApp", "ShopOn", &[Parcel, Offer]),
    sender(Channel::Viber, "Parcelio", "Parcelio", &[Parcel]),
    sender(Channel::WhatsApp, "447700900100", "Parcelio", &[Parcel, Reminder]),
    sender(Channel::WhatsApp, "447700900200", "ShopOn", &[Payment, Offer]),
    sender(Channel::Push, "Demo PUSH Application", "ShopOn", &[Parcel, Payment, Offer]),
    sender(Channel::Push, "NordBank Mobile", "NordBank", &[Payment, Code]),
    sender(Channel::Push, "Parcelio App", "Parcelio", &[Parcel]),
    sender(Channel::Push, "CityClinic", "CityClinic", &[Reminder]),
    sender(Channel::Email, "billing@example.com", "VoltEnergy", &[Invoice]),
    sender(Channel::Email, "orders@example.com", "ShopOn", &[Parcel, Payment]),
    sender(Channel::Email, "news@example.org", "ShopOn", &[Offer]),
    sender(Channel::Line, "ShopOn Japan", "ShopOn", &[Parcel, Offer]).only_in(&["440"]),
    sender(Channel::Line, "Parcelio JP", "Parcelio", &[Parcel]).only_in(&["440"]),
    sender(Channel::VKontakte, "shopon", "ShopOn", &[Parcel, Offer]).only_in(&["250"]),
    sender(Channel::KakaoChingu, "@shopon", "ShopOn", &[Offer]).only_in(&["450"]),
    sender(Channel::KakaoAlim, "@parcelio", "Parcelio", &[Parcel]).only_in(&["450"]),
    sender(Channel::KakaoAlim, "@nordbank", "NordBank", &[Payment, Code]).only_in(&["450"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_has_a_sender() {
        for channel in Channel::ALL {
            assert!(SENDERS.iter().any(|sender| sender.channel == channel), "{}", channel.name());
        }
    }
}
