//! The statuses.

use super::{StatusCode, Words};
use crate::model::StatusGroup::{self, Delivered, Expired, Pending, Rejected, Undeliverable};

/// A status on the way.
const fn on_the_way(group: StatusGroup, id: u32, name: &'static str, words: Words) -> StatusCode {
    let [short, meaning, advice] = words;
    StatusCode { id, name, group, is_final: false, published: true, short, meaning, advice }
}

/// A final status.
const fn end(group: StatusGroup, id: u32, name: &'static str, words: Words) -> StatusCode {
    StatusCode { is_final: true, ..on_the_way(group, id, name, words) }
}

/// A final status of the group REJECTED that the platform's page does not list.
const fn listed_elsewhere(id: u32, name: &'static str, words: Words) -> StatusCode {
    StatusCode { published: false, ..end(Rejected, id, name, words) }
}

pub(super) const STATUSES: [StatusCode; 26] = [
    on_the_way(
        Pending,
        3,
        "PENDING_WAITING_DELIVERY",
        [
            "at the operator, report awaited",
            "The operator has taken the message and has not reported back; the phone may be off or out of reach.",
            "Wait for the delivery report. If a whole network stays here, ask support whether its reports are late.",
        ],
    ),
    on_the_way(
        Pending,
        7,
        "PENDING_ENROUTE",
        [
            "passed on towards the operator",
            "The platform has passed the message on to the next station, as a rule the operator.",
            "Wait; this changes within seconds. Minutes of it for many messages point to a slow route.",
        ],
    ),
    on_the_way(
        Pending,
        26,
        "PENDING_ACCEPTED",
        [
            "accepted, not yet sent on",
            "The platform has accepted the message and holds it ready for sending.",
            "Wait; if it was scheduled or sent at a limited speed, it leaves at its turn.",
        ],
    ),
    end(
        Undeliverable,
        4,
        "UNDELIVERABLE_REJECTED_OPERATOR",
        [
            "refused by the operator",
            "The operator got the message and refused it, or reported it as refused.",
            "Look at the error; often the sender needs registering in that country, or the content is filtered there.",
        ],
    ),
    end(
        Undeliverable,
        9,
        "UNDELIVERABLE_NOT_DELIVERED",
        [
            "operator could not deliver it",
            "The operator tried and reported that the message was not delivered.",
            "Look at the error to tell a dead number from a phone that was off; retry only if it is not permanent.",
        ],
    ),
    on_the_way(
        Delivered,
        2,
        "DELIVERED_TO_OPERATOR",
        [
            "operator has it, handset not confirmed",
            "The operator confirmed the message; whether the phone got it is not known yet.",
            "Do not count it as received. On routes without handset reports it may stay so for good.",
        ],
    ),
    end(
        Delivered,
        5,
        "DELIVERED_TO_HANDSET",
        [
            "on the handset",
            "The phone or the app confirmed that it has the message.",
            "Nothing to do. If the recipient sees nothing, look on the phone: blocked senders, full or filtered inbox.",
        ],
    ),
    end(
        Expired,
        15,
        "EXPIRED_EXPIRED",
        [
            "validity period ran out",
            "The message could not be delivered before its validity period ended (48 h unless set).",
            "The phone was out of reach all that time; send again, or over another channel, when it matters still.",
        ],
    ),
    end(
        Expired,
        29,
        "EXPIRED_DLR_UNKNOWN",
        [
            "no delivery report came",
            "The validity period ended without a delivery report; the message may have arrived all the same.",
            "Ask the recipient before sending twice; if one operator does this often, ask support for another route.",
        ],
    ),
    end(
        Rejected,
        6,
        "REJECTED_NETWORK",
        [
            "network unknown or not set up",
            "The number's network is unknown to the platform or not opened for this account.",
            "Check the country code of the number; if it is right, have the network opened for the account.",
        ],
    ),
    end(
        Rejected,
        8,
        "REJECTED_PREFIX_MISSING",
        [
            "number prefix not recognised",
            "The beginning of the number belongs to no known country or network.",
            "Send to the full international number: country code first, no leading zeros, no trunk prefix.",
        ],
    ),
    end(
        Rejected,
        10,
        "REJECTED_DND",
        [
            "on a do-not-disturb list",
            "The recipient has signed up for a do-not-disturb list that the operator or the country keeps.",
            "Respect it; messages that the law allows, such as one-time codes, need a route meant for them.",
        ],
    ),
    end(
        Rejected,
        11,
        "REJECTED_SOURCE",
        [
            "sender not allowed here",
            "The account may only use senders that were agreed on, and this is none of them.",
            "Use a sender that the account has, or have this one added to it.",
        ],
    ),
    listed_elsewhere(
        12,
        "REJECTED_NOT_ENOUGH_CREDITS",
        [
            "not enough credit",
            "The account's balance did not cover the price of the message.",
            "Top the account up, then send again; an alert on a low balance saves the next one.",
        ],
    ),
    listed_elsewhere(
        13,
        "REJECTED_SENDER",
        [
            "sender is blocked",
            "The sender stands on a block list of the account or the platform.",
            "Find out who blocked the sender and why; take it off the account's list, or send under another.",
        ],
    ),
    listed_elsewhere(
        14,
        "REJECTED_DESTINATION",
        [
            "destination is blocked",
            "The destination stands on a block list, by the recipient's wish, the operator's or the account's own.",
            "Check the account's block list; a number that opted out must opt in before it gets messages again.",
        ],
    ),
    listed_elsewhere(
        17,
        "REJECTED_PREPAID_PACKAGE_EXPIRED",
        [
            "prepaid package has run out",
            "The account's prepaid package is past its date, whatever credit was left on it.",
            "Renew or extend the package with the account manager, then send again.",
        ],
    ),
    listed_elsewhere(
        18,
        "REJECTED_DESTINATION_NOT_REGISTERED",
        [
            "not a registered test number",
            "The account is a trial one that may only write to registered numbers, and this is none.",
            "Register the number as a test number, or ask for the account to be opened fully.",
        ],
    ),
    listed_elsewhere(
        19,
        "REJECTED_ROUTE_NOT_AVAILABLE",
        [
            "account has no route there",
            "No route is set up on the account over which the message could go.",
            "Ask the account manager to set a route up for this country and kind of traffic.",
        ],
    ),
    listed_elsewhere(
        20,
        "REJECTED_FLOODING_FILTER",
        [
            "too many messages to one number",
            "The guard against floods stopped the message: the number has had too many in a short time.",
            "Look for a loop or a double send in your system; the guard lets the number through again later.",
        ],
    ),
    end(
        Rejected,
        21,
        "REJECTED_SYSTEM_ERROR",
        [
            "platform failed while taking it",
            "The platform met a fault of its own while it handled the message.",
            "Send once more in a few minutes; if it comes back, give support the message id and the time.",
        ],
    ),
    listed_elsewhere(
        23,
        "REJECTED_DUPLICATE_MESSAGE_ID",
        [
            "message id was used before",
            "A message with the same id was sent before, so this one was taken for a repetition.",
            "Look whether the first one arrived; if this is another message, give each its own id.",
        ],
    ),
    listed_elsewhere(
        24,
        "REJECTED_INVALID_UDH",
        [
            "broken user data header",
            "The binary header of the message (UDH) is malformed.",
            "Check the header's length byte and the parts of long messages, or let the platform split the text.",
        ],
    ),
    listed_elsewhere(
        25,
        "REJECTED_MESSAGE_TOO_LONG",
        [
            "text is too long",
            "The text is longer than the channel or the account takes in one message.",
            "Shorten the text; letters outside the basic alphabet cut what fits into a segment from 160 to 70.",
        ],
    ),
    listed_elsewhere(
        51,
        "MISSING_TO",
        [
            "no destination given",
            "The request to send named no destination for the message.",
            "Fill the `to` field; look for an empty number in the data that the message was made from.",
        ],
    ),
    end(
        Rejected,
        52,
        "REJECTED_DESTINATION",
        [
            "destination is not valid",
            "The destination is not one that the platform can send to, or it is blocked.",
            "Check the number's length and country code, then the account's block list.",
        ],
    ),
];
