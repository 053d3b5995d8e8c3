//! Elementary functions over an array.

use super::{Timing, best, copy_milliseconds, read, write};
use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use tangency_vmath::{LengthMismatch, Real, exp_into, ln_into, tanh_into};

pub(super) fn run(work: &str, folder: &Path) -> Result<Timing, Box<dyn Error>> {
    match work.split_once(' ') {
        Some((function, "f64")) => apply(function, folder, &read(folder, "x", f64::from_le_bytes)?),
        Some((function, "f32")) => apply(function, folder, &read(folder, "x", f32::from_le_bytes)?),
        _ => Err(format!("no work called {work}").into()),
    }
}

fn apply<T: Real>(function: &str, folder: &Path, x: &[T]) -> Result<Timing, Box<dyn Error>> {
    let apply: fn(&[T], &mut [T]) -> Result<(), LengthMismatch> = match function {
        "exp" => exp_into,
        "ln" => ln_into,
        "tanh" => tanh_into,
        _ => return Err(format!("no function called {function}").into()),
    };
    let mut out = vec![T::ZERO; x.len()];
    let mut result = Ok(());
    let milliseconds = best(|| result = result.and(apply(black_box(x), black_box(&mut out))));
    result?;
    write(folder, out.iter().map(|x| x.to_f64()))?;
    Ok(Timing {
        milliseconds,
        limit: Some((copy_milliseconds::<T>(x.len()), "reading and writing the array")),
        megabytes: None,
    })
}
