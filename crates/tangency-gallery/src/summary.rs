//! The table of results on the terminal.

use crate::row::Row;
use crate::work::Done;
use std::fmt::Write;

/// All rows of all works, aligned, with a last line that counts the checks.
pub(crate) fn table(works: &[Done]) -> String {
    let header = ["work", "quantity", "got", "expected", "check"].map(String::from);
    let mut lines = vec![header];
    for work in works {
        for row in &work.report.rows {
            let check = match row.passes() {
                None => "",
                Some(true) => "pass",
                Some(false) => "FAIL",
            };
            let name = work.name.to_string();
            lines.push([name, row.quantity.clone(), row.got(false), row.wanted(false), check.to_string()]);
        }
    }
    let widths: [usize; 5] =
        std::array::from_fn(|n| lines.iter().map(|line| line[n].chars().count()).max().unwrap_or(0));
    let mut text = String::new();
    for (n, line) in lines.iter().enumerate() {
        let cells: Vec<_> = line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        let _ = writeln!(text, "{}", cells.join("  ").trim_end());
        if n == 0 {
            let _ = writeln!(text, "{}", widths.map(|width| "-".repeat(width)).join("  "));
        }
    }
    let (passed, checked) = count(works.iter().flat_map(|work| &work.report.rows));
    let _ = writeln!(text, "\n{passed} of {checked} checks pass");
    text
}

/// How many checks pass, and how many there are.
pub(crate) fn count<'a>(rows: impl IntoIterator<Item = &'a Row>) -> (usize, usize) {
    rows.into_iter()
        .filter_map(Row::passes)
        .fold((0, 0), |(passed, all), pass| (passed + usize::from(pass), all + 1))
}
