//! The example, as a snapshot.

use tangency_testing::NumericComparator;

#[path = "../../examples/wasserstein_1d.rs"]
mod wasserstein_1d;

#[test]
fn wasserstein_1d_prints_its_tables() {
    // The last printed digit may round.
    let comparator = NumericComparator { relative: 1e-9, absolute: 1.01e-6 };
    comparator.bind(|| insta::assert_snapshot!(wasserstein_1d::run().unwrap()));
}
