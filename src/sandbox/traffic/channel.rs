//! The channels of the API, as the sandbox's own list. Knows names only; how messages behave on
//! a channel stands in `manners`.

/// A channel that messages are sent over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sandbox) enum Channel {
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

impl Channel {
    /// All of them: the six of the API page, then those that came later.
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

    /// The channel of that name, in exactly that spelling.
    pub(in crate::sandbox) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.name() == name)
    }

    /// How many in a thousand single messages go over it.
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
