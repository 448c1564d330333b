//! A sparkline: a chart of values on one line.

use super::ChartStyle;
use super::proportion::rounded;

const BLOCKS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
/// A darker character is a larger value.
const ASCII: [&str; 8] = [".", ":", "-", "=", "+", "*", "#", "@"];

/// A character for each value, repeated `width` times; blanks for a missing value.
pub(crate) fn sparkline(values: &[Option<u64>], width: usize, style: ChartStyle) -> String {
    let greatest = values.iter().flatten().copied().max().unwrap_or(0).max(1);
    let ramp = if style.ascii { ASCII } else { BLOCKS };
    let character = |value: &Option<u64>| match value {
        Some(value) => {
            // The lowest block is the line itself, which is drawn for 0 as well.
            let level = rounded(u128::from(*value), greatest, ramp.len()).max(1);
            ramp.get(level - 1).copied().unwrap_or(" ")
        }
        None => " ",
    };
    values.iter().map(|value| character(value).repeat(width)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_rises_with_the_values_and_is_broken_where_there_are_none() {
        let values = [Some(0), Some(50), None, Some(100)];
        let drawn = |ascii| sparkline(&values, 2, ChartStyle { colour: false, ascii });
        assert_eq!(drawn(false), "▁▁▄▄  ██");
        assert_eq!(drawn(true), "..==  @@");
        assert_eq!(sparkline(&[], 1, ChartStyle { colour: false, ascii: true }), "");
    }
}
