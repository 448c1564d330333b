//! A request as plain data, without the secret.
//!
//! It is always a GET. Nothing here sends it. [`Request::masked`] is safe to show; the URL and the
//! curl command contain the values of the query.

use crate::query::Query;

use super::credentials::Scheme;
use super::endpoint::Endpoint;

/// The `User-Agent` of requests, unless the options set another.
pub const USER_AGENT: &str = concat!("omnilogs/", env!("CARGO_PKG_VERSION"));

/// Which response format is requested.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Accept {
    /// `application/json`.
    #[default]
    Json,
    /// `application/xml`.
    Xml,
}

impl Accept {
    /// The media type.
    #[must_use]
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Xml => "application/xml",
        }
    }
}

/// One request to the logs endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    url: String,
    masked_url: String,
    scheme: Scheme,
    headers: Vec<(&'static str, String)>,
    loopback: bool,
}

/// The shell variables that a curl command takes the secret from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretVariables<'a> {
    /// One that holds the key or token, without its prefix.
    Token(&'a str),
    /// Two, for Basic.
    Pair {
        /// The variable with the user name.
        username: &'a str,
        /// The variable with the password.
        password: &'a str,
    },
}

impl Request {
    /// The request for this query.
    #[must_use]
    pub fn new(
        endpoint: &Endpoint,
        scheme: Scheme,
        accept: Accept,
        user_agent: &str,
        query: &Query,
    ) -> Self {
        let mut headers =
            vec![("Accept", accept.media_type().to_owned()), ("User-Agent", user_agent.to_owned())];
        // Over loopback, compression costs more time than it saves.
        if !endpoint.is_loopback() {
            headers.push(("Accept-Encoding", "gzip".to_owned()));
        }
        Self {
            url: endpoint.url(query),
            masked_url: endpoint.masked_url(query),
            scheme,
            headers,
            loopback: endpoint.is_loopback(),
        }
    }

    /// The URL, with the values of the query.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The headers besides `Authorization`.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.headers.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// The request line and the headers; every value of the query and the secret are hidden.
    #[must_use]
    pub fn masked(&self) -> Vec<String> {
        let mut lines = vec![
            format!("GET {}", self.masked_url),
            format!("Authorization: {} ***", self.scheme.as_str()),
        ];
        lines.extend(self.headers().map(|(name, value)| format!("{name}: {value}")));
        lines
    }

    /// A command for a POSIX shell that sends this request. It takes the secret from variables.
    /// `cacert` is the file of the only authorities to trust. As here, the command follows no
    /// redirect, and uses the proxies of the environment except for loopback.
    #[must_use]
    pub fn curl(&self, secret: SecretVariables<'_>, cacert: Option<&str>) -> String {
        let mut words = vec!["curl".to_owned()];
        words.extend(match secret {
            SecretVariables::Token(variable) => {
                let scheme = self.scheme.as_str();
                ["-H".to_owned(), format!("\"Authorization: {scheme} ${variable}\"")]
            }
            SecretVariables::Pair { username, password } => {
                ["-u".to_owned(), format!("\"${username}:${password}\"")]
            }
        });
        for (name, value) in self.headers().filter(|(name, _)| *name == "Accept") {
            words.extend(["-H".to_owned(), shell_word(&format!("{name}: {value}"))]);
        }
        if let Some(file) = cacert {
            words.extend(["--cacert".to_owned(), shell_word(file)]);
        }
        if self.loopback {
            words.extend(["--noproxy".to_owned(), "'*'".to_owned()]);
        }
        words.push(shell_word(&self.url));
        words.join(" ")
    }
}

/// Quotes any text as one word of a POSIX shell.
#[must_use]
#[doc(hidden)]
pub fn shell_word(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(base_url: &str, scheme: Scheme) -> Request {
        let query = Query {
            to: vec!["41793026727".into()],
            from: Some("it's $HOME `id`".into()),
            limit: Some(20),
            ..Query::default()
        };
        let endpoint = Endpoint::parse(base_url).unwrap();
        Request::new(&endpoint, scheme, Accept::Json, "omnilogs/0.1.0", &query)
    }

    #[test]
    fn a_masked_request_shows_neither_values_nor_the_secret() {
        assert_eq!(
            request("api.infobip.com", Scheme::App).masked(),
            [
                "GET https://api.infobip.com/omni/1/logs?from=…&to=…&limit=…",
                "Authorization: App ***",
                "Accept: application/json",
                "User-Agent: omnilogs/0.1.0",
                "Accept-Encoding: gzip",
            ]
        );
    }

    #[test]
    fn gzip_is_not_requested_from_loopback() {
        let request = request("http://127.0.0.1:1", Scheme::App);
        assert!(request.headers().all(|(name, _)| name != "Accept-Encoding"));
    }

    #[test]
    fn the_curl_command_takes_the_secret_from_a_variable() {
        let url = "https://api.infobip.com/omni/1/logs?from=it%27s%20%24HOME%20%60id%60&to=41793026727&limit=20";
        assert_eq!(
            request("api.infobip.com", Scheme::Bearer)
                .curl(SecretVariables::Token("OMNILOGS_API_KEY"), None),
            format!(
                "curl -H \"Authorization: Bearer $OMNILOGS_API_KEY\" -H 'Accept: application/json' '{url}'"
            )
        );
        let pair =
            SecretVariables::Pair { username: "OMNILOGS_USERNAME", password: "OMNILOGS_PASSWORD" };
        assert_eq!(
            request("api.infobip.com", Scheme::Basic).curl(pair, Some("/etc/it's $x.pem")),
            format!(
                "curl -u \"$OMNILOGS_USERNAME:$OMNILOGS_PASSWORD\" -H 'Accept: application/json' \
                 --cacert '/etc/it'\\''s $x.pem' '{url}'"
            )
        );
    }

    #[test]
    fn plain_http_never_goes_through_a_proxy() {
        let command =
            request("http://127.0.0.1:1", Scheme::App).curl(SecretVariables::Token("K"), None);
        assert!(command.contains(" --noproxy '*' "));
    }
}
