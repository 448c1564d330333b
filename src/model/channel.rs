//! The channels that the `channel` parameter of the API accepts.
//!
//! A row can have a channel that is not here: the channel of a row is text, never this type.

use std::fmt;

/// A channel that a query can name. The first six are in the API documentation; the platform has
/// added the others since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the platform's own")]
#[non_exhaustive]
pub enum Channel {
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
    /// Every channel: those of the API documentation first, in its order.
    pub const ALL: [Self; 10] = [
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

    /// The API's own spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
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

    /// Reads a channel in any letter case; `None` when no channel has that name.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str().eq_ignore_ascii_case(word))
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
