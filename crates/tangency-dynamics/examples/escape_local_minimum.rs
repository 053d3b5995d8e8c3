//! A flow that leaves a local minimum for a lower one.
//!
//! The function x (x - 1)(x - 3)^2 + 1.62276 has a local minimum at 3 and its least value, 0, near 0.407. From 4, gradient
//! descent ends at 3. The truncated Polyak flow, along which the height would decay like exp(-t), cannot come to rest
//! at a height above 0: it swings about 3 for a while, and leaves. When is chaotic, so this example starts from 1001
//! points that differ in the last digits, and counts: about 74 in 100 are at the lower minimum after 2500 steps, 92 after
//! 4000, and all but one or two of the 1001 after 10 000.
//!
//!     cargo run --release -p tangency-dynamics --example escape_local_minimum

use std::error::Error;
use std::fmt::Write;
use tangency_dynamics::{ClosedLoop, GradientDescent, PolyakFlow, PolyakOptions};
use tangency_recurrence::{Autonomous, scan, scan_all};

const OPTIONS: PolyakOptions<f64> = PolyakOptions { step_size: 0.01, minimum: 0.0, truncation: 1000.0 };

/// The value, with the derivative written into `gradient`.
fn two_wells(x: &[f64], gradient: &mut [f64]) -> f64 {
    let x = x[0];
    let (a, b) = (x * (x - 1.0), (x - 3.0).powi(2));
    gradient[0] = (2.0 * x - 1.0) * b + 2.0 * a * (x - 3.0);
    a * b + 1.62276
}

/// The two tables, without a path: no digit of one survives another machine's rounding.
pub(crate) fn run() -> Result<String, Box<dyn Error>> {
    let mut out = String::new();
    let mut flow = PolyakFlow::new(1, OPTIONS, two_wells)?;
    let mut descent = ClosedLoop::new(GradientDescent::new(1, 0.01)?, two_wells);

    let mut states: Vec<f64> = (-500..=500).map(|k| 4.0 + 1e-15 * f64::from(k)).collect();
    let total = states.len() as f64;
    let share = |count: usize| count as f64 / total;
    writeln!(out, "the truncated flow, shares of {} starts within 5e-13 of 4:", states.len())?;
    writeln!(out, "{:>8} {:>14} {:>8} {:>10}", "steps", "global minimum", "about 3", "in flight")?;
    for steps in [0..1000, 1000..2500, 2500..4000, 4000..10_000] {
        for state in &mut states {
            scan(&mut flow, steps.clone(), Autonomous, std::slice::from_mut(state))?;
        }
        let count = |at: f64, within: f64| states.iter().filter(|&&x| (x - at).abs() < within).count();
        let (global, local) = (count(0.407, 0.1), count(3.0, 0.5));
        let rest = states.len() - global - local;
        let (global, local, rest) = (share(global), share(local), share(rest));
        writeln!(out, "{:>8} {global:>14.3} {local:>8.3} {rest:>10.3}", steps.end)?;
    }

    let mut state = [4.0];
    scan(&mut descent, 0..2500, Autonomous, &mut state)?;
    writeln!(out, "gradient descent from 4 ends at {:.6}", state[0])?;
    Ok(out)
}

#[allow(dead_code, reason = "the tests include this file for `run`")]
fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", run()?);
    println!("one path of the flow:");
    let path = scan_all(&mut PolyakFlow::new(1, OPTIONS, two_wells)?, 0..2500, Autonomous, &[4.0])?;
    for (t, x) in path.iter().enumerate().step_by(250) {
        println!("  time {:5.1}  x = {x:9.5}", t as f64 * 0.01);
    }
    Ok(())
}
