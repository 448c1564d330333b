//! The statuses and errors of the traffic. Their ids, names, groups and permanence are as published by
//! the platform; their descriptions are not.

use serde::Serialize;

/// The status of a message.
#[derive(Debug, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(in crate::sandbox) struct DeliveryStatus {
    pub(in crate::sandbox) group_id: u32,
    pub(in crate::sandbox) group_name: &'static str,
    pub(in crate::sandbox) id: u32,
    pub(in crate::sandbox) name: &'static str,
    pub(in crate::sandbox) description: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::sandbox) action: Option<&'static str>,
}

/// The error of a message, which may be `NO_ERROR`.
#[derive(Debug, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(in crate::sandbox) struct DeliveryError {
    pub(in crate::sandbox) group_id: u32,
    pub(in crate::sandbox) group_name: &'static str,
    pub(in crate::sandbox) id: u32,
    pub(in crate::sandbox) name: &'static str,
    pub(in crate::sandbox) description: &'static str,
    pub(in crate::sandbox) permanent: bool,
}

/// The status groups, in the order of their ids.
pub(in crate::sandbox) const GROUPS: [&str; 6] =
    ["ACCEPTED", "PENDING", "UNDELIVERABLE", "DELIVERED", "EXPIRED", "REJECTED"];

const fn status(
    group: u32,
    id: u32,
    name: &'static str,
    description: &'static str,
) -> DeliveryStatus {
    let group_name = match group {
        1 => "PENDING",
        2 => "UNDELIVERABLE",
        3 => "DELIVERED",
        4 => "EXPIRED",
        _ => "REJECTED",
    };
    DeliveryStatus { group_id: group, group_name, id, name, description, action: None }
}

const fn rejected(
    id: u32,
    name: &'static str,
    description: &'static str,
    action: &'static str,
) -> DeliveryStatus {
    DeliveryStatus { action: Some(action), ..status(5, id, name, description) }
}

pub(super) const WAITING: DeliveryStatus =
    status(1, 3, "PENDING_WAITING_DELIVERY", "Message sent, waiting for delivery report");
pub(super) const ENROUTE: DeliveryStatus =
    status(1, 7, "PENDING_ENROUTE", "Message sent to next instance");
pub(super) const ACCEPTED: DeliveryStatus =
    status(1, 26, "PENDING_ACCEPTED", "Message accepted, waiting to be sent");
pub(super) const REFUSED_BY_OPERATOR: DeliveryStatus =
    status(2, 4, "UNDELIVERABLE_REJECTED_OPERATOR", "Message rejected by operator");
pub(super) const NOT_DELIVERED: DeliveryStatus =
    status(2, 9, "UNDELIVERABLE_NOT_DELIVERED", "Message sent not delivered");
pub(super) const TO_OPERATOR: DeliveryStatus =
    status(3, 2, "DELIVERED_TO_OPERATOR", "Message delivered to operator");
pub(super) const TO_HANDSET: DeliveryStatus =
    status(3, 5, "DELIVERED_TO_HANDSET", "Message delivered to handset");
pub(super) const EXPIRED: DeliveryStatus = status(4, 15, "EXPIRED_EXPIRED", "Message expired");
pub(super) const NO_REPORT: DeliveryStatus =
    status(4, 29, "EXPIRED_DLR_UNKNOWN", "No delivery report within the validity period");
pub(super) const NETWORK: DeliveryStatus = rejected(
    6,
    "REJECTED_NETWORK",
    "Network is not reachable from this account",
    "Ask to have the network added",
);
pub(super) const PREFIX_MISSING: DeliveryStatus = rejected(
    8,
    "REJECTED_PREFIX_MISSING",
    "Number prefix is not known",
    "Check the country code of the number",
);
pub(super) const DO_NOT_DISTURB: DeliveryStatus = rejected(
    10,
    "REJECTED_DND",
    "Destination is on a do-not-disturb list",
    "Send transactional messages only",
);
pub(super) const SENDER: DeliveryStatus = rejected(
    13,
    "REJECTED_SENDER",
    "Sender is not allowed",
    "Register the sender for this destination",
);
pub(super) const NOT_REGISTERED: DeliveryStatus = rejected(
    18,
    "REJECTED_DESTINATION_NOT_REGISTERED",
    "Destination is not registered",
    "Use another channel for this destination",
);
pub(super) const FLOODING: DeliveryStatus = rejected(
    20,
    "REJECTED_FLOODING_FILTER",
    "Too many messages to one destination",
    "Wait before sending to this destination again",
);
pub(super) const DESTINATION: DeliveryStatus = rejected(
    52,
    "REJECTED_DESTINATION",
    "Destination is not valid",
    "Correct the destination address",
);

