//! Bad input: one line on stderr, exit status 2, and nothing written.

use crate::program::Scratch;

/// Refused with exactly this line, and nothing is left in the directory but the file that was there.
fn refused(scratch: &Scratch, arguments: &[&str], line: &str) {
    let before = scratch.names();
    let outcome = scratch.run(arguments);
    assert_eq!(outcome.stderr, format!("tangency-gallery: {line}\n"), "{arguments:?}");
    assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(2), ""), "{arguments:?}");
    assert_eq!(scratch.names(), before, "{arguments:?}");
}

#[test]
fn a_table_that_cannot_be_fitted_is_refused_with_file_line_and_column() {
    for (content, line) in [
        ("", "a.csv:1: the file is empty; expected a header naming column t and two species"),
        (
            "day,hare,lynx\n0,30,4\n",
            "a.csv:1: column t (or time, or year) is missing; the header has [\"day\", \"hare\", \"lynx\"]",
        ),
        (
            "t,hare\n0,30\n",
            "a.csv:1: expected two columns of species beside column \"t\", got 1: [\"t\", \"hare\"]",
        ),
        ("t,hare,lynx\n0,30,4\n1,many,6\n", "a.csv:3: column \"hare\": expected a number, got \"many\""),
        ("t,hare,lynx\n0,30,4\n1,47\n", "a.csv:3: column 3: expected 3 fields in the row, got 2"),
        (
            "t,hare,lynx\n0,30,4\n2,47,6\n1,70,9\n",
            "a.csv:4: column \"t\": times must increase, got 1 after 2",
        ),
        (
            "t,hare,lynx\n0,30,4\n1,47,0\n",
            "a.csv:3: column \"lynx\": a population must be positive, because the fit is to its logarithm; got 0",
        ),
        (
            "t,hare,lynx\n0,30,4\n1,47,6\n2,70,9\n",
            "a.csv:4: the file ends after 3 rows of numbers; the fit needs at least 4",
        ),
    ] {
        let scratch = Scratch::new();
        scratch.file("a.csv", content.as_bytes());
        refused(&scratch, &["--fit", "a.csv"], line);
    }
}

#[test]
fn a_file_that_is_no_text_or_not_there_is_refused() {
    let scratch = Scratch::new();
    scratch.file("a.csv", b"t,a,b\n0,\xff,1\n");
    refused(&scratch, &["--fit", "a.csv"], "a.csv:2: byte 8 of the file is not UTF-8 text");
    let outcome = scratch.run(&["--fit", "b.csv"]);
    assert_eq!(outcome.status, Some(2));
    assert_eq!(outcome.stderr.lines().count(), 1);
    assert!(outcome.stderr.starts_with("tangency-gallery: b.csv: cannot be read: "), "{}", outcome.stderr);
    assert_eq!(scratch.names(), ["a.csv"]);
}

#[test]
fn data_beyond_any_fit_are_refused_and_not_half_written() {
    let scratch = Scratch::new();
    // Populations that change by hundreds of orders of magnitude.
    scratch.file("a.csv", b"t,a,b\n0,1,1e-300\n1,1e300,1\n2,1e-300,1e300\n3,1,1\n4,1e300,1e-300\n");
    let outcome = scratch.run(&["--fit", "a.csv", "--only", "fit", "--out", "page"]);
    let last = outcome.stderr.lines().last().unwrap_or_default();
    match outcome.status {
        // It may be fitted badly, and say so, or not at all.
        Some(1) => assert!(outcome.stdout.contains("FAIL"), "{outcome:?}"),
        Some(2) => {
            assert!(
                last.contains("a.csv: cannot be fitted: ") && scratch.names() == ["a.csv"],
                "{outcome:?}"
            );
        }
        _ => panic!("{outcome:?}"),
    }
}

#[test]
fn wrong_usage_is_refused() {
    let scratch = Scratch::new();
    for (arguments, line) in [
        (&["--onyl", "x"][..], "invalid option '--onyl'; --help lists the options"),
        (&["a.csv"], "unexpected argument \"a.csv\"; --help lists the options"),
        (&["--out"], "missing argument for option '--out'; --help lists the options"),
        (&["--only", "lynx"], "no piece of work is called \"lynx\"; --list lists their names"),
        // The fit is a piece of work only if there is something to fit.
        (&["--only", "fit"], "no piece of work is called \"fit\"; --list lists their names"),
    ] {
        refused(&scratch, arguments, line);
    }
    scratch.file("page", b"");
    refused(&scratch, &["--out", "page"], "page: is not a directory");
}
