//! What a query sends.

use std::borrow::Cow;

use super::Query;
use super::filters::FILTERS;

/// A query parameter as it goes onto the wire, not yet percent-encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The API's name.
    pub name: Cow<'static, str>,
    /// The value; it may be a phone number, so it is masked wherever others may read it.
    pub value: String,
}

impl Query {
    /// What is sent, in the order of the API's page: only what was given. Several values have commas
    /// between them; of a query that is one of the [parts](Self::parts), only ids have several.
    #[must_use]
    pub fn parameters(&self) -> Vec<Parameter> {
        let known = FILTERS.iter().filter_map(|filter| {
            Some(Parameter { name: Cow::Borrowed(filter.parameter), value: filter.value(self)? })
        });
        let extra = self.extra.iter().map(|(name, value)| Parameter {
            name: Cow::Owned(name.clone()),
            value: value.clone(),
        });
        known.chain(extra).collect()
    }
}
