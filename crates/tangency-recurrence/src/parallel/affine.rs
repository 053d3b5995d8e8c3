//! Diagonal linear recurrences.

use crate::{LengthMismatch, Monoid, Quantity, StepError};

/// Affine maps of $d$ independent channels: $h \mapsto a h + b$ in each.
///
/// One after another they compose to
///
/// $$ (a_1, b_1) \cdot (a_2, b_2) = (a_2 a_1, a_2 b_1 + b_2), $$
///
/// so the diagonal linear recurrence $h_{t+1} = a_t h_t + b_t$ is a [`scan_parallel`](crate::scan_parallel) of its
/// steps. A frame is $a$ ($d$ numbers), then $b$ ($d$ numbers). After a forward scan frame $t$ maps the initial state to
/// $h_{t+1}$ ([`apply`](Self::apply)); its second half *is* $h_{t+1}$ if the initial state is 0. The adjoint recurrence
/// $\lambda_t = a_t \lambda_{t+1} + g_t$ composes the other way round: its frames, in reverse order of time, are scanned
/// forward.
///
/// The products of the $a_t$ are formed too: where they overflow, as in an unstable recurrence over many steps, the scan
/// reports the step. Cost of a composition: $3 d$ floating-point operations.
///
/// # Example: an exponential moving average of two channels
///
/// ```
/// use tangency_recurrence::{scan_parallel, Affine, ScanDirection};
///
/// let monoid = Affine::new(2);
/// let mut frames = vec![0.5, 0.75, 1.0, 10.0, 0.5, 0.75, 3.0, 20.0];
/// scan_parallel(&monoid, &mut frames, ScanDirection::Forward)?;
/// let mut state = [8.0, 16.0];
/// monoid.apply(&frames[4..], &mut state)?;
/// assert_eq!(state, [5.5, 36.5]);
/// # Ok::<(), tangency_recurrence::RunError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Affine {
    channels: usize,
}

impl Affine {
    /// Maps of this many channels.
    pub fn new(channels: usize) -> Self {
        Self { channels }
    }

    /// Replaces `state`, one number a channel, by $a h + b$.
    ///
    /// # Errors
    ///
    /// [`LengthMismatch`] unless `frame` has $2d$ numbers and `state` $d$.
    pub fn apply(&self, frame: &[f64], state: &mut [f64]) -> Result<(), LengthMismatch> {
        LengthMismatch::check(Quantity::Input, self.width(), frame.len())?;
        LengthMismatch::check(Quantity::State, self.channels, state.len())?;
        let (scales, shifts) = frame.split_at(self.channels);
        for ((h, a), b) in state.iter_mut().zip(scales).zip(shifts) {
            *h = a * *h + b;
        }
        Ok(())
    }
}

impl Monoid for Affine {
    type Element = f64;

    fn width(&self) -> usize {
        // Too many channels for a frame to exist must not wrap to a frame that does.
        self.channels.saturating_mul(2)
    }

    fn compose(&self, earlier: &[f64], later: &[f64], both: &mut [f64]) {
        let (a1, b1) = earlier.split_at(self.channels);
        let (a2, b2) = later.split_at(self.channels);
        let (a, b) = both.split_at_mut(self.channels);
        for i in 0..self.channels {
            a[i] = a2[i] * a1[i];
            b[i] = a2[i] * b1[i] + b2[i];
        }
    }

    fn check(&self, t: usize, frame: &[f64]) -> Result<(), StepError> {
        StepError::check_finite(t, Quantity::State, frame)
    }
}
