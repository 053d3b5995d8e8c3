//! The examples, as snapshots.

use tangency_testing::NumericComparator;

#[path = "../../examples/escape_local_minimum.rs"]
mod escape_local_minimum;

#[path = "../../examples/infer_species.rs"]
mod infer_species;

#[test]
fn infer_species_prints_its_tables() {
    // The iteration contracts, so that a rounding stays one: six digits are far above it.
    let comparator = NumericComparator { relative: 1e-5, absolute: 0.0 };
    let out = infer_species::run().unwrap();
    comparator.bind(|| insta::assert_snapshot!(out));
}

#[test]
fn escape_local_minimum_prints_its_tables() {
    // Who has escaped depends on the last bits, and so on the machine. Shares of 1001 starts have a standard deviation of
    // 0.016 at most; this is four of the difference of two.
    let comparator = NumericComparator { relative: 0.0, absolute: 0.09 };
    let out = escape_local_minimum::run().unwrap();
    comparator.bind(|| insta::assert_snapshot!(out));
}
