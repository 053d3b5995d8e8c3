//! The examples, as snapshots.

use tangency_testing::NumericComparator;

#[path = "../../examples/color_or_digit_transport.rs"]
mod color_or_digit_transport;
#[path = "../../examples/earth_mover.rs"]
mod earth_mover;
#[path = "../../examples/wasserstein_1d.rs"]
mod wasserstein_1d;

#[test]
fn color_or_digit_transport_prints_its_table_and_pictures() {
    let out = color_or_digit_transport::run().unwrap();
    assert!(!out.contains("NaN") && !out.contains("false"), "{out}");
    let comparator = NumericComparator { relative: 1e-5, absolute: 1.01e-4 };
    comparator.bind(|| insta::assert_snapshot!(out));
}

#[test]
fn earth_mover_prints_plan_prices_and_proof() {
    // The last printed digit may round.
    let comparator = NumericComparator { relative: 1e-9, absolute: 1.01e-6 };
    comparator.bind(|| insta::assert_snapshot!(earth_mover::run().unwrap()));
}

#[test]
fn wasserstein_1d_prints_its_tables() {
    let comparator = NumericComparator { relative: 1e-9, absolute: 1.01e-6 };
    comparator.bind(|| insta::assert_snapshot!(wasserstein_1d::run().unwrap()));
}
