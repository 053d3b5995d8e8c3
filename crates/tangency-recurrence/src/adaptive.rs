//! Steps in time.

/// One step of an integrator: from `time` to `time + size`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeStep {
    /// The time at which the step begins.
    pub time: f64,
    /// How far it goes; negative to go backwards.
    pub size: f64,
}

impl TimeStep {
    /// `steps` equal steps from `start`, the $n$-th beginning at `start + n * size` (never at a running sum, which
    /// drifts).
    pub fn uniform(start: f64, size: f64, steps: usize) -> Vec<Self> {
        (0..steps).map(|n| Self { time: start + n as f64 * size, size }).collect()
    }
}
