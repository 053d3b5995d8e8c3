//! The examples, as snapshots.

use tangency_testing::NumericComparator;

#[path = "../../examples/estimate_from_samples.rs"]
mod estimate_from_samples;
#[path = "../../examples/f_divergence_table.rs"]
mod f_divergence_table;

#[test]
fn f_divergence_table_prints_its_tables() {
    // The last printed digit may round.
    let comparator = NumericComparator { relative: 1e-9, absolute: 1.01e-4 };
    comparator.bind(|| insta::assert_snapshot!(f_divergence_table::run().unwrap()));
}

#[test]
fn estimate_from_samples_prints_its_tables() {
    let out = estimate_from_samples::run().unwrap();
    assert!(!out.contains("NaN"), "{out}");
    // Fused arithmetic moves the widths that are chosen, and with them the last digits.
    let comparator = NumericComparator { relative: 1e-6, absolute: 1.01e-6 };
    comparator.bind(|| insta::assert_snapshot!(out));
}
