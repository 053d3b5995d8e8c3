use proptest::prelude::*;
use tangency_recurrence::{NonFiniteGradient, clip_by_global_norm, clip_by_value};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn the_global_norm_is_met_and_the_direction_kept(
        a in prop::collection::vec(-1e3..1e3_f64, 1..20),
        b in prop::collection::vec(-1e3..1e3_f64, 0..20),
        limit in 1e-3..1e4_f64,
    ) {
        let (mut c, mut d) = (a.clone(), b.clone());
        let before = clip_by_global_norm(&mut [&mut c, &mut d], limit).unwrap();
        let exact = a.iter().chain(&b).map(|x| x * x).sum::<f64>().sqrt();
        prop_assert!((before - exact).abs() <= 1e-14 * exact);
        let after = c.iter().chain(&d).map(|x| x * x).sum::<f64>().sqrt();
        prop_assert!(after <= limit * (1.0 + 1e-14) || before <= limit);
        let factor = (limit / before).min(1.0);
        for (x, y) in a.iter().chain(&b).zip(c.iter().chain(&d)) {
            prop_assert!((x * factor - y).abs() <= 1e-14 * x.abs());
            if before <= limit { prop_assert_eq!(x, y); }
        }
    }
}

#[test]
fn extremes() {
    let mut zero = [0.0_f64; 3];
    assert_eq!(clip_by_global_norm(&mut [&mut zero], 1.0).unwrap(), 0.0);
    assert_eq!(zero, [0.0; 3]);
    // Squares overflow, the norm does not; squares underflow, the norm does not.
    let mut large = [3e200, 4e200];
    assert!((clip_by_global_norm(&mut [&mut large], 5.0).unwrap() / 5e200 - 1.0).abs() < 1e-15);
    assert!((large[0] - 3.0_f64).abs() < 1e-14);
    let mut small = [3e-200, 4e-200];
    assert!((clip_by_global_norm(&mut [&mut small], 1.0).unwrap() / 5e-200 - 1.0).abs() < 1e-14);
    let (mut first, mut second) = ([1.0_f32], [2.0, f32::INFINITY]);
    let error = clip_by_global_norm(&mut [&mut first, &mut second], 1.0).unwrap_err();
    assert_eq!(error, NonFiniteGradient { index: 2, value: f64::INFINITY });
    assert_eq!((first, second[0]), ([1.0], 2.0));
    assert!(clip_by_value(&mut [f64::NAN], 1.0).is_err());
    let mut both = [5.0, -0.5, -7.0];
    assert_eq!(clip_by_value(&mut both, 2.0).unwrap(), 2);
    assert_eq!(both, [2.0, -0.5, -2.0]);
    // The norm itself does not fit.
    let mut largest = [1.5e308, 1.5e308];
    assert_eq!(clip_by_global_norm(&mut [&mut largest], 1.0).unwrap(), f64::INFINITY);
    assert!(largest.iter().all(|g: &f64| (g - 0.5_f64.sqrt()).abs() < 1e-15));
    let mut single = [3e38_f32, 3e38];
    assert!(
        (clip_by_global_norm(&mut [&mut single], 1.0).unwrap() / 4.242640687119285e38 - 1.0).abs() < 1e-7
    );
    assert!((single[0] - 0.70710677).abs() < 1e-7);
    for limit in [-1.0, f64::NAN] {
        let mut g = [1.0, -2.0];
        clip_by_global_norm(&mut [&mut g], limit).unwrap();
        assert_eq!(g, [0.0, 0.0]);
        let mut g = [1.0, -2.0];
        assert_eq!(clip_by_value(&mut g, limit).unwrap(), 2);
        assert_eq!(g, [0.0, 0.0]);
    }
}
