//! The examples, as snapshots.

use tangency_testing::NumericComparator;

#[path = "../../examples/earth_mover.rs"]
mod earth_mover;

#[test]
fn earth_mover_prints_plan_prices_and_proof() {
    // The last printed digit may round.
    let comparator = NumericComparator { relative: 1e-9, absolute: 1.01e-6 };
    comparator.bind(|| insta::assert_snapshot!(earth_mover::run().unwrap()));
}
