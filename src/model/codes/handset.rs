//! Errors of the phone, its number and its subscription; and no error at all.

use super::ErrorGroup::{Handset, Ok};
use super::{ErrorCode, Words, error};

/// A fault that may pass.
const fn passing(id: u32, name: &'static str, words: Words) -> ErrorCode {
    error(Handset, false, id, name, words)
}

/// A fault that stays.
const fn lasting(id: u32, name: &'static str, words: Words) -> ErrorCode {
    error(Handset, true, id, name, words)
}

pub(super) const ERRORS: [ErrorCode; 26] = [
    error(
        Ok,
        false,
        0,
        "NO_ERROR",
        [
            "no error",
            "Nothing went wrong so far.",
            "Read the status: without an error a message may still be on its way.",
        ],
    ),
    lasting(
        1,
        "EC_UNKNOWN_SUBSCRIBER",
        [
            "number does not exist",
            "The operator knows no such number: it was never given out, or has been switched off.",
            "Check the number with its owner and take it off your lists; a number check finds such ones beforehand.",
        ],
    ),
    passing(
        5,
        "EC_UNIDENTIFIED_SUBSCRIBER",
        [
            "network cannot place the number",
            "The exchange that should serve the phone does not recognise its subscriber just now.",
            "Try again after some hours; a number that was ported or is new may take a day to be known everywhere.",
        ],
    ),
    passing(
        6,
        "EC_ABSENT_SUBSCRIBER_SM",
        [
            "phone off or out of reach",
            "The network tried to hand over the message and the phone did not answer: off, or without signal.",
            "The network tries again when the phone comes back; a longer validity period gives it time.",
        ],
    ),
    passing(
        7,
        "EC_UNKNOWN_EQUIPMENT",
        [
            "network does not know the phone",
            "The device is not recorded in the network's register of equipment.",
            "Have the recipient restart the phone or try the SIM in another one.",
        ],
    ),
    passing(
        8,
        "EC_ROAMING_NOT_ALLOWED",
        [
            "phone is abroad without roaming",
            "The phone is in a network where its subscription may not roam.",
            "Have the recipient allow roaming or wait until they are back; a chat channel over Wi-Fi may reach them.",
        ],
    ),
    lasting(
        9,
        "EC_ILLEGAL_SUBSCRIBER",
        [
            "SIM failed authentication",
            "The network refused the SIM: it failed its check or was barred.",
            "The recipient has to settle it with their operator; until then use another number.",
        ],
    ),
    lasting(
        11,
        "EC_TELESERVICE_NOT_PROVISIONED",
        [
            "number cannot receive SMS",
            "The subscription does not include SMS, as with many data-only SIMs and landlines.",
            "Ask for a mobile number, or use voice or e-mail for this recipient.",
        ],
    ),
    lasting(
        12,
        "EC_ILLEGAL_EQUIPMENT",
        [
            "phone is barred by the network",
            "The device is on a black list, as stolen phones are.",
            "The recipient needs another phone; nothing on the sending side helps.",
        ],
    ),
    passing(
        13,
        "EC_CALL_BARRED",
        [
            "recipient barred incoming messages",
            "The subscription bars incoming messages: set by its owner, or by the operator over an unpaid bill.",
            "Have the recipient lift the barring with their operator.",
        ],
    ),
    ErrorCode {
        published: false,
        ..passing(
            21,
            "EC_FACILITY_NOT_SUPPORTED",
            [
                "network lacks a needed feature",
                "The recipient's network does not support something that the message asked for.",
                "Send it plain: no flash, no binary content, no special delivery options.",
            ],
        )
    },
    passing(
        27,
        "EC_ABSENT_SUBSCRIBER",
        [
            "phone not registered in any network",
            "The phone has been away from any network for so long that nothing knows where it is.",
            "Try again in a day; when it lasts for weeks, the number has probably been given up.",
        ],
    ),
    passing(
        31,
        "EC_SUBSCRIBER_BUSY_FOR_MT_SMS",
        [
            "phone busy with another message",
            "The phone was taking another message at that very moment.",
            "It passes within seconds; leave some time between messages to one number.",
        ],
    ),
    passing(
        32,
        "EC_SM_DELIVERY_FAILURE",
        [
            "phone refused the message",
            "The phone answered, but did not take the message, for a reason that it did not give.",
            "Send again; if it goes on, have the recipient clear the inbox and restart the phone.",
        ],
    ),
    passing(
        33,
        "EC_MESSAGE_WAITING_LIST_FULL",
        [
            "too many messages wait for the phone",
            "The operator's queue for this phone is full, mostly because it has been off for long.",
            "Send nothing more to this number until it is reachable; every further message only waits or fails.",
        ],
    ),
    passing(
        34,
        "EC_SYSTEM_FAILURE",
        [
            "fault in the recipient's network",
            "A station in the recipient's network failed while it handled the message.",
            "Send again in some minutes; if many numbers of the network fail, it is an outage on their side.",
        ],
    ),
    passing(
        35,
        "EC_DATA_MISSING",
        [
            "network missed a piece of data",
            "The recipient's network found the signalling message incomplete.",
            "Send again once; if it repeats for this operator, give support two or three message ids.",
        ],
    ),
    passing(
        36,
        "EC_UNEXPECTED_DATA_VALUE",
        [
            "network met a value it cannot read",
            "The recipient's network refused a value in the signalling message, such as the coding or the sender.",
            "Try a numeric sender and plain text; if that arrives, the operator does not take what was special.",
        ],
    ),
    passing(
        255,
        "EC_UNKNOWN_ERROR",
        [
            "operator gave no reason",
            "The operator reported a failure and did not say which.",
            "Send again once; if it fails again, compare with other numbers of the same network.",
        ],
    ),
    passing(
        256,
        "EC_SM_DF_MEMORYCAPACITYEXCEEDED",
        [
            "phone memory is full",
            "The phone or its SIM has no room left for messages.",
            "Have the recipient delete messages; the network tries again once there is room.",
        ],
    ),
    passing(
        257,
        "EC_SM_DF_EQUIPMENTPROTOCOLERROR",
        [
            "phone broke the SMS protocol",
            "The phone answered in a way that the protocol does not allow.",
            "Have the recipient restart or update the phone; then send without binary content.",
        ],
    ),
    passing(
        258,
        "EC_SM_DF_EQUIPMENTNOTSM_EQUIPPED",
        [
            "device cannot take SMS",
            "The device has no SMS function, as some modems and tablets have none.",
            "Ask the recipient which device holds the SIM, or reach them over another channel.",
        ],
    ),
    passing(
        259,
        "EC_SM_DF_UNKNOWNSERVICECENTRE",
        [
            "message centre not known there",
            "The recipient's network does not know the message centre from which the message came.",
            "Ask support to look at the route: the operator has not opened its network for it.",
        ],
    ),
    passing(
        260,
        "EC_SM_DF_SC_CONGESTION",
        [
            "message centre is overloaded",
            "The message centre had more to do than it could take.",
            "Send more slowly, and large campaigns outside the full hour; then try again.",
        ],
    ),
    passing(
        261,
        "EC_SM_DF_INVALIDSME_ADDRESS",
        [
            "address not valid at the centre",
            "The message centre does not accept the sender or the number as an address.",
            "Check both for letters, blanks and length; alphanumeric senders hold eleven characters at most.",
        ],
    ),
    passing(
        262,
        "EC_SM_DF_SUBSCRIBERNOTSC_SUBSCRIBER",
        [
            "subscriber not served by the centre",
            "The message centre does not serve this subscriber, as can happen after a number was ported.",
            "Check to which network the number belongs now, and have support correct the route if it differs.",
        ],
    ),
];
