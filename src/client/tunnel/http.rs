//! The method CONNECT, for an HTTP proxy (RFC 9110, section 9.3.6).

use reqwest::header::HeaderValue;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::client::attempt_error::{AttemptError, Target};
use crate::visible::{visible, without_addresses};

/// The longest head of a response that is read, in bytes.
const MAX_HEAD: usize = 64 << 10;
/// How many characters of a status line are shown.
const MAX_STATUS_LINE: usize = 80;

/// Requests a connection to the endpoint from the proxy. Returns the bytes after the head of the
/// response.
pub(super) async fn connect(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    target: &Target,
    user_agent: &str,
    authorization: Option<&HeaderValue>,
) -> Result<Vec<u8>, AttemptError> {
    let mut head = format!(
        "CONNECT {0} HTTP/1.1\r\nHost: {0}\r\nUser-Agent: {1}\r\n",
        target.address, user_agent
    )
    .into_bytes();
    if let Some(authorization) = authorization {
        head.extend([b"Proxy-Authorization: ", authorization.as_bytes(), b"\r\n"].concat());
    }
    head.extend(b"\r\n");
    let closed =
        || AttemptError::no_connection(Some(std::io::ErrorKind::UnexpectedEof), &target.peer());
    stream.write_all(&head).await.map_err(|_| closed())?;
    let mut response = Vec::new();
    loop {
        if let Some(end) = response.windows(4).position(|four| four == b"\r\n\r\n") {
            let early = response.split_off(end + 4);
            let is_known = authorization.is_some();
            return read_response(&String::from_utf8_lossy(&response), target, is_known)
                .map(|()| early);
        }
        if response.len() > MAX_HEAD || !begins_like_http(&response) {
            return Err(not_http(target));
        }
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) if response.is_empty() => return Err(closed()),
            Ok(0) | Err(_) => return Err(not_http(target)),
            Ok(read) => response.extend(chunk.get(..read).unwrap_or_default()),
        }
    }
}

/// Whether these bytes can begin a response. A server of another protocol may send a banner
/// and wait.
fn begins_like_http(response: &[u8]) -> bool {
    const START: &[u8] = b"HTTP/1.";
    response.iter().zip(START).all(|(byte, expected)| byte == expected)
}

fn not_http(target: &Target) -> AttemptError {
    AttemptError::permanent(format!("{} does not speak HTTP", target.peer()), None)
}

/// Reads the head of the response of a proxy. `has_password` says whether a password was sent.
fn read_response(head: &str, target: &Target, has_password: bool) -> Result<(), AttemptError> {
    let line = head.lines().next().unwrap_or_default();
    let (proxy, host) = (target.peer(), &target.host);
    let status =
        line.strip_prefix("HTTP/1.").and_then(|rest| rest.split(' ').nth(1)?.parse::<u16>().ok());
    let Some(status) = status else { return Err(not_http(target)) };
    if (200..300).contains(&status) {
        return Ok(());
    }
    if status == 407 {
        return Err(unauthorized(head, &proxy, has_password));
    }
    let reason = line.splitn(3, ' ').nth(2).unwrap_or_default().trim();
    let line: String = format!("HTTP {status} {reason}").chars().take(MAX_STATUS_LINE).collect();
    let reason = visible(&without_addresses(line.trim_end())).into_owned();
    let message = format!("{proxy} does not connect to {host}: {reason}");
    Err(match status {
        408 | 429 | 500..=599 => AttemptError::transient(message),
        _ => AttemptError::permanent(message, Some("the proxy decides which hosts it connects to")),
    })
}

fn unauthorized(head: &str, proxy: &str, has_password: bool) -> AttemptError {
    let mut schemes: Vec<&str> = Vec::new();
    for scheme in head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .filter(|(name, _)| name.eq_ignore_ascii_case("proxy-authenticate"))
        .flat_map(|(_, value)| list_elements(value))
        .filter_map(auth_scheme)
    {
        if !schemes.iter().any(|known| known.eq_ignore_ascii_case(scheme)) {
            schemes.push(scheme);
        }
    }
    let takes_basic = schemes.iter().any(|scheme| scheme.eq_ignore_ascii_case("basic"));
    if !schemes.is_empty() && !takes_basic {
        let schemes: String = schemes.join(", ").chars().take(MAX_STATUS_LINE).collect();
        return AttemptError::permanent(
            format!(
                "{proxy} requires a kind of login that is not supported (HTTP 407): {}",
                visible(&schemes)
            ),
            Some(
                "only a user name and a password (Basic) can be sent to a proxy; a local proxy such \
                 as cntlm or px can log in to this one",
            ),
        );
    }
    if has_password {
        return AttemptError::permanent(
            format!("{proxy} refuses the user name and the password in its URL (HTTP 407)"),
            Some("check them; characters such as @ and : are written as %40 and %3A there"),
        );
    }
    AttemptError::permanent(
        format!("{proxy} requires a user name and a password (HTTP 407)"),
        Some("put them into the proxy's URL: http://USER:PASSWORD@HOST:PORT"),
    )
}

