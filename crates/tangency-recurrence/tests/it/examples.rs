//! The examples, as snapshots.

use tangency_testing::NumericComparator;

#[path = "../../examples/five_semirings.rs"]
mod five_semirings;
#[path = "../../examples/memory_and_chaos.rs"]
mod memory_and_chaos;

#[test]
fn memory_and_chaos_prints_its_tables() {
    // Only sums and products of one map: every machine takes the same steps, and the last printed digit may round.
    let comparator = NumericComparator { relative: 1e-9, absolute: 1.01e-3 };
    let out = memory_and_chaos::run().unwrap();
    comparator.bind(|| insta::assert_snapshot!(out));
}

#[test]
fn five_semirings_prints_its_answers() {
    // The last printed digit of the sampled frequencies may round, or one of 20000 draws fall on the other side.
    let comparator = NumericComparator { relative: 1e-9, absolute: 1.01e-4 };
    let out = five_semirings::run().unwrap();
    comparator.bind(|| insta::assert_snapshot!(out));
}
