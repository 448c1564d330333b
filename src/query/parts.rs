//! Queries that take more than one request for each page: several destinations, status groups or
//! channels, and id lists that are longer than one request takes.

use std::collections::HashSet;

use super::{FILTERS, Filter, Form, Query};

impl Query {
    /// Characters of one list of ids at most, its commas included.
    pub const MAX_ID_CHARACTERS: usize = 2048;

    /// The query as one or more that a source takes as they are: each has one destination, one status
    /// group and one channel at most, and keeps to [`Self::MAX_ID_CHARACTERS`]. Every row that fits
    /// the query fits exactly one of them, unless it names a value in two spellings. An id that is
    /// itself longer goes alone.
    ///
    /// The parts of one status group follow each other, in the order in which a message passes
    /// through the groups: one that moves on between two requests is met twice rather than missed.
    #[must_use]
    pub fn parts(&self) -> Vec<Self> {
        let mut query = self.clone();
        query.statuses.sort_unstable();
        query.statuses.dedup();
        let mut parts = vec![query.clone()];
        for form in [Form::StatusGroup, Form::Channel, Form::Party, Form::Ids] {
            for filter in FILTERS.iter().filter(|filter| filter.form == form) {
                let values = filter.values(&query);
                let lists = match form {
                    _ if values.is_empty() => continue,
                    Form::Ids => pieces(&values),
                    _ => values.chunks(1).map(<[String]>::to_vec).collect(),
                };
                parts = varied(&parts, filter, &lists);
            }
        }
        parts
    }

    /// How many requests each page of the query takes on account of its filters of which a request
    /// takes one value.
    #[must_use]
    pub fn requests_per_page(&self) -> usize {
        self.factors().into_iter().fold(1, |product, (_, values)| product.saturating_mul(values))
    }

    /// The filters with several values of which a request takes one, each with their number.
    #[must_use]
    pub fn factors(&self) -> Vec<(&'static Filter, usize)> {
        let one_per_request = FILTERS.iter().filter(|filter| filter.form != Form::Ids);
        let counted = one_per_request.map(|filter| (filter, filter.values(self).len()));
        counted.filter(|(_, values)| *values > 1).collect()
    }
}

/// Each part once for each list of values.
fn varied(parts: &[Query], filter: &Filter, lists: &[Vec<String>]) -> Vec<Query> {
    let mut varied = Vec::with_capacity(parts.len() * lists.len());
    for part in parts {
        for values in lists {
            let mut part = part.clone();
            filter.set(&mut part, values);
            varied.push(part);
        }
    }
    varied
}

/// The ids, in order, in lists that are short enough; a list that is short enough stays as it is.
fn pieces(ids: &[String]) -> Vec<Vec<String>> {
    let joined = |ids: &[String]| {
        ids.iter().map(|id| id.chars().count() + 1).sum::<usize>().saturating_sub(1)
    };
    if joined(ids) <= Query::MAX_ID_CHARACTERS {
        return vec![ids.to_vec()];
    }
    let mut pieces = Vec::new();
    let (mut piece, mut length) = (Vec::new(), 0);
    // An id named twice must not end up in two lists: its rows would come twice.
    let mut named = HashSet::new();
    for id in ids.iter().filter(|id| named.insert(id.as_str())) {
        let more = id.chars().count() + usize::from(!piece.is_empty());
        if !piece.is_empty() && length + more > Query::MAX_ID_CHARACTERS {
            pieces.push(std::mem::take(&mut piece));
            length = 0;
        }
        length += id.chars().count() + usize::from(!piece.is_empty());
        piece.push(id.clone());
    }
    pieces.push(piece);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::StatusGroup;

    fn ids(prefix: &str, count: usize, length: usize) -> Vec<String> {
        (0..count).map(|n| format!("{prefix}{n:0>width$}", width = length - prefix.len())).collect()
    }

    #[test]
    fn a_list_that_fits_stays_one_query() {
        // 64 ids of 31 characters and 63 commas: 2047.
        let query = Query { message_ids: ids("m", 64, 31), ..Query::default() };
        assert_eq!(query.parts(), std::slice::from_ref(&query));
        assert_eq!(Query::default().parts(), [Query::default()]);
        let exact = Query { bulk_ids: vec!["x".repeat(2048)], ..Query::default() };
        assert_eq!(exact.parts().len(), 1);
    }

    #[test]
    fn a_longer_list_is_split_so_that_each_part_fits_and_each_id_is_in_one() {
        let all = ids("m", 1000, 31);
        let parts = Query { message_ids: all.clone(), ..Query::default() }.parts();
        assert_eq!(parts.len(), 16);
        for part in &parts {
            assert!(part.message_ids.join(",").chars().count() <= Query::MAX_ID_CHARACTERS);
        }
        let ids: Vec<_> = parts.into_iter().flat_map(|part| part.message_ids).collect();
        assert_eq!(ids, all);
    }

    #[test]
    fn an_id_named_twice_is_sent_once() {
        let mut doubled = ids("m", 100, 31);
        doubled.extend(ids("m", 100, 31));
        let parts = Query { message_ids: doubled, ..Query::default() }.parts();
        assert_eq!(parts.iter().map(|part| part.message_ids.len()).sum::<usize>(), 100);
    }

    #[test]
    fn two_long_lists_are_sent_in_every_combination() {
        let query = Query {
            bulk_ids: ids("b", 100, 31),
            message_ids: ids("m", 100, 31),
            ..Query::default()
        };
        let parts = query.parts();
        assert_eq!(parts.len(), 4);
        let pairs: usize = parts.iter().map(|p| p.bulk_ids.len() * p.message_ids.len()).sum();
        assert_eq!(pairs, 100 * 100);
    }

    #[test]
    fn several_values_are_a_part_for_each_combination_those_of_early_status_groups_first() {
        let query = Query {
            to: vec!["1".into(), "2".into()],
            statuses: vec![StatusGroup::Rejected, StatusGroup::Pending, StatusGroup::Rejected],
            channels: vec!["SMS".into(), "PUSH".into()],
            ..Query::default()
        };
        let sent = |part: &Query| {
            part.parameters().into_iter().map(|p| p.value).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            query.parts().iter().map(sent).collect::<Vec<_>>(),
            [
                "1 PENDING SMS",
                "2 PENDING SMS",
                "1 PENDING PUSH",
                "2 PENDING PUSH",
                "1 REJECTED SMS",
                "2 REJECTED SMS",
                "1 REJECTED PUSH",
                "2 REJECTED PUSH",
            ]
        );
        assert_eq!(Query::default().requests_per_page(), 1);
    }

    #[test]
    fn one_value_of_each_filter_is_one_part_as_it_is() {
        let query = Query {
            to: vec!["1".into()],
            statuses: vec![StatusGroup::Rejected],
            channels: vec!["SMS".into()],
            ..Query::default()
        };
        assert_eq!(query.parts(), std::slice::from_ref(&query));
        assert_eq!(query.requests_per_page(), 1);
    }

    #[test]
    fn an_id_longer_than_a_list_may_be_goes_alone() {
        let query =
            Query { bulk_ids: vec!["a".into(), "x".repeat(3000), "b".into()], ..Query::default() };
        let sizes: Vec<_> = query.parts().iter().map(|part| part.bulk_ids.len()).collect();
        assert_eq!(sizes, [1, 1, 1]);
    }
}
