//! Recurrent cells in single precision.

use super::{Timing, best, product_rate, read, write};
use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use tangency::cells::{Gru, Lstm, Reset, Shape, batch_last};
use tangency::recurrence::{Backpropagation, Differentiable, Frames, Tape, scan};

pub(super) fn run(work: &str, folder: &Path) -> Result<Timing, Box<dyn Error>> {
    let sizes: Vec<usize> = read(folder, "sizes", f64::from_le_bytes)?.iter().map(|&x| x as usize).collect();
    let &[steps, batch, features, hidden] = &sizes[..] else {
        return Err("sizes has not four numbers".into());
    };
    let shape = Shape { features, hidden, batch };
    let backward = work.contains("gradient");
    let forward_operations =
        |gates: usize| 2.0 * (gates * hidden * (features + hidden) * batch * steps) as f64;
    let (milliseconds, operations) = match work.split(' ').next() {
        Some("LSTM") => (time(&mut Lstm::new(shape)?, shape, backward, folder)?, forward_operations(4)),
        Some("GRU") => {
            (time(&mut Gru::new(shape, Reset::After)?, shape, backward, folder)?, forward_operations(3))
        }
        _ => return Err(format!("no work called {work}").into()),
    };
    let passes = if backward { 3.0 } else { 1.0 };
    let limit = passes * operations / product_rate() * 1e3;
    Ok(Timing {
        milliseconds,
        limit: Some((limit, "operations at the rate of faer's product of 1024 x 1024 matrices, one thread")),
        megabytes: None,
    })
}

fn time<C: Differentiable<Element = f32, Input = [f32]>>(
    cell: &mut C,
    shape: Shape,
    backward: bool,
    folder: &Path,
) -> Result<f64, Box<dyn Error>> {
    let width = shape.features * shape.batch;
    let x = batch_last(&read(folder, "x", f32::from_le_bytes)?, shape.batch, shape.features)?;
    let steps = x.len() / width;
    cell.bind(&read(folder, "parameters", f32::from_le_bytes)?)?;
    let initial = vec![0.0_f32; cell.state_len()];
    let hidden = shape.hidden * shape.batch;
    let mut failed = Ok(());
    let milliseconds = if backward {
        let mut pass = Backpropagation::new(Tape::Stored);
        let mut dx = vec![0.0_f32; x.len()];
        let mut go = || {
            let loss = |_: usize, y: &[f32], adjoint: &mut [f32]| {
                for (a, y) in adjoint[..hidden].iter_mut().zip(y) {
                    *a += 2.0 * y;
                }
            };
            pass.run(cell, 0..steps, Frames::new(black_box(&x[..]), width), &initial, loss, |t, d| {
                dx[t * width..(t + 1) * width].copy_from_slice(d);
            })
        };
        let milliseconds = best(|| failed = failed.clone().and(go()));
        write(folder, pass.gradient().iter().map(|&g| f64::from(g)))?;
        milliseconds
    } else {
        let mut state = initial.clone();
        let milliseconds = best(|| {
            state.copy_from_slice(&initial);
            failed =
                failed.clone().and(scan(cell, 0..steps, Frames::new(black_box(&x[..]), width), &mut state));
        });
        write(folder, state[..hidden].iter().map(|&h| f64::from(h)))?;
        milliseconds
    };
    failed?;
    Ok(milliseconds)
}
