//! Sets the account of a profile in the text of a file, and keeps everything else, comments too.

use std::path::Path;

use secrecy::ExposeSecret as _;
use secrecy::zeroize::Zeroizing;
use toml::Value;

use super::contents::{self, DEFAULT_PROFILE, Secrets};

/// The keys that say where a profile's requests go, and with which credentials.
const ACCOUNT: [&str; 7] =
    ["base_url", "username", "password", "api_key", "token", "ibsso_token", "credential_command"];

/// The text with this base URL and API key in a profile, in place of what it had. `None` when the
/// profile is written in a way that cannot be changed line by line.
pub(crate) fn with_api_key(
    text: &str,
    profile: &str,
    base_url: &str,
    api_key: &str,
) -> Option<Zeroizing<String>> {
    let lines: Vec<&str> = text.lines().collect();
    let section = section(&lines, profile);
    let mut edited = Zeroizing::new(String::with_capacity(text.len() + 256));
    let account = Zeroizing::new(format!(
        "base_url = {}\napi_key = {}\n",
        Value::String(base_url.to_owned()),
        *Zeroizing::new(Value::String(api_key.to_owned()).to_string()),
    ));
    let (start, end) = section.unwrap_or((lines.len(), lines.len()));
    for line in lines.get(..start)? {
        edited.extend([line, "\n"]);
    }
    if section.is_none() {
        edited.extend(["\n[profiles.", profile, "]\n"]);
    }
    // In the default profile, below the comments at the top of the file.
    let rest = lines.get(start..end)?;
    let comments = rest.iter().take_while(|line| is_comment(line)).count();
    let at_end = if profile == DEFAULT_PROFILE { place_in_example(rest) } else { None };
    let place = at_end.unwrap_or(if profile == DEFAULT_PROFILE { comments } else { 0 });
    for (at, line) in rest.iter().enumerate() {
        if at == place {
            edited.push_str(&account);
        }
        if !is_account(line) {
            edited.extend([line, "\n"]);
        }
    }
    if place >= rest.len() {
        edited.push_str(&account);
    }
    for line in lines.get(end..)? {
        edited.extend([line, "\n"]);
    }
    has_api_key(&edited, profile, base_url, api_key).then_some(edited)
}

/// The lines of a profile, without its heading.
fn section(lines: &[&str], profile: &str) -> Option<(usize, usize)> {
    let is_heading = |line: &&str| line.trim_start().starts_with('[');
    let start = if profile == DEFAULT_PROFILE {
        0
    } else {
        let heading = [format!("[profiles.{profile}]"), format!("[profiles.\"{profile}\"]")];
        1 + lines.iter().position(|line| {
            let code = line.split('#').next().unwrap_or_default();
            heading.iter().any(|heading| code.trim() == heading)
        })?
    };
    let length = lines.iter().skip(start).position(is_heading);
    Some((start, length.map_or(lines.len(), |length| start + length)))
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

/// The line after the commented base URL of the example file.
fn place_in_example(lines: &[&str]) -> Option<usize> {
    lines.iter().position(|line| line.starts_with("# base_url = ")).map(|at| at + 1)
}

fn is_account(line: &str) -> bool {
    let key = line.split_once('=').map(|(key, _)| key.trim());
    key.is_some_and(|key| ACCOUNT.contains(&key))
}

/// Whether a text says this, and nothing else about the account of the profile.
fn has_api_key(text: &str, profile: &str, base_url: &str, api_key: &str) -> bool {
    let Ok(mut config) = contents::parse(Path::new("config.toml"), text.as_bytes()) else {
        return false;
    };
    let found =
        if profile == DEFAULT_PROFILE { Some(config.top) } else { config.profiles.remove(profile) };
    found.is_some_and(|found| {
        let has_url = found.base_url.is_some_and(|url| url.value == base_url);
        let stored = found.stored.map(|stored| stored.secrets);
        has_url && matches!(stored, Some(Secrets::ApiKey(key)) if key.expose_secret() == api_key)
    })
}

#[cfg(test)]
mod tests {
    use super::super::EXAMPLE;
    use super::*;

    const URL: &str = "https://xxxxx.api.infobip.com";

    fn edited(text: &str, profile: &str) -> String {
        with_api_key(text, profile, URL, "new-key").unwrap().to_string()
    }

    #[test]
    fn the_account_is_set_in_the_example_file_and_every_comment_stays() {
        let text = edited(EXAMPLE, DEFAULT_PROFILE);
        let own = format!("base_url = \"{URL}\"\napi_key = \"new-key\"\n");
        assert_eq!(text.replace(&own, ""), EXAMPLE);
        assert!(text.find(&own) < text.find("[defaults]"), "{text}");
        let text = edited(EXAMPLE, "staging");
        assert!(text.starts_with(EXAMPLE), "{text}");
        assert!(text.ends_with(&format!("\n[profiles.staging]\n{own}")), "{text}");
    }

    #[test]
    fn other_credentials_of_the_profile_are_replaced_and_other_profiles_stay() {
        let text = "# mine\nusername = 'u'\npassword = 'p'\nredact = true\n[profiles.a]\ntoken = 't'\n[profiles.b] # b\nbase_url = 'b.example'\napi_key = 'k'\n";
        let own = format!("base_url = \"{URL}\"\napi_key = \"new-key\"\n");
        assert_eq!(
            edited(text, DEFAULT_PROFILE),
            format!(
                "# mine\n{own}redact = true\n[profiles.a]\ntoken = 't'\n[profiles.b] # b\nbase_url = 'b.example'\napi_key = 'k'\n"
            )
        );
        assert_eq!(edited(text, "a"), text.replace("token = 't'\n", &own));
        assert_eq!(
            edited(text, "b"),
            text.replace("base_url = 'b.example'\napi_key = 'k'\n", &own)
        );
        assert_eq!(edited(&edited(text, "b"), "b"), edited(text, "b"));
        assert_eq!(edited("", DEFAULT_PROFILE), own);
    }

    #[test]
    fn what_cannot_be_changed_line_by_line_is_left_alone() {
        for text in
            ["profiles = { a = { token = 't' } }\n", "[profiles]\na.token = 't'\n", "x = 1\n"]
        {
            assert_eq!(with_api_key(text, "a", URL, "new-key"), None, "{text}");
        }
        let multiline = "token = \"\"\"\nabc\"\"\"\n";
        assert_eq!(with_api_key(multiline, DEFAULT_PROFILE, URL, "new-key"), None);
    }
}
