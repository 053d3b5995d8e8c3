//! Timing.

use std::time::{Duration, Instant};

/// Seconds of the quickest of some runs, one at least, that take 25 ms together.
pub(super) fn quickest(mut work: impl FnMut()) -> f64 {
    let (start, mut best) = (Instant::now(), Duration::MAX);
    while best == Duration::MAX || start.elapsed() < Duration::from_millis(25) {
        let begin = Instant::now();
        work();
        best = best.min(begin.elapsed());
    }
    best.as_secs_f64()
}