/// The elements of a list in a header (RFC 9110, section 5.6.1); a comma in a quoted string separates
/// none.
fn list_elements(value: &str) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    value.split(move |character| {
        let escaped = std::mem::take(&mut is_escaped);
        match character {
            _ if escaped => {}
            '\\' => is_escaped = is_quoted,
            '"' => is_quoted = !is_quoted,
            ',' => return !is_quoted,
            _ => {}
        }
        false
    })
}

/// The scheme in an element of a list of challenges (RFC 9110, section 11.3); `None` for an element
/// that is a further parameter of the challenge before it: a name, `=` and a value.
fn auth_scheme(element: &str) -> Option<&str> {
    let element = element.trim();
    let end = element.find([' ', '\t', '=']).unwrap_or(element.len());
    let (scheme, rest) = element.split_at_checked(end)?;
    (!scheme.is_empty() && !rest.trim_start().starts_with('=')).then_some(scheme)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal_of(head: &str, has_password: bool) -> (String, bool) {
        let proxy = Some("http://p:3128".into());
        let target = Target { host: "h".into(), address: "h:443".into(), proxy };
        match read_response(head, &target, has_password) {
            Ok(()) => ("connected".into(), false),
            Err(failure) => {
                (failure.error.to_string(), failure.remedy != crate::client::retry::Remedy::None)
            }
        }
    }

    #[test]
    fn the_status_line_of_a_proxy_is_named_and_transient_errors_are_retried() {
        assert_eq!(refusal_of("HTTP/1.0 200 Connection established\r\n\r\n", false).0, "connected");
        let refused = "the proxy http://p:3128 does not connect to h: ";
        for (head, wanted, is_transient) in [
            ("HTTP/1.1 502 Bad Gateway\r\n\r\n", "HTTP 502 Bad Gateway", true),
            ("HTTP/1.1 403 Forbidden by policy\r\n\r\n", "HTTP 403 Forbidden by policy", false),
            ("HTTP/1.1 403\r\n\r\n", "HTTP 403", false),
            ("HTTP/1.1 403 \u{1b}[2J 447700900123\r\n\r\n", "HTTP 403 ^[[2J …", false),
        ] {
            assert_eq!(refusal_of(head, false), (format!("{refused}{wanted}"), is_transient));
        }
        assert!(refusal_of("SSH-2.0\r\n\r\n", false).0.ends_with("does not speak HTTP"));
    }

    #[test]
    fn an_unsupported_login_is_distinguished_from_a_missing_or_wrong_password() {
        let head = |schemes: &[&str]| {
            let lines: Vec<_> =
                schemes.iter().map(|scheme| format!("proxy-authenticate: {scheme}\r\n")).collect();
            format!("HTTP/1.1 407 Who are you\r\n{}\r\n", lines.join(""))
        };
        let (only_others, _) = refusal_of(&head(&["Negotiate", "NTLM realm=\"x\""]), true);
        assert!(
            only_others.ends_with("not supported (HTTP 407): Negotiate, NTLM"),
            "{only_others}"
        );
        for (challenges, named) in [
            (&["negotiate, ntlm"][..], "negotiate, ntlm"),
            (
                &["Negotiate", "NTLM, Digest realm=\"a, Basic b\", nonce=c,qop = d"],
                "Negotiate, NTLM, Digest",
            ),
            (&["Negotiate YII=, ,NTLM TlRM==,", "ntlm"], "Negotiate, NTLM"),
            (&["Digest realm=\"a \\\" , Basic\",  algorithm=MD5"], "Digest"),
            (&["Digest realm=\"not closed, Basic"], "Digest"),
        ] {
            let message = refusal_of(&head(challenges), false).0;
            assert!(message.ends_with(&format!("(HTTP 407): {named}")), "{message}");
        }
        for schemes in [
            &[][..],
            &[", "],
            &["NTLM", "Basic realm=\"x\""],
            &["Negotiate, basic"],
            &["Digest realm=\"a, b\", BASIC realm=\"c\""],
        ] {
            assert!(
                refusal_of(&head(schemes), false).0.contains("requires a user name and a password")
            );
            assert!(refusal_of(&head(schemes), true).0.contains("refuses the user name"));
        }
    }
}
