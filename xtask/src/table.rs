//! Tables for the terminal.

/// Lays out rows, the first of which is the head: each column is as wide as its widest cell, and columns of numbers end at the same
/// place. Nothing follows the last cell of a line.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let cell = |row: &[String], column: usize| row.get(column).cloned().unwrap_or_default();
    let width = |column: usize| rows.iter().map(|row| cell(row, column).chars().count()).max().unwrap_or_default();
    let is_number = |column: usize| {
        let cells = rows.iter().skip(1).map(|row| cell(row, column));
        cells.into_iter().all(|cell| cell.is_empty() || cell.starts_with(|first: char| first.is_ascii_digit()))
    };
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for column in 0..columns {
            let (cell, width) = (cell(row, column), width(column));
            match is_number(column) {
                true => line.push_str(&format!("{cell:>width$}  ")),
                false => line.push_str(&format!("{cell:<width$}  ")),
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell_and_numbers_end_at_the_same_place() {
        let rows = [vec!["Run", "Time", "Result"], vec!["here-python", "9 s", "sent"], vec!["sdist", "281 s"]];
        let rows = rows.map(|row| row.into_iter().map(str::to_owned).collect::<Vec<_>>());
        let wanted = "\
Run           Time  Result
here-python    9 s  sent
sdist        281 s
";
        assert_eq!(table(&rows), wanted);
    }
}