const fn error(
    group: u32,
    id: u32,
    name: &'static str,
    description: &'static str,
    permanent: bool,
) -> DeliveryError {
    let group_name = match group {
        0 => "OK",
        1 => "HANDSET_ERRORS",
        2 => "USER_ERRORS",
        _ => "OPERATOR_ERRORS",
    };
    DeliveryError { group_id: group, group_name, id, name, description, permanent }
}

pub(super) const NONE: DeliveryError = error(0, 0, "NO_ERROR", "No Error", false);
pub(super) const UNKNOWN_SUBSCRIBER: DeliveryError =
    error(1, 1, "EC_UNKNOWN_SUBSCRIBER", "Unknown Subscriber", true);
pub(super) const UNIDENTIFIED_SUBSCRIBER: DeliveryError =
    error(1, 5, "EC_UNIDENTIFIED_SUBSCRIBER", "Unidentified Subscriber", false);
pub(super) const CALL_BARRED: DeliveryError = error(1, 13, "EC_CALL_BARRED", "Call Barred", false);
pub(super) const ABSENT_SUBSCRIBER: DeliveryError =
    error(1, 27, "EC_ABSENT_SUBSCRIBER", "Absent Subscriber", false);
pub(super) const DELIVERY_FAILURE: DeliveryError =
    error(1, 32, "EC_SM_DELIVERY_FAILURE", "Delivery Failure", false);
pub(super) const MEMORY_FULL: DeliveryError =
    error(1, 256, "EC_SM_DF_MEMORYCAPACITYEXCEEDED", "Memory Capacity Exceeded", false);
pub(super) const NO_TRANSLATION: DeliveryError = error(
    1,
    1153,
    "EC_NNR_NOTRANSLATIONFORTHISSPECIFICADDRESS",
    "No Translation for This Specific Address",
    false,
);
pub(super) const BLACKLISTED_DESTINATION: DeliveryError =
    error(2, 2052, "EC_BLACKLISTED_DESTINATIONADDRESS", "Blacklisted Destination Address", true);
pub(super) const BLACKLISTED_SENDER: DeliveryError =
    error(2, 2053, "EC_SOURCE_ADDRESS_BLACKLISTED", "Source Address Blacklisted", true);
pub(super) const VALIDITY_EXPIRED: DeliveryError =
    error(2, 4101, "EC_VALIDITYEXPIRED", "Validity Expired", true);
pub(super) const FLOODED: DeliveryError =
    error(2, 4103, "EC_DESTINATION_FLOODING", "Destination Flooding", true);
pub(super) const NO_ANSWER: DeliveryError = error(2, 5003, "EC_VOICE_NO_ANSWER", "No Answer", true);
pub(super) const TIME_OUT: DeliveryError = error(3, 2048, "EC_TIME_OUT", "Time Out", false);
pub(super) const OPERATOR_BLACKLIST: DeliveryError =
    error(3, 2050, "EC_DEST_ADDRESS_BLACKLISTED", "Destination Address Blacklisted", true);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_status_begins_with_its_group() {
        for status in [&WAITING, &NOT_DELIVERED, &TO_OPERATOR, &EXPIRED, &DESTINATION] {
            let index = usize::try_from(status.group_id).unwrap();
            assert_eq!(GROUPS[index], status.group_name);
            assert!(status.name.starts_with(status.group_name), "{}", status.name);
        }
    }
}
