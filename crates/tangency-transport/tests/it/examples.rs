//! The examples, as snapshots.

use tangency_testing::NumericComparator;

#[path = "../../examples/color_or_digit_transport.rs"]
mod color_or_digit_transport;

#[test]
fn color_or_digit_transport_prints_its_table_and_pictures() {
    let out = color_or_digit_transport::run().unwrap();
    assert!(!out.contains("NaN") && !out.contains("false"), "{out}");
    let comparator = NumericComparator { relative: 1e-5, absolute: 1.01e-4 };
    comparator.bind(|| insta::assert_snapshot!(out));
}
