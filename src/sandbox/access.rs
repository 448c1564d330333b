//! Authorization: the sandbox's credentials and the four schemes that carry them. The values are
//! invented, fixed and public: they protect nothing and are valid nowhere else.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

pub(super) const USERNAME: &str = "sandbox";
pub(super) const PASSWORD: &str = "not-a-secret";
pub(super) const API_KEY: &str = "sandbox-api-key-not-a-secret";
pub(super) const TOKEN: &str = "sandbox-token-not-a-secret";
/// An API key that is known but lacks the scope for logs.
pub(super) const API_KEY_WITHOUT_SCOPE: &str = "sandbox-no-scope";

/// The result of checking credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Authorization {
    Granted,
    /// The credentials are valid but lack the scope.
    Forbidden,
    Unknown,
}

/// Checks the value of an `Authorization` header, if there is one.
pub(super) fn check(authorization: Option<&str>) -> Authorization {
    let Some((scheme, given)) = authorization.and_then(|value| value.split_once(' ')) else {
        return Authorization::Unknown;
    };
    let given = given.trim();
    let is_valid = match scheme.to_ascii_lowercase().as_str() {
        "basic" => STANDARD
            .decode(given)
            .is_ok_and(|pair| pair == format!("{USERNAME}:{PASSWORD}").into_bytes()),
        "app" if given == API_KEY_WITHOUT_SCOPE => return Authorization::Forbidden,
        "app" => given == API_KEY,
        "bearer" | "ibsso" => given == TOKEN,
        _ => false,
    };
    if is_valid { Authorization::Granted } else { Authorization::Unknown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scheme_accepts_its_own_credential_only() {
        let basic = STANDARD.encode(format!("{USERNAME}:{PASSWORD}"));
        for (value, access) in [
            (format!("Basic {basic}"), Authorization::Granted),
            (format!("App {API_KEY}"), Authorization::Granted),
            (format!("Bearer {TOKEN}"), Authorization::Granted),
            (format!("IBSSO {TOKEN}"), Authorization::Granted),
            (format!("app {API_KEY}"), Authorization::Granted),
            (format!("App {API_KEY_WITHOUT_SCOPE}"), Authorization::Forbidden),
            (format!("Bearer {API_KEY}"), Authorization::Unknown),
            (format!("App {TOKEN}"), Authorization::Unknown),
            (format!("Basic {USERNAME}:{PASSWORD}"), Authorization::Unknown),
            (API_KEY.to_owned(), Authorization::Unknown),
            ("Digest x".to_owned(), Authorization::Unknown),
        ] {
            assert_eq!(check(Some(&value)), access, "{value}");
        }
        assert_eq!(check(None), Authorization::Unknown);
    }
}
