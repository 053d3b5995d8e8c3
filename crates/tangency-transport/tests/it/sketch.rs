//! Mergeable summaries.

use proptest::prelude::*;
use tangency_transport::{Sketch, SketchGrid, TransportError, wasserstein_1d, wasserstein_sketches};

fn sketch(grid: SketchGrid, data: &[f64]) -> Sketch {
    let mut sketch = Sketch::new(grid).unwrap();
    sketch.extend(data).unwrap();
    sketch
}

fn grids() -> impl Strategy<Value = SketchGrid> {
    prop_oneof![
        (0_u32..=20).prop_map(|bits| SketchGrid::Relative { bits }),
        (1e-3_f64..10.0).prop_map(|width| SketchGrid::Fixed { width }),
    ]
}

/// Numbers of many sizes and both signs, with zeros.
fn data() -> impl Strategy<Value = Vec<f64>> {
    let number = prop_oneof![
        -100.0_f64..100.0,
        -1e-3_f64..1e-3,
        Just(0.0),
        Just(-0.0),
        (-8_i32..8).prop_map(|k| 2.0_f64.powi(k)),
        (-20_i32..20).prop_map(|k| f64::from(k) * 0.3)
    ];
    prop::collection::vec(number, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn bounds_hold(x in data(), y in data(), grid in grids(), p in prop::sample::select(vec![1.0, 2.0, 3.5, f64::INFINITY])) {
        let one = sketch(grid, &x);
        let summary = one.quantiles().unwrap();
        let itself = tangency_transport::QuantileFunction::new(&x).unwrap();
        let off = itself.distance(&summary, p).unwrap();
        let bound = one.error(p).unwrap();
        prop_assert!(off <= bound * (1.0 + 1e-12), "{} {}", off, bound);
        let found = wasserstein_sketches(&one, &sketch(grid, &y), p).unwrap();
        let exact = wasserstein_1d(&x, &y, p).unwrap();
        prop_assert!(found.lower <= exact && exact <= found.upper, "{:?} {}", found, exact);
        if let SketchGrid::Relative { bits } = grid {
            let norm = wasserstein_1d(&x, &[0.0], p).unwrap();
            prop_assert!(bound <= norm * 0.5_f64.powi(bits as i32 + 1) * (1.0 + 1e-12) + 1e-290, "{} {}", bound, norm);
        }
        if let SketchGrid::Fixed { width } = grid {
            prop_assert!(bound <= 0.5 * width * (1.0 + 1e-9), "{} {}", bound, width);
        }
    }

    #[test]
    fn merging_is_associative_commutative_and_the_same_as_one_pass(x in data(), y in data(), z in data(), grid in grids()) {
        let parts = [sketch(grid, &x), sketch(grid, &y), sketch(grid, &z)];
        let merged = |order: [usize; 3]| {
            let mut sum = parts[order[0]].clone();
            sum.merge(&parts[order[1]]).unwrap();
            sum.merge(&parts[order[2]]).unwrap();
            sum
        };
        let whole = sketch(grid, &[x.clone(), y.clone(), z.clone()].concat());
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]] {
            prop_assert_eq!(&merged(order), &whole);
        }
        let mut tail = parts[1].clone();
        tail.merge(&parts[2]).unwrap();
        let mut right = parts[0].clone();
        right.merge(&tail).unwrap();
        prop_assert_eq!(&right, &whole);
        prop_assert_eq!(whole.count(), (x.len() + y.len() + z.len()) as u64);
        let mut empty = Sketch::new(grid).unwrap();
        empty.merge(&whole).unwrap();
        prop_assert_eq!(&empty, &whole);
    }
}

