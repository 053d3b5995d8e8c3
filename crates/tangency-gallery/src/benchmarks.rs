//! The tables of `docs/benchmarks.md`.

/// The document as it was when the program was compiled.
const DOCUMENT: &str = include_str!("../../../docs/benchmarks.md");

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Comparison {
    /// The work, without the size at its end.
    pub work: String,
    /// The size: the first number of its column.
    pub size: f64,
    /// Our time, in milliseconds.
    pub ours: f64,
    /// The peer, without the number of its threads.
    pub peer: String,
    /// Its time, in milliseconds.
    pub theirs: f64,
}

/// The comparisons of an area. What is missing or cannot be read is left out.
pub(crate) fn comparisons(area: &str) -> Vec<Comparison> {
    parse(DOCUMENT, area)
}

fn parse(document: &str, area: &str) -> Vec<Comparison> {
    let section = || {
        let begun = document.split_once(&format!("<!-- {area}: begin -->"))?.1;
        Some(begun.split_once(&format!("<!-- {area}: end -->"))?.0)
    };
    let mut rows = section().unwrap_or_default().lines().filter_map(|line| {
        let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
        Some(inner.split('|').map(str::trim).collect::<Vec<_>>())
    });
    let header = rows.next().unwrap_or_default();
    let column = |name: &str| header.iter().position(|title| *title == name);
    let names = ["work", "size", "ours, ms", "peer", "peer, ms"];
    let [Some(work), Some(size), Some(ours), Some(peer), Some(theirs)] = names.map(column) else {
        return Vec::new();
    };
    rows.filter_map(|row| {
        let number = |k: usize| row.get(k)?.parse::<f64>().ok();
        Some(Comparison {
            work: family(row.get(work)?).to_string(),
            size: first_number(row.get(size)?)?,
            ours: number(ours)?,
            peer: row.get(peer)?.split(", ").next()?.to_string(),
            theirs: number(theirs)?,
        })
    })
    .collect()
}

/// A name without a number behind the last comma.
fn family(work: &str) -> &str {
    match work.rsplit_once(", ") {
        Some((name, size)) if first_number(size).is_some() => name,
        _ => work,
    }
}

/// `1000 x 1000`, `10 000 x 10 000`, `1e6 and 1e6`: 1000, 10 000, 10⁶.
fn first_number(text: &str) -> Option<f64> {
    let digits = text.split_whitespace().take_while(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    digits.collect::<String>().parse().ok()
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these results are exact")]
mod tests {
    use super::*;

    const TABLE: &str = "
<!-- other: begin -->
| work | size | ours, ms | peer | peer, ms |
|---|---|---:|---|---:|
| exact, 10 | 10 x 10 | 1 | A 1.0 f, 2 threads | 2 |
<!-- other: end -->
<!-- area: begin -->
words

| size | work | ours, ms | peer | peer, ms | limit, ms |
|---|---|---:|---|---:|---:|
| 10 000 x 10 000 | exact random costs, equal weights, 10000 | 12.5 | A 1.0 f, 2 threads | 80 | – |
| 1e6 and 1e6 | on the line | 3 | B g | 9 | 0.5 |
| 100 x 100 | broken | – | B g | 9 | 0.5 |
| short |

the best of them / ours: median 3
<!-- area: end -->
";

    #[test]
    fn rows_are_read_by_the_names_of_their_columns() {
        let found = parse(TABLE, "area");
        assert_eq!(found.len(), 2);
        let Comparison { work, size, ours, peer, theirs } = &found[0];
        assert_eq!((work.as_str(), peer.as_str()), ("exact random costs, equal weights", "A 1.0 f"));
        assert_eq!((*size, *ours, *theirs), (10_000.0, 12.5, 80.0));
        assert_eq!((found[1].work.as_str(), found[1].size), ("on the line", 1e6));
    }

    #[test]
    fn what_is_missing_is_left_out() {
        assert!(parse(TABLE, "nothing").is_empty());
        assert!(parse(&TABLE.replace("peer, ms", "theirs"), "area").is_empty());
        assert!(parse("<!-- area: begin -->\n<!-- area: end -->", "area").is_empty());
        assert!(!comparisons("transport").is_empty(), "the document has a table of transport");
    }
}
