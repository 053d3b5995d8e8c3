//! Good input: the table, the page, and the exit status.

use crate::program::Scratch;
use std::fmt::Write;
use tangency_testing::NumericComparator;

const HARE_LYNX: &[u8] = include_bytes!("../../data/hare_lynx.csv");

#[test]
fn list_and_help_print_and_write_nothing() {
    let scratch = Scratch::new();
    let list = scratch.run(&["--list"]);
    assert_eq!((list.status, list.stderr.as_str()), (Some(0), ""));
    let names: Vec<_> = list.stdout.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(
        names,
        [
            "competition",
            "convergence",
            "hare-lynx",
            "orders",
            "escape",
            "determinant",
            "parallelogram",
            "accuracy",
            "envelope",
            "estimators",
            "linear-programme",
            "plan-between-clouds",
            "critic",
            "digit-barycentres",
            "transport-time"
        ]
    );
    let help = scratch.run(&["--help"]);
    assert_eq!((help.status, help.stderr.as_str()), (Some(0), ""));
    for option in ["--only NAME", "--fit FILE.csv", "--out DIR", "--list"] {
        assert!(help.stdout.contains(option), "{option}");
    }
    assert!(scratch.names().is_empty());
}

#[test]
fn the_table_of_results_is_what_it_was() {
    let scratch = Scratch::new();
    let only = ["--only", "competition", "--only", "hare-lynx", "--only", "orders", "--out", "page"];
    let outcome = scratch.run(&only);
    assert_eq!(outcome.status, Some(0), "{outcome:?}");
    // The errors of a step are mostly rounding, and a start between two basins may go either way: not the same everywhere.
    let varying = |line: &&str| {
        ["half the step", "constant of motion", "corners of a box"].iter().any(|words| line.contains(words))
    };
    let table = outcome.stdout.lines().filter(|line| !varying(line)).collect::<Vec<_>>().join("\n");
    NumericComparator { relative: 1e-4, absolute: 0.0 }.bind(|| insta::assert_snapshot!(table));
}

#[test]
fn everything_passes_and_the_page_shows_all_of_it() {
    let scratch = Scratch::new();
    let outcome = scratch.run(&[]);
    assert_eq!(outcome.status, Some(0), "{outcome:?}");
    assert!(
        !outcome.stdout.contains("FAIL") && outcome.stdout.ends_with("wrote target/gallery/index.html\n")
    );
    // Not a terminal: a plain line for each piece of work, and no bar.
    assert_eq!(outcome.stderr.lines().count(), 15);
    assert!(outcome.stderr.starts_with("[1/15] ") && !outcome.stderr.contains('\u{1b}'));

    let page = std::fs::read_to_string(scratch.path("target/gallery/index.html")).unwrap();
    assert_eq!(page.matches("<section ").count(), 15);
    assert_eq!(
        page.matches("<figure ").count(),
        page.matches("</svg></div>").count() + page.matches("</svg>\n</div>").count()
    );
    assert!(page.matches("<figure ").count() >= 40);
    assert!(!page.contains("NaN") && !page.contains("http"), "the page is whole and stands alone");
    let temporary: Vec<_> = std::fs::read_dir(scratch.path("target/gallery")).unwrap().collect();
    assert_eq!(temporary.len(), 1, "only the page is left");
}

#[test]
fn a_table_of_the_user_is_fitted_as_the_bundled_one() {
    let scratch = Scratch::new();
    scratch.file("my <own> data.csv", HARE_LYNX);
    let own = scratch.run(&["--fit", "my <own> data.csv", "--only", "fit", "--out", "page"]);
    assert_eq!(own.status, Some(0), "{own:?}");
    let bundled = scratch.run(&["--only", "hare-lynx", "--out", "page"]);
    let estimates = |text: &str| -> Vec<String> {
        let names = ["α,", "β,", "γ,", "δ,"];
        let lines = text.lines().filter(|line| names.iter().any(|name| line.contains(name)));
        // From the name of the quantity to two digits of its standard error.
        lines
            .filter_map(|line| Some(line.split_once(" +- ")?.0.split_whitespace().last()?[..7].to_string()))
            .collect()
    };
    assert_eq!(estimates(&own.stdout).len(), 4);
    assert_eq!(estimates(&own.stdout), estimates(&bundled.stdout));
}

#[test]
fn another_order_of_columns_and_another_unit_give_the_same_fit_in_that_unit() {
    let scratch = Scratch::new();
    let text = std::str::from_utf8(HARE_LYNX).unwrap();
    let mut own = String::from("hare,lynx,t\n");
    for line in text.lines().skip(1) {
        let fields: Vec<f64> = line.split(',').map(|field| field.parse().unwrap()).collect();
        let months = (fields[0] - 1900.0) * 12.0;
        writeln!(own, "{},{},{months}", fields[1] * 1000.0, fields[2] * 1000.0).unwrap();
    }
    scratch.file("months.csv", own.as_bytes());
    let outcome = scratch.run(&["--fit", "months.csv", "--only", "fit", "--out", "page"]);
    assert_eq!(outcome.status, Some(0), "{outcome:?}");
    let row = outcome.stdout.lines().find(|line| line.contains("  period ")).unwrap();
    let months: f64 = row.split_whitespace().nth(2).unwrap().parse().unwrap();
    assert!((months / 12.0 - 10.2870305).abs() < 1e-3, "{row}");
}