#[test]
fn cells_are_where_they_should_be() {
    let grid = SketchGrid::Relative { bits: 1 };
    // [1, 1.5), [1.5, 2), and so on for every factor of two.
    let one = sketch(grid, &[1.0, 1.49, 1.5, 1.99, 2.0, -1.0, -1.49, 0.0, -0.0]);
    assert_eq!((one.cells(), one.count()), (5, 9));
    let points = one.quantiles().unwrap();
    assert_eq!((points.at(0.0), points.at(1.0)), (-1.25, 2.5));
    assert_eq!(one.error(f64::INFINITY).unwrap(), 0.5);
    let fixed = sketch(SketchGrid::Fixed { width: 0.5 }, &[0.0, 0.49, 0.5, -0.1]);
    assert_eq!((fixed.cells(), fixed.quantiles().unwrap().at(0.0)), (3, -0.25));
    // The largest and the smallest numbers there are.
    let ends = sketch(SketchGrid::Relative { bits: 6 }, &[f64::MAX, -f64::MAX, f64::MIN_POSITIVE, 5e-324]);
    assert!(ends.error(2.0).unwrap().is_finite() && ends.quantiles().unwrap().mean().is_finite());
}

#[test]
fn data_of_a_heavy_tail_are_compared_within_a_percent() {
    use rand::{RngExt, SeedableRng};
    let mut rng = rand_pcg::Pcg64::seed_from_u64(1);
    let draw = |scale: f64, rng: &mut rand_pcg::Pcg64| -> Vec<f64> {
        (0..100_000).map(|_| scale * (1.0 - rng.random::<f64>()).powf(-0.5)).collect()
    };
    let (x, y) = (draw(1.0, &mut rng), draw(2.0, &mut rng));
    let grid = SketchGrid::Relative { bits: 7 };
    let (one, other) = (sketch(grid, &x), sketch(grid, &y));
    assert!(one.cells() < 2500, "{}", one.cells());
    let exact = wasserstein_1d(&x, &y, 1.0).unwrap();
    let found = wasserstein_sketches(&one, &other, 1.0).unwrap();
    assert!(
        found.lower <= exact && exact <= found.upper && found.upper - found.lower < 0.05 * exact,
        "{found:?} {exact}"
    );
    assert!((found.value - exact).abs() < 1e-3 * exact);
}

#[test]
fn bad_input_is_refused() {
    assert!(Sketch::new(SketchGrid::Relative { bits: 31 }).is_err());
    for width in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(Sketch::new(SketchGrid::Fixed { width }).is_err());
    }
    let mut one = Sketch::new(SketchGrid::Fixed { width: 1.0 }).unwrap();
    for bad in [f64::NAN, f64::INFINITY, 1e300] {
        assert!(matches!(one.extend(&[1.0, bad]), Err(TransportError::Coordinate { row: 1, .. })));
    }
    assert_eq!(one.count(), 0);
    assert!(matches!(one.quantiles(), Err(TransportError::Empty { .. })));
    assert!(matches!(one.error(1.0), Err(TransportError::Empty { .. })));
    let other = Sketch::new(SketchGrid::Relative { bits: 3 }).unwrap();
    assert!(one.merge(&other).is_err());
}

#[cfg(feature = "serde")]
#[test]
fn summaries_are_saved_and_read_back() {
    for grid in [SketchGrid::Relative { bits: 5 }, SketchGrid::Fixed { width: 0.1 }] {
        let one = sketch(grid, &[1.0, -2.5, 1e10, 0.0]);
        let text = serde_json::to_string(&one).unwrap();
        assert_eq!(serde_json::from_str::<Sketch>(&text).unwrap(), one);
        // What was spoilt on the way is refused, and does not panic.
        for (good, bad) in [
            ("\"bits\":5", "\"bits\":77"),
            ("\"width\":0.1", "\"width\":-1.0"),
            (":1}}", ":1,\"9223372036854775807\":1}}"),
        ] {
            if text.contains(good) {
                assert!(serde_json::from_str::<Sketch>(&text.replace(good, bad)).is_err(), "{text}");
            }
        }
        assert!(text.contains(":1}}"), "{text}");
    }
}
