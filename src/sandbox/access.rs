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
pub(super) enum Access {
    Granted,
    /// The credentials are valid but lack the scope.
    Forbidden,
    Unknown,
}

/// Checks the value of an `Authorization` header, if there is one.
pub(super) fn check(authorization: Option<&str>) -> Access {
    let Some((scheme, given)) = authorization.and_then(|value| value.split_once(' ')) else {
        return Access::Unknown;
    };
    let given = given.trim();
    let is_valid = match scheme.to_ascii_lowercase().as_str() {
        "basic" => STANDARD
            .decode(given)
            .is_ok_and(|pair| pair == format!("{USERNAME}:{PASSWORD}").into_bytes()),
        "app" if given == API_KEY_WITHOUT_SCOPE => return Access::Forbidden,
        "app" => given == API_KEY,
        "bearer" | "ibsso" => given == TOKEN,
        _ => false,
    };
    if is_valid { Access::Granted } else { Access::Unknown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scheme_accepts_its_own_credential_only() {
        let basic = STANDARD.encode(format!("{USERNAME}:{PASSWORD}"));
        for (value, access) in [
            (format!("Basic {basic}"), Access::Granted),
            (format!("App {API_KEY}"), Access::Granted),
            (format!("Bearer {TOKEN}"), Access::Granted),
            (format!("IBSSO {TOKEN}"), Access::Granted),
            (format!("app {API_KEY}"), Access::Granted),
            (format!("App {API_KEY_WITHOUT_SCOPE}"), Access::Forbidden),
            (format!("Bearer {API_KEY}"), Access::Unknown),
            (format!("App {TOKEN}"), Access::Unknown),
            (format!("Basic {USERNAME}:{PASSWORD}"), Access::Unknown),
            (API_KEY.to_owned(), Access::Unknown),
            ("Digest x".to_owned(), Access::Unknown),
        ] {
            assert_eq!(check(Some(&value)), access, "{value}");
        }
        assert_eq!(check(None), Access::Unknown);
    }
}
