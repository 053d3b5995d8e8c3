//! The error of every function at every number of single precision, all four thousand million: this takes long.
//!
//! ```text
//! cargo run --release -p tangency-vmath --example exhaustive_f32 [function ...]
//! ```
//!
//! Prints the largest error of each function in ulp, with and without fused multiply-add; fails if one is above the
//! documented bound.

#[path = "../tests/it/functions.rs"]
#[allow(dead_code, reason = "the tests use all of it")]
mod functions;
#[path = "../tests/it/singles.rs"]
mod singles;

use functions::{ALL, Function, Path};
use std::process::ExitCode;
use std::thread;

const PATHS: [Path; 2] = [Path::Slice, Path::Fallback];

/// The largest errors over all numbers, the work shared out among the processors.
fn worst(function: Function) -> [(f64, f32); 2] {
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let part = (u32::MAX as usize / workers + 1) as u64;
    let mut worst = [(0.0, 0.0); 2];
    thread::scope(|scope| {
        let run = |worker: usize| {
            let start = worker as u64 * part;
            let bits = (start..(start + part).min(1 << 32)).map(|bits| bits as u32);
            scope.spawn(move || singles::worst(function, PATHS, bits))
        };
        let handles: Vec<_> = (0..workers).map(run).collect();
        for handle in handles {
            for (worst, mine) in worst.iter_mut().zip(handle.join().expect("a worker does not panic")) {
                if mine.0 > worst.0 {
                    *worst = mine;
                }
            }
        }
    });
    worst
}

fn main() -> ExitCode {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let name = |function: Function| format!("{function:?}").to_lowercase();
    if let Some(unknown) = names.iter().find(|&known| ALL.iter().all(|&f| name(f) != *known)) {
        eprintln!("no function {unknown}");
        return ExitCode::from(2);
    }
    let mut good = true;
    for function in ALL.into_iter().filter(|&f| names.is_empty() || names.contains(&name(f))) {
        for (path, (error, at)) in PATHS.iter().zip(worst(function)) {
            let verdict = if error <= function.bound() { "within" } else { "ABOVE" };
            good &= error <= function.bound();
            println!(
                "{:8} {path:?}: {error:.4} ulp at {at:e}, {verdict} the bound of {}",
                name(function),
                function.bound()
            );
        }
    }
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
