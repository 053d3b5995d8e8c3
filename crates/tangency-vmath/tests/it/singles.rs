//! The error in single precision, against the standard library in double precision.

use crate::functions::{Function, Path, ulp};

/// The error in ulp; infinite where an infinity, a NaN or a zero is wrong.
fn error(y: f32, exact: f64) -> f64 {
    let rounded = exact as f32;
    if rounded.is_finite() && exact != 0.0 {
        let error = (f64::from(y) - exact).abs() / ulp::<f32>(exact, false);
        return if error.is_nan() { f64::INFINITY } else { error };
    }
    let same = y.to_bits() == rounded.to_bits() || (y.is_nan() && rounded.is_nan());
    if same { 0.0 } else { f64::INFINITY }
}

/// For each path, the largest error at the numbers of these bits, and where it is.
pub(crate) fn worst<const N: usize>(
    function: Function,
    paths: [Path; N],
    bits: impl Iterator<Item = u32>,
) -> [(f64, f32); N] {
    let mut bits = bits.peekable();
    let mut worst = [(0.0_f64, 0.0_f32); N];
    let (mut x, mut y) = (Vec::new(), Vec::new());
    while bits.peek().is_some() {
        x.clear();
        x.extend(bits.by_ref().take(4096).map(f32::from_bits));
        let exact: Vec<f64> = x.iter().map(|&x| function.standard(f64::from(x))).collect();
        for (path, worst) in paths.iter().zip(&mut worst) {
            y.clone_from(&x);
            path.apply(function, &mut y);
            for ((&x, &y), &exact) in x.iter().zip(&y).zip(&exact) {
                let error = error(y, exact);
                if error > worst.0 {
                    *worst = (error, x);
                }
            }
        }
    }
    worst
}
