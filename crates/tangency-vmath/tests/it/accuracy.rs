//! The error in ulp at a million points and more per function, against references far more accurate than the results.

use crate::double_double::{covers, evaluate};
use crate::functions::{ALL, Function, PATHS, Path, same, ulp};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// Points per function and kind of point.
const COUNT: usize = 350_000;

/// Arguments of all sizes, around the interesting sizes, and evenly where the function changes.
fn arguments(function: Function, rng: &mut Pcg64) -> Vec<f64> {
    let mut x = Vec::with_capacity(3 * COUNT);
    for _ in 0..COUNT {
        // Any bit pattern: all exponents are equally likely.
        x.push(f64::from_bits(rng.random::<u64>()));
        x.push(rng.random_range(-3.0_f64..3.0).exp2() * if rng.random::<bool>() { 1.0 } else { -1.0 });
        x.push(match function {
            Function::Ln => rng.random_range(0.5..2.5),
            Function::Log1p => rng.random_range(-1.0..1.5),
            Function::Tanh => rng.random_range(-20.0..20.0),
            Function::Exp | Function::Expm1 => rng.random_range(-40.0..300.0),
            Function::Sigmoid | Function::Softplus => rng.random_range(-100.0..40.0),
        });
    }
    x
}

fn double_precision(function: Function) {
    let mut rng = Pcg64::seed_from_u64(function as u64);
    let x = arguments(function, &mut rng);
    let results = PATHS.map(|path| {
        let mut y = x.clone();
        path.apply(function, &mut y);
        y
    });
    let mut worst = [(0.0_f64, 0.0_f64); 3];
    let mut measured = 0;
    let mut standard = 0.0_f64;
    for (i, &x) in x.iter().enumerate() {
        if covers(function, x) {
            measured += 1;
            let exact = evaluate(function, x);
            let unit = ulp::<f64>(exact.0, (exact.1 < 0.0) == (exact.0 > 0.0));
            let error = |y: f64| (((y - exact.0) - exact.1) / unit).abs();
            standard = standard.max(error(function.standard(x)));
            for (worst, y) in worst.iter_mut().zip(&results) {
                if error(y[i]) > worst.0 {
                    *worst = (error(y[i]), x);
                }
            }
        } else {
            // Where the ruler does not reach: the answer of the standard library, to three units of its own.
            let want = function.standard(x);
            for y in &results {
                let near = (y[i] - want).abs() <= 3.0 * ulp::<f64>(want, false);
                assert!(near || same(y[i], want), "{function:?}({x:e}) = {:e}", y[i]);
            }
        }
    }
    for (path, (error, at)) in PATHS.into_iter().zip(worst) {
        println!(
            "{path:?} {function:?} f64: {measured} points, at most {error:.3} ulp at {at:e} (std {standard:.3})"
        );
        assert!(error <= function.bound(), "{path:?} {function:?}({at:e}) is {error} ulp off");
    }
    assert!(measured > 400_000);
}

/// Every `stride`-th of the 2^32 numbers, against the standard library in `f64`.
fn single_precision(function: Function, stride: usize, paths: &[Path]) {
    let mut worst = vec![(0.0_f64, 0.0_f32); paths.len()];
    let all: Vec<u32> = (0..=u32::MAX).step_by(stride << 12).collect();
    let mut x = Vec::new();
    for start in all {
        x.clear();
        x.extend((0..1_u64 << 12).map(|i| f32::from_bits((u64::from(start) + i * stride as u64) as u32)));
        let exact: Vec<f64> = x.iter().map(|&x| function.standard(f64::from(x))).collect();
        for (path, worst) in paths.iter().zip(&mut worst) {
            let mut y = x.clone();
            path.apply(function, &mut y);
            for ((&x, &y), &exact) in x.iter().zip(&y).zip(&exact) {
                let rounded = exact as f32;
                if rounded.is_finite() && exact != 0.0 {
                    let error = (f64::from(y) - exact).abs() / ulp::<f32>(exact, false);
                    if error > worst.0 || error.is_nan() {
                        *worst = (error, x);
                    }
                } else {
                    // An infinity may only be missed, or be too early, where the exact value is the largest number.
                    let same = y.to_bits() == rounded.to_bits() || (y.is_nan() && rounded.is_nan());
                    assert!(same, "{path:?} {function:?}({x:e}) = {y:e}, not {rounded:e}");
                }
            }
        }
    }
    for (path, &(error, at)) in paths.iter().zip(&worst) {
        println!("{path:?} {function:?} f32, every {stride}: at most {error:.3} ulp at {at:e}");
        assert!(error <= function.bound(), "{path:?} {function:?}({at:e}) is {error} ulp off");
    }
}

#[test]
fn a_million_doubles_are_within_the_bounds() {
    ALL.into_iter().for_each(double_precision);
}

#[test]
fn four_million_singles_are_within_the_bounds() {
    // An odd stride visits all patterns of the last bits.
    for function in ALL {
        single_precision(function, 1021, &PATHS);
    }
}

/// All of them, which takes long. `cargo test -p tangency-vmath --release -- --ignored --nocapture`
#[test]
#[ignore = "takes very long"]
fn all_singles_are_within_the_bounds() {
    for function in ALL {
        single_precision(function, 1, &[Path::Slice, Path::Fallback]);
    }
}
