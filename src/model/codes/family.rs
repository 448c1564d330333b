//! The kinds of messages for which the platform publishes codes of their own.

/// A family of codes. An id alone does not identify a code: families share ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "phrase() says what each one is")]
#[non_exhaustive]
pub enum Family {
    General,
    Voice,
    VoiceAndWebRtc,
    Mms,
    Email,
    Push,
    Chat,
    Dlt,
}

impl Family {
    /// The family of the codes below a heading of the platform's list.
    pub(super) fn parse(heading: &str) -> Option<Self> {
        Some(match heading {
            "General status codes" | "General error codes" => Self::General,
            "Voice status codes" | "Voice error codes (DEPRECATED)" => Self::Voice,
            "Voice and WebRTC error codes" => Self::VoiceAndWebRtc,
            "MMS status codes" | "MMS error codes" => Self::Mms,
            "Email status codes" | "Email error codes" => Self::Email,
            "Push notifications status codes" | "Push notification error codes" => Self::Push,
            "Chat error codes" => Self::Chat,
            "DLT error codes" => Self::Dlt,
            _ => return None,
        })
    }

    /// Whether messages of a channel can have the codes of the family. Without a channel, they can have
    /// those of each family.
    pub(crate) fn includes(self, channel: &str) -> bool {
        let is = |name: &str| channel.eq_ignore_ascii_case(name);
        channel.is_empty()
            || match self {
                Self::General => true,
                Self::Voice | Self::VoiceAndWebRtc => is("VOICE"),
                Self::Mms => is("MMS"),
                Self::Email => is("EMAIL"),
                Self::Push => is("PUSH"),
                Self::Dlt => is("SMS"),
                // The platform adds chat channels; those of the other kinds are known.
                Self::Chat => !["SMS", "VOICE", "MMS", "EMAIL", "PUSH"].into_iter().any(is),
            }
    }

    /// One word, for machine-readable formats.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::General => "general",
            Self::Voice => "voice",
            Self::VoiceAndWebRtc => "webrtc",
            Self::Mms => "mms",
            Self::Email => "email",
            Self::Push => "push",
            Self::Chat => "chat",
            Self::Dlt => "dlt",
        }
    }

    /// The kind of messages that the codes are for, as the end of "a status code for …".
    #[must_use]
    pub fn phrase(self) -> &'static str {
        match self {
            Self::General => "messages of any channel",
            Self::Voice => "voice messages",
            Self::VoiceAndWebRtc => "voice and WebRTC calls",
            Self::Mms => "MMS messages",
            Self::Email => "e-mails",
            Self::Push => "push notifications",
            Self::Chat => "chat messages (WhatsApp, Viber and others)",
            Self::Dlt => "messages to India, where senders and templates are registered (DLT)",
        }
    }
}
