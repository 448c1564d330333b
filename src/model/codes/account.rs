//! Errors of the account, of the message itself, and of the operator.

use super::ErrorGroup::{Operator, User};
use super::{ErrorCode, Words, error};

/// A fault of the account or the message; each one stays until something is changed.
const fn user(id: u32, name: &'static str, words: Words) -> ErrorCode {
    error(User, true, id, name, words)
}

pub(super) const ERRORS: [ErrorCode; 18] = [
    user(
        2049,
        "EC_IMSI_BLACKLISTED",
        [
            "SIM is on a block list",
            "The SIM behind the number is blocked on the platform, whatever number it carries.",
            "Ask support why it is blocked; fraud traps and repeated complaints are the usual grounds.",
        ],
    ),
    user(
        2052,
        "EC_BLACKLISTED_DESTINATIONADDRESS",
        [
            "number is on the account's block list",
            "The destination is blocked for this account, mostly because its owner opted out.",
            "Keep the opt-out; if the owner wants messages again, record the consent and unblock the number.",
        ],
    ),
    user(
        2053,
        "EC_BLACKLISTED_SENDERADDRESS",
        [
            "sender is on a block list",
            "The sender may not be used: it is blocked for the account or for that network.",
            "Send under a sender that is registered for you, and ask support what the block is for.",
        ],
    ),
    user(
        2053,
        "EC_SOURCE_ADDRESS_BLACKLISTED",
        [
            "source address is blocked",
            "The source address of the message stands on a block list.",
            "Compare with the senders of messages that arrived; replace the blocked one in your templates.",
        ],
    ),
    user(
        4096,
        "EC_INVALID_PDU_FORMAT",
        [
            "malformed request (PDU)",
            "The request to send does not follow the protocol (SMPP).",
            "Look at your SMPP client: field lengths, data coding and optional parameters of what it submits.",
        ],
    ),
    user(
        4100,
        "EC_MESSAGE_CANCELED",
        [
            "cancelled before it was sent",
            "Somebody, or a program, cancelled the message before it left.",
            "Look in your own system for who cancelled the scheduled bulk; send anew if it was a mistake.",
        ],
    ),
    user(
        4101,
        "EC_VALIDITYEXPIRED",
        [
            "too late: validity had ended",
            "The validity period was over before the message could be sent on.",
            "Give it a longer validity, or look why it waited: a slow queue, or a clock that is wrong.",
        ],
    ),
    user(
        4102,
        "EC_NOTSUBMITTEDTOSMPPCHANNEL",
        [
            "could not be given to the operator",
            "The connection to the operator did not take the message.",
            "Ask support whether the operator's link was down at that time, and send again afterwards.",
        ],
    ),
    user(
        4103,
        "EC_DESTINATION_FLOODING",
        [
            "too many messages to one number",
            "The number got more messages in a short time than the guard against floods lets through.",
            "Find what sends so often (a loop, a retry, an attack on a sign-up form) and limit it per number.",
        ],
    ),
    user(
        4104,
        "EC_DESTINATION_TXT_FLOODING",
        [
            "same text to one number too often",
            "The same text went to the same number too often in a short time.",
            "Stop repeats of the same text; for a code that is asked for again, wait between tries.",
        ],
    ),
    ErrorCode {
        published: false,
        ..user(
            5003,
            "EC_VOICE_NO_ANSWER",
            [
                "call was not answered",
                "The voice message rang and nobody took the call.",
                "Call at another time of day, allow more tries in the voice settings, or follow up with a text.",
            ],
        )
    },
    error(
        Operator,
        true,
        10,
        "EC_BEARER_SERVICE_NOT_PROVISIONED",
        [
            "service not part of the subscription",
            "The recipient's subscription lacks the bearer service that the message needs.",
            "The recipient would have to order it from their operator; write to another number instead.",
        ],
    ),
    error(
        Operator,
        false,
        20,
        "EC_SS_INCOMPATIBILITY",
        [
            "a call feature is in the way",
            "A supplementary service of the subscription, such as forwarding, does not go with the message.",
            "Have the recipient switch call forwarding and barring off, then send again.",
        ],
    ),
    error(
        Operator,
        true,
        51,
        "EC_RESOURCE_LIMITATION",
        [
            "operator ran short of resources",
            "The operator had no resources for the message and will not try again.",
            "Make a new message of it, at a slower pace; tell support when one operator does it for hours.",
        ],
    ),
    error(
        Operator,
        false,
        71,
        "EC_UNKNOWN_ALPHABET",
        [
            "alphabet not supported there",
            "The operator or the phone does not know the alphabet in which the text was coded.",
            "Send with plain Latin letters, or with transliteration switched on.",
        ],
    ),
    error(
        Operator,
        false,
        501,
        "EC_INVALID_RESPONSE_RECEIVED",
        [
            "operator's answer was not valid",
            "The operator answered with something that cannot be read.",
            "Try again in a while; collect message ids per network for support if it recurs.",
        ],
    ),
    error(
        Operator,
        false,
        2048,
        "EC_TIME_OUT",
        [
            "operator did not answer in time",
            "The operator did not answer before the time limit; the message may still have gone out.",
            "Wait for a late report before you send again, else the recipient may get it twice.",
        ],
    ),
    error(
        Operator,
        true,
        2050,
        "EC_DEST_ADDRESS_BLACKLISTED",
        [
            "operator blocks this number",
            "The destination stands on a block list of the operator, such as a do-not-disturb register.",
            "Only the owner of the number can have it taken off, at their operator.",
        ],
    ),
];
