//! Id lists that are longer than one request takes.

use std::collections::HashSet;

use super::Query;

impl Query {
    /// Characters of one list of ids at most, its commas included.
    pub const MAX_ID_CHARACTERS: usize = 2048;

    /// The query as one or more that each keep to [`Self::MAX_ID_CHARACTERS`]. Every row that fits
    /// the query fits exactly one of them. An id that is itself longer goes alone.
    #[must_use]
    pub fn split_ids(&self) -> Vec<Self> {
        let (bulks, messages) = (pieces(&self.bulk_ids), pieces(&self.message_ids));
        let mut parts = Vec::with_capacity(bulks.len() * messages.len());
        for bulk_ids in &bulks {
            for message_ids in &messages {
                parts.push(Self {
                    bulk_ids: bulk_ids.clone(),
                    message_ids: message_ids.clone(),
                    ..self.clone()
                });
            }
        }
        parts
    }
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

    fn ids(prefix: &str, count: usize, length: usize) -> Vec<String> {
        (0..count).map(|n| format!("{prefix}{n:0>width$}", width = length - prefix.len())).collect()
    }

    #[test]
    fn a_list_that_fits_stays_one_query() {
        // 64 ids of 31 characters and 63 commas: 2047.
        let query = Query { message_ids: ids("m", 64, 31), ..Query::default() };
        assert_eq!(query.split_ids(), std::slice::from_ref(&query));
        assert_eq!(Query::default().split_ids(), [Query::default()]);
        let exact = Query { bulk_ids: vec!["x".repeat(2048)], ..Query::default() };
        assert_eq!(exact.split_ids().len(), 1);
    }

    #[test]
    fn a_longer_list_is_split_so_that_each_part_fits_and_each_id_is_in_one() {
        let all = ids("m", 1000, 31);
        let parts = Query { message_ids: all.clone(), ..Query::default() }.split_ids();
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
        let parts = Query { message_ids: doubled, ..Query::default() }.split_ids();
        assert_eq!(parts.iter().map(|part| part.message_ids.len()).sum::<usize>(), 100);
    }

    #[test]
    fn two_long_lists_are_sent_in_every_combination() {
        let query = Query {
            bulk_ids: ids("b", 100, 31),
            message_ids: ids("m", 100, 31),
            ..Query::default()
        };
        let parts = query.split_ids();
        assert_eq!(parts.len(), 4);
        let pairs: usize = parts.iter().map(|p| p.bulk_ids.len() * p.message_ids.len()).sum();
        assert_eq!(pairs, 100 * 100);
    }

    #[test]
    fn an_id_longer_than_a_list_may_be_goes_alone() {
        let query =
            Query { bulk_ids: vec!["a".into(), "x".repeat(3000), "b".into()], ..Query::default() };
        let sizes: Vec<_> = query.split_ids().iter().map(|part| part.bulk_ids.len()).collect();
        assert_eq!(sizes, [1, 1, 1]);
    }
}
