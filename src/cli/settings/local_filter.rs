//! Filters that are applied locally, to the rows of a response.

use omnilogs::{Field, Finality, Log};
use regex::{Regex, RegexBuilder};

use crate::args::LocalFilterArgs;
use crate::failure::Failure;

/// Decides which rows are shown. It does not change which page is requested.
#[derive(Clone, Debug, Default)]
pub(crate) struct LocalFilter {
    grep: Option<Regex>,
    exclude: Option<Regex>,
    finality: Option<bool>,
}

impl LocalFilter {
    /// Compiles the expressions.
    pub(crate) fn new(args: &LocalFilterArgs) -> Result<Self, Failure> {
        let LocalFilterArgs { grep, exclude, ignore_case, only_final, pending } = args;
        let expression = |flag: &str, text: &Option<String>| match text {
            Some(text) => RegexBuilder::new(text)
                .case_insensitive(*ignore_case)
                .build()
                .map(Some)
                .map_err(|error| refused(flag, &error)),
            None => Ok(None),
        };
        let finality = match (only_final, pending) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        };
        Ok(Self {
            grep: expression("--grep", grep)?,
            exclude: expression("--exclude", exclude)?,
            finality,
        })
    }

    /// Whether the row is shown.
    pub(crate) fn keeps(&self, log: &Log) -> bool {
        if self.finality.is_some_and(|wanted| wanted != (log.finality() == Finality::Final)) {
            return false;
        }
        if self.grep.is_none() && self.exclude.is_none() {
            return true;
        }
        let text = log.cell(Field::Text).into_text();
        self.grep.as_ref().is_none_or(|wanted| wanted.is_match(&text))
            && !self.exclude.as_ref().is_some_and(|unwanted| unwanted.is_match(&text))
    }
}

/// The message of the crate quotes the expression, which can contain personal data; its last line
/// alone says what is wrong.
fn refused(flag: &str, error: &regex::Error) -> Failure {
    let message = error.to_string();
    let why = match error {
        regex::Error::Syntax(_) => {
            message.lines().last().unwrap_or_default().replace("error: ", "")
        }
        _ => "its compiled form is too large".to_owned(),
    };
    Failure::usage(format!("{flag} is not a regular expression"))
        .because(why)
        .hint("put \\ in front of a character that has a special meaning, as in \\( or \\[")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_expression_is_not_quoted() {
        let args = LocalFilterArgs { grep: Some("secret(".into()), ..LocalFilterArgs::default() };
        let failure = LocalFilter::new(&args).unwrap_err();
        assert!(!format!("{failure:?}").contains("secret"), "{failure:?}");
        assert_eq!(failure.causes, ["unclosed group"]);
    }

    #[test]
    fn pending_goes_by_the_status_table_and_not_by_the_group() {
        let args = LocalFilterArgs { pending: true, ..LocalFilterArgs::default() };
        let filter = LocalFilter::new(&args).unwrap();
        let row = |name: &str| {
            let json = format!(r#"{{"status":{{"groupName":"DELIVERED","name":"{name}"}}}}"#);
            Log::read(json, |_| ())
        };
        assert!(filter.keeps(&row("DELIVERED_TO_OPERATOR")));
        assert!(!filter.keeps(&row("DELIVERED_TO_HANDSET")));
    }
}
