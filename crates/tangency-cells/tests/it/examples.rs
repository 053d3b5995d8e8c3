//! The examples, as snapshots.

use tangency_testing::NumericComparator;

#[path = "../../examples/echo_memory.rs"]
mod echo_memory;

#[test]
fn echo_memory_prints_its_losses() {
    // Training amplifies rounding: losses with and without fused multiply-adds differ by up to 2e-11 of their size, and
    // by 3e-10 when the first parameters change by 1e-14. So only the last printed digit may round.
    let comparator = NumericComparator { relative: 1e-9, absolute: 1.01e-6 };
    let out = echo_memory::run().unwrap();
    comparator.bind(|| insta::assert_snapshot!(out));
}
