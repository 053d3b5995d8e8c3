//! The examples, as snapshots.

use tangency_testing::NumericComparator;

#[path = "../../examples/log_determinant.rs"]
mod log_determinant;
#[path = "../../examples/matrix_identities.rs"]
mod matrix_identities;

#[test]
fn matrix_identities_prints_its_tables() {
    // The last printed digit may round.
    let comparator = NumericComparator { relative: 1e-9, absolute: 1.01e-6 };
    let out = matrix_identities::run().unwrap();
    assert!(!out.contains("FAILS"));
    comparator.bind(|| insta::assert_snapshot!(out));
}

#[test]
fn log_determinant_prints_its_tables() {
    let comparator = NumericComparator { relative: 1e-9, absolute: 1.01e-8 };
    let out = log_determinant::run().unwrap();
    comparator.bind(|| insta::assert_snapshot!(out));
}
