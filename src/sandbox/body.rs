//! Response bodies: rows and errors, in JSON as in current responses of the API and in XML as in its
//! documentation. Does not decide the HTTP status.

use quick_xml::escape::escape;
use serde::Serialize;

use super::traffic::{ApiRow, DeliveryError, DeliveryStatus};

/// The format of a response body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyFormat {
    Json,
    XmlDocument,
}

impl BodyFormat {
    /// The format that an `Accept` header requests: XML if it is preferred to JSON, otherwise JSON.
    pub(super) fn from_accept(accept: Option<&str>) -> Self {
        let (mut json, mut xml) = (None, None);
        for range in accept.unwrap_or_default().split(',') {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default().to_ascii_lowercase();
            let weight = parts.find_map(|part| part.strip_prefix("q="));
            let weight: f32 = weight.and_then(|weight| weight.parse().ok()).unwrap_or(1.0);
            match name.as_str() {
                "application/json" => json = Some(weight),
                "application/*" | "*/*" if json.is_none() => json = Some(weight),
                "application/xml" | "text/xml" => xml = Some(weight),
                _ => {}
            }
        }
        match xml {
            Some(xml) if xml > json.unwrap_or(0.0) => Self::XmlDocument,
            _ => Self::Json,
        }
    }

    /// The value of `Content-Type`.
    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::XmlDocument => "application/xml",
        }
    }
}

/// The JSON envelope of the rows.
#[derive(Serialize)]
struct Results<'a> {
    results: &'a [ApiRow],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorEnvelope<'a> {
    request_error: RequestError<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestError<'a> {
    service_exception: ServiceException<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ServiceException<'a> {
    message_id: &'a str,
    text: &'a str,
}

/// The body with these rows.
///
/// # Errors
/// When a price is not a number; every price of the sandbox is one.
pub(super) fn rows(format: BodyFormat, rows: &[ApiRow]) -> serde_json::Result<Vec<u8>> {
    match format {
        BodyFormat::Json => serde_json::to_vec(&Results { results: rows }),
        BodyFormat::XmlDocument => {
            let mut xml = XmlDocument::new();
            xml.group("omniLogsResponse", |xml| rows.iter().for_each(|row| xml.row(row)));
            Ok(xml.0.into_bytes())
        }
    }
}

/// The body of an error, in the older shape of the API, which this endpoint uses.
///
/// # Errors
/// Never in practice: two strings always serialize.
pub(super) fn error(
    format: BodyFormat,
    message_id: &str,
    text: &str,
) -> serde_json::Result<Vec<u8>> {
    match format {
        BodyFormat::Json => serde_json::to_vec(&ErrorEnvelope {
            request_error: RequestError {
                service_exception: ServiceException { message_id, text },
            },
        }),
        BodyFormat::XmlDocument => {
            let mut xml = XmlDocument::new();
            xml.group("ApiException", |xml| {
                xml.group("requestError", |xml| {
                    xml.group("serviceException", |xml| {
                        xml.leaf("messageId", message_id);
                        xml.leaf("text", text);
                    });
                });
            });
            Ok(xml.0.into_bytes())
        }
    }
}

/// Builds an XML document.
struct XmlDocument(String);

impl XmlDocument {
    fn new() -> Self {
        Self("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned())
    }

    fn group(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        self.0.extend(["<", name, ">"]);
        inside(self);
        self.0.extend(["</", name, ">"]);
    }

    fn leaf(&mut self, name: &str, text: &(impl ToString + ?Sized)) {
        self.group(name, |xml| xml.0.push_str(&escape(text.to_string())));
    }

    /// Writes one message, with its elements in the order of the documentation.
    fn row(&mut self, row: &ApiRow) {
        self.group("results", |xml| {
            if let Some(bulk_id) = &row.bulk_id {
                xml.leaf("bulkId", bulk_id);
            }
            xml.leaf("messageId", &row.message_id);
            xml.leaf("channel", row.channel);
            xml.leaf("to", &row.to);
            xml.leaf("from", row.from);
            xml.leaf("text", &row.text);
            xml.leaf("sentAt", &row.sent_at);
            if let Some(done_at) = &row.done_at {
                xml.leaf("doneAt", done_at);
            }
            xml.leaf("messageCount", &row.message_count);
            if let Some(mccmnc) = row.mccmnc {
                xml.leaf("mccmnc", mccmnc);
            }
            xml.group("price", |xml| {
                xml.leaf("pricePerMessage", row.price.price_per_message);
                xml.leaf("currency", row.price.currency);
            });
            xml.status(row.status);
            xml.error(row.error);
        });
    }

    fn status(&mut self, status: &DeliveryStatus) {
        self.group("status", |xml| {
            xml.leaf("groupId", &status.group_id);
            xml.leaf("groupName", status.group_name);
            xml.leaf("id", &status.id);
            xml.leaf("name", status.name);
            xml.leaf("description", status.description);
            if let Some(action) = status.action {
                xml.leaf("action", action);
            }
        });
    }

    fn error(&mut self, error: &DeliveryError) {
        self.group("error", |xml| {
            xml.leaf("groupId", &error.group_id);
            xml.leaf("groupName", error.group_name);
            xml.leaf("id", &error.id);
            xml.leaf("name", error.name);
            xml.leaf("description", error.description);
            xml.leaf("permanent", &error.permanent);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_is_sent_when_it_is_preferred() {
        for (accept, format) in [
            (None, BodyFormat::Json),
            (Some("*/*"), BodyFormat::Json),
            (Some("application/json"), BodyFormat::Json),
            (Some("application/xml"), BodyFormat::XmlDocument),
            (Some("Application/XML; q=0.9, application/json;q=0.5"), BodyFormat::XmlDocument),
            (Some("application/json, application/xml"), BodyFormat::Json),
            (Some("text/html,application/xml;q=0.9,*/*;q=0.8"), BodyFormat::XmlDocument),
            (Some("text/html"), BodyFormat::Json),
        ] {
            assert_eq!(BodyFormat::from_accept(accept), format, "{accept:?}");
        }
    }

    #[test]
    fn an_error_has_the_documented_shape_in_both_formats() {
        let body = |format| String::from_utf8(error(format, "A", "b < c & d").unwrap()).unwrap();
        assert_eq!(
            body(BodyFormat::Json),
            r#"{"requestError":{"serviceException":{"messageId":"A","text":"b < c & d"}}}"#
        );
        assert!(body(BodyFormat::XmlDocument).ends_with(
            "<ApiException><requestError><serviceException><messageId>A</messageId>\
             <text>b &lt; c &amp; d</text></serviceException></requestError></ApiException>"
        ));
    }
}
