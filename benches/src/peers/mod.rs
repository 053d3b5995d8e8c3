//! Our side of `benches/peers/compare.py`: one module for each area.

mod cells;
mod divergence_core;
mod divergence_ratio;
mod divergence_samples;
mod divergence_tests;
mod dynamics;
mod matrix;
mod matrix_more;
mod transport;
mod vmath;

use std::error::Error;
use std::fmt;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

/// The outcome of a piece of work; displays as the JSON object that the comparison reads.
#[derive(Debug, Clone, PartialEq)]
pub struct Timing {
    /// Best time, in milliseconds.
    pub milliseconds: f64,
    /// The time that the unavoidable part of the work takes, in milliseconds, and what that part is.
    pub limit: Option<(f64, &'static str)>,
    /// The memory that the work needs at its most above its inputs, in megabytes, where that is asked.
    pub megabytes: Option<f64>,
}

impl fmt::Display for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{\"ms\": {:e}", self.milliseconds)?;
        if let Some((milliseconds, what)) = self.limit {
            write!(f, ", \"limit_ms\": {milliseconds:e}, \"limit\": \"{what}\"")?;
        }
        if let Some(megabytes) = self.megabytes {
            write!(f, ", \"mb\": {megabytes:e}")?;
        }
        f.write_str("}")
    }
}

/// Does one piece of work.
///
/// # Errors
///
/// If there is no such work, a file cannot be read or written, or the work fails.
pub fn run(area: &str, work: &str, folder: &Path) -> Result<Timing, Box<dyn Error>> {
    match area {
        "cells" => cells::run(work, folder),
        "divergence_core" => divergence_core::run(work, folder),
        "divergence_ratio" => divergence_ratio::run(work, folder),
        "divergence_samples" => divergence_samples::run(work, folder),
        "divergence_tests" => divergence_tests::run(work, folder),
        "dynamics" => dynamics::run(work, folder),
        "matrix" => matrix::run(work, folder),
        "matrix_expm" => matrix::run_expm(work, folder),
        "matrix_more" => matrix_more::run(work, folder),
        "transport" => transport::run(work, folder),
        "vmath" => vmath::run(work, folder),
        _ => Err(format!("no area called {area}").into()),
    }
}

/// Milliseconds of the best of at least five runs and about a second, after one warm-up run: as the Python side does.
fn best(mut work: impl FnMut()) -> f64 {
    work();
    let (start, mut best, mut runs) = (Instant::now(), Duration::MAX, 0);
    while runs < 5 || start.elapsed() < Duration::from_secs(1) {
        let begin = Instant::now();
        work();
        best = best.min(begin.elapsed());
        runs += 1;
    }
    1e3 * best.as_secs_f64()
}

/// Milliseconds of one run, megabytes that it needs at its most above what the process has before it, and its result.
fn once<R>(work: impl FnOnce() -> R) -> Result<(f64, f64, R), Box<dyn Error>> {
    let kilobytes = |key: &str| -> Result<f64, Box<dyn Error>> {
        let status = std::fs::read_to_string("/proc/self/status")?;
        let line = status.lines().find_map(|line| line.strip_prefix(key)).ok_or("no such status")?;
        Ok(line.trim_matches([':', ' ', '\t']).trim_end_matches(" kB").parse()?)
    };
    std::fs::write("/proc/self/clear_refs", "5")?; // the peak from here on
    let before = kilobytes("VmRSS")?;
    let begin = Instant::now();
    let result = work();
    let milliseconds = 1e3 * begin.elapsed().as_secs_f64();
    Ok((milliseconds, (kilobytes("VmHWM")? - before) / 1024.0, result))
}

/// The numbers in a raw little-endian file.
fn read<const N: usize, T>(
    folder: &Path,
    name: &str,
    from: impl Fn([u8; N]) -> T,
) -> Result<Vec<T>, Box<dyn Error>> {
    let bytes = std::fs::read(folder.join(name))?;
    let (numbers, rest) = bytes.as_chunks::<N>();
    if !rest.is_empty() {
        return Err(format!("{name} ends in the middle of a number").into());
    }
    Ok(numbers.iter().map(|&b| from(b)).collect())
}

/// Writes the result for the comparison of both sides.
fn write(folder: &Path, result: impl IntoIterator<Item = f64>) -> Result<(), Box<dyn Error>> {
    let bytes: Vec<u8> = result.into_iter().flat_map(f64::to_le_bytes).collect();
    Ok(std::fs::write(folder.join("ours"), bytes)?)
}

/// Milliseconds to read one array and write another of `len` elements each: the memory's part of any elementwise work.
fn copy_milliseconds<T: Clone + Default>(len: usize) -> f64 {
    let (from, mut to) = (vec![T::default(); len], vec![T::default(); len]);
    best(|| black_box(&mut to[..]).clone_from_slice(black_box(&from)))
}

/// Operations a second of faer's product of two 1024 x 1024 matrices in single precision, on one thread, in the storage
/// orders that suit it.
fn product_rate() -> f64 {
    use tangency::faer::linalg::matmul::matmul;
    use tangency::faer::{Accum, Mat, Par};
    const N: usize = 1024;
    let a = Mat::<f32>::from_fn(N, N, |i, j| ((3 * i + 5 * j) % 7) as f32 - 3.0);
    let mut product = Mat::<f32>::zeros(N, N);
    let milliseconds = best(|| {
        matmul(product.as_mut(), Accum::Replace, black_box(a.as_ref()), black_box(a.as_ref()), 1.0, Par::Seq);
    });
    2.0 * (N * N * N) as f64 / milliseconds * 1e3
}

/// Milliseconds to add to three arrays of `len` numbers in place and to read a fourth.
fn update_milliseconds(len: usize) -> f64 {
    let (mut a, mut b, mut c, d) =
        (vec![0.0_f32; len], vec![0.0_f32; len], vec![0.0_f32; len], vec![1.0_f32; len]);
    best(|| {
        for (((a, b), c), &d) in a.iter_mut().zip(&mut b).zip(&mut c).zip(black_box(&d)) {
            *a += d;
            *b += d;
            *c += d;
        }
    })
}
