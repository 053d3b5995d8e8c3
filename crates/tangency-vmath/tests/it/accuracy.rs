//! The error in ulp at a million points and more per function, against references far more accurate than the results.

use crate::double_double::{covers, evaluate};
use crate::functions::{ALL, Function, PATHS, same, ulp};
use crate::singles;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// Points per function and kind of point.
const COUNT: usize = 300_000;

/// Where the error is largest, by search: mostly where the result is just below a power of two, and a partial result
/// just above one, so that its unit is twice that of the result.
fn hardest(function: Function) -> (f64, f64) {
    match function {
        Function::Exp => (16.96, 17.0),
        Function::Expm1 => (0.3466, 0.35),
        Function::Ln => (1.4, 1.414),
        Function::Log1p => (0.3985, 0.4142),
        Function::Tanh => (0.96, 1.0),
        Function::Sigmoid => (-6.9314, -6.9306),
        Function::Softplus => (-1.31, -1.26),
    }
}

/// Arguments of all sizes, around the interesting sizes, and evenly where the function changes.
fn arguments(function: Function, rng: &mut Pcg64) -> Vec<f64> {
    let (low, high) = hardest(function);
    let mut x = Vec::with_capacity(4 * COUNT);
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
        x.push(rng.random_range(low..high));
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
                // A NaN stays, and fails below.
                if error(y[i]) > worst.0 || error(y[i]).is_nan() {
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
    assert!(measured > 700_000);
}

#[test]
fn a_million_doubles_are_within_the_bounds() {
    ALL.into_iter().for_each(double_precision);
}

#[test]
fn four_million_singles_are_within_the_bounds() {
    for function in ALL {
        // An odd stride visits all patterns of the last bits. All numbers are the matter of `examples/exhaustive_f32.rs`.
        let all = (0..=u32::MAX).step_by(1021);
        let (low, high) = hardest(function);
        let ends = [(low as f32).to_bits(), (high as f32).to_bits()];
        let hard = (ends[0].min(ends[1])..=ends[0].max(ends[1])).step_by(3);
        let worst = singles::worst(function, PATHS, all.chain(hard));
        for (path, (error, at)) in PATHS.into_iter().zip(worst) {
            println!("{path:?} {function:?} f32: at most {error:.3} ulp at {at:e}");
            assert!(error <= function.bound(), "{path:?} {function:?}({at:e}) is {error} ulp off");
        }
    }
}
