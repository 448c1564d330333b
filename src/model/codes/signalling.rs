//! Errors of the signalling between networks. None is permanent; the platform counts them as
//! handset errors.

use super::ErrorGroup::Handset;
use super::{ErrorCode, Words, error};

/// A fault between networks.
const fn between(id: u32, name: &'static str, words: Words) -> ErrorCode {
    error(Handset, false, id, name, words)
}

pub(super) const ERRORS: [ErrorCode; 21] = [
    between(
        500,
        "EC_PROVIDER_GENERAL_ERROR",
        [
            "a carrier in between failed",
            "A carrier between the platform and the operator failed without saying how.",
            "Send again in a few minutes; report it with message ids if it stays for one country.",
        ],
    ),
    between(
        502,
        "EC_NO_RESPONSE",
        [
            "network did not answer",
            "The recipient's network did not answer the request to deliver.",
            "Send again later; silence from every number of a network means an outage there.",
        ],
    ),
    between(
        503,
        "EC_SERVICE_COMPLETION_FAILURE",
        [
            "delivery was begun, not completed",
            "The network began to deliver the message and could not complete it.",
            "Ask the recipient whether it came before sending again; it may have arrived unreported.",
        ],
    ),
    between(
        504,
        "EC_UNEXPECTED_RESPONSE_FROM_PEER",
        [
            "network gave an unexpected answer",
            "The other network answered with something that does not fit the request.",
            "Send again once; a repeated case needs support, with message ids and the network's code.",
        ],
    ),
    between(
        507,
        "EC_MISTYPED_PARAMETER",
        [
            "network disliked a parameter's form",
            "The other network found a parameter of the request in the wrong form.",
            "Send without options such as flash or a set validity, to find the one it stumbles over.",
        ],
    ),
    between(
        509,
        "EC_DUPLICATED_INVOKE_ID",
        [
            "network saw a request twice",
            "The other network took the request for one that it was already handling.",
            "Wait for the first one's report; then send again if none came.",
        ],
    ),
    between(
        1024,
        "EC_OR_APPCONTEXTNOTSUPPORTED",
        [
            "network speaks an older protocol",
            "The other network does not support the version of the protocol that it was asked in.",
            "Nothing on your side; if it persists for a network, support can set the version for the route.",
        ],
    ),
    between(
        1025,
        "EC_OR_INVALIDDESTINATIONREFERENCE",
        [
            "destination reference refused",
            "The other network refused the reference to where the message should go.",
            "Check whether the number was ported lately; a fresh number lookup shows its network.",
        ],
    ),
    between(
        1026,
        "EC_OR_INVALIDORIGINATINGREFERENCE",
        [
            "origin reference refused",
            "The other network refused the reference to where the message came from.",
            "Ask support whether the operator has opened its network for this route.",
        ],
    ),
    between(
        1027,
        "EC_OR_ENCAPSULATEDAC_NOTSUPPORTED",
        [
            "secured request not supported there",
            "The other network does not support the wrapped, secured form of the request.",
            "Only a change of route helps; give support the network code and two message ids.",
        ],
    ),
    between(
        1028,
        "EC_OR_TRANSPORTPROTECTIONNOTADEQUATE",
        [
            "network asks for a safer link",
            "The other network demands more protection of the link than the request had.",
            "Only the carriers can change that; ask support for a route that the network trusts.",
        ],
    ),
    between(
        1029,
        "EC_OR_NOREASONGIVEN",
        [
            "network refused without a reason",
            "The other network turned the request away and gave no reason.",
            "Send again after an hour; compare with another sender to see whether the sender is what it dislikes.",
        ],
    ),
    between(
        1030,
        "EC_OR_POTENTIALVERSIONINCOMPATIBILITY",
        [
            "protocol versions may not match",
            "The two networks seem to speak different versions of the protocol.",
            "Send again once, as networks fall back to the older version; then have support look at it.",
        ],
    ),
    between(
        1031,
        "EC_OR_REMOTENODENOTREACHABLE",
        [
            "exchange there not reachable",
            "The exchange that serves the phone could not be reached.",
            "Wait for the network to recover and send again; check the operator's news for an outage.",
        ],
    ),
    between(
        1152,
        "EC_NNR_NOTRANSLATIONFORANADDRESSOFSUCHNATURE",
        [
            "kind of number cannot be routed",
            "No rule says how to route a number of this kind, such as a short code or a national form.",
            "Send to the number in international form, country code first.",
        ],
    ),
    between(
        1153,
        "EC_NNR_NOTRANSLATIONFORTHISSPECIFICADDRESS",
        [
            "this number cannot be routed",
            "No rule says how to route this very number; its range may not be in use.",
            "Check the digits; if they are right, the range may be too new for the carriers.",
        ],
    ),
    between(
        1154,
        "EC_NNR_SUBSYSTEMCONGESTION",
        [
            "part of the network is overloaded",
            "The part of the network that should handle the message has too much to do.",
            "Slow down and spread the campaign; try the failed ones again in half an hour.",
        ],
    ),
    between(
        1155,
        "EC_NNR_SUBSYSTEMFAILURE",
        [
            "part of the network is down",
            "The part of the network that should handle the message is out of order.",
            "Hold back what is not urgent for that network until others get through.",
        ],
    ),
    between(
        1156,
        "EC_NNR_UNEQUIPPEDUSER",
        [
            "no SMS equipment at that address",
            "The station that was addressed has no equipment for this service.",
            "Make sure that it is a mobile number; the routing of its range may be wrong otherwise.",
        ],
    ),
    between(
        1157,
        "EC_NNR_MTPFAILURE",
        [
            "link between networks failed",
            "The transport link between two networks failed.",
            "It is repaired by the carriers, mostly within the hour; send again then.",
        ],
    ),
    between(
        1158,
        "EC_NNR_NETWORKCONGESTION",
        [
            "network is overloaded",
            "The network on the way carries more traffic than it can take.",
            "Try again off peak; for urgent messages use another channel meanwhile.",
        ],
    ),
];
