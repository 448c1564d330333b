//! The channels of the API, in a list of the sandbox's own: their names and shares of the traffic.
//! `channel_profile` describes how messages behave on each one.

/// A channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sandbox) enum TrafficChannel {
    Sms,
    Voice,
    Viber,
    WhatsApp,
    Push,
    Email,
    Line,
    VKontakte,
    KakaoChingu,
    KakaoAlim,
}

impl TrafficChannel {
    /// All channels: the six in the documentation of the API, then those that were added later.
    pub(in crate::sandbox) const ALL: [Self; 10] = [
        Self::Sms,
        Self::Voice,
        Self::Viber,
        Self::WhatsApp,
        Self::Push,
        Self::Email,
        Self::Line,
        Self::VKontakte,
        Self::KakaoChingu,
        Self::KakaoAlim,
    ];

    /// The name on the wire.
    pub(in crate::sandbox) const fn name(self) -> &'static str {
        match self {
            Self::Sms => "SMS",
            Self::Voice => "VOICE",
            Self::Viber => "VIBER",
            Self::WhatsApp => "WHATSAPP",
            Self::Push => "PUSH",
            Self::Email => "EMAIL",
            Self::Line => "LINE",
            Self::VKontakte => "VKONTAKTE",
            Self::KakaoChingu => "KAKAO_CHINGU",
            Self::KakaoAlim => "KAKAO_ALIM",
        }
    }

    /// The channel with exactly this name.
    pub(in crate::sandbox) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.name() == name)
    }

    /// How many of 1,000 single messages use it.
    pub(super) const fn share_of_singles(self) -> u32 {
        match self {
            Self::Sms => 400,
            Self::Push => 280,
            Self::Email => 90,
            Self::WhatsApp => 80,
            Self::Viber => 60,
            Self::Voice | Self::KakaoAlim => 25,
            Self::Line => 20,
            Self::VKontakte | Self::KakaoChingu => 10,
        }
    }
}
