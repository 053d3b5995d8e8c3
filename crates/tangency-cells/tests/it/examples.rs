//! The examples, as snapshots.

use tangency_testing::NumericComparator;

#[path = "../../examples/echo_memory.rs"]
mod echo_memory;

#[test]
fn echo_memory_prints_its_losses() {
    // Training amplifies rounding: SPREAD.
    let comparator = NumericComparator { relative: 1e-3, absolute: 1.01e-6 };
    let out = echo_memory::run().unwrap();
    comparator.bind(|| insta::assert_snapshot!(out));
}
