//! The small-bulge multishift QR algorithm: chains of bulges, whose reflectors reach the far parts of the matrix as
//! products.
//!
//! # References
//!
//! K. Braman, R. Byers and R. Mathias, *The multishift QR algorithm, part I: maintaining well-focused shifts and level 3
//! performance*, SIAM J. Matrix Anal. Appl. 23 (2002). LAPACK, `dlaqr0`, for numbers of shifts and exceptional shifts.

use super::deflation::deflate;
use super::double_shift::{Target, first_column, iterate, shifts};
use super::reflect::{Reflector, size};
use super::window::{Accumulated, Window};
use crate::scalar::Scalar;
use std::ops::Range;
use tangency_vmath::Kernel;

/// Active blocks up to this order go to the unblocked iteration.
pub(super) const UNBLOCKED: usize = 75;
/// Share of the deflation window, in percent, that has to converge for the next window to come without a sweep.
const NIBBLE: usize = 14;
/// Windows without deflation after which a sweep uses exceptional shifts.
const EXCEPTIONAL: usize = 6;
/// Windows without deflation after which the unblocked iteration takes over.
const GIVE_UP: usize = 40;
/// Bulges in one chain.
const CHAIN: usize = 16;

/// Shifts of one sweep for an active block of this order, even.
fn shift_count(order: usize) -> usize {
    let count = match order {
        0..150 => 10,
        150..590 => (order as f64 / (order as f64).log2()) as usize,
        590..3000 => 64,
        _ => 128,
    };
    count & !1
}

/// Memory of the iteration.
#[derive(Debug, Clone)]
pub(super) struct Blocked<T> {
    window: Window<T>,
    accumulated: Accumulated<T>,
}

impl<T: Scalar> Default for Blocked<T> {
    fn default() -> Self {
        Self { window: Window::default(), accumulated: Accumulated::default() }
    }
}

/// Makes a Hessenberg matrix (quasi-)triangular. `Err` with the number of iterations.
pub(super) fn iterate_blocked<T: Scalar>(
    target: &mut Target<'_, T>,
    Blocked { window, accumulated }: &mut Blocked<T>,
) -> Result<(), usize> {
    let whole = 0..target.n;
    let mut end = target.n;
    let (mut fruitless, mut previous) = (0, end);
    while end > 0 {
        let mut start = end - 1;
        while start > 0 && !target.negligible(start, &whole) {
            start -= 1;
        }
        if start > 0 {
            target.set(start, start - 1, T::ZERO);
        }
        fruitless = if end == previous { fruitless + 1 } else { 0 };
        previous = end;
        let active = start..end;
        let order = active.len();
        if order <= UNBLOCKED {
            window.take(target, &active);
            window.triangularise()?;
            window.put(target, &active);
            end = start;
            continue;
        }
        if fruitless > GIVE_UP {
            tangency_vmath::dispatch(Finish { target, active })?;
            end = start;
            continue;
        }
        let count = shift_count(order);
        let width = if order <= 500 { count } else { count * 3 / 2 };
        // Another window where one gave nothing several times.
        let width = if fruitless < EXCEPTIONAL - 1 { width } else { (width + 2 * fruitless).min(order) };
        let found = deflate(target, &active, width, window)?;
        end -= found.deflated;
        let order = end - start;
        if 100 * found.deflated > NIBBLE * width || order <= UNBLOCKED {
            continue;
        }
        let active = start..end;
        let mut pairs = found.shifts;
        if fruitless % EXCEPTIONAL == EXCEPTIONAL - 1 {
            pairs = exceptional(target, &active, count / 2);
        }
        pairs.truncate(count / 2);
        for chain in pairs.chunks(CHAIN) {
            sweep(target, &active, chain, accumulated);
        }
    }
    Ok(())
}

/// The unblocked iteration on a block in its place.
struct Finish<'a, 'b, T> {
    target: &'a mut Target<'b, T>,
    active: Range<usize>,
}

impl<T: Scalar> Kernel for Finish<'_, '_, T> {
    type Output = Result<(), usize>;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Self::Output {
        iterate::<T, FMA>(self.target, self.active)
    }
}

/// Shifts that are no eigenvalues of anything near, against cycles.
fn exceptional<T: Scalar>(
    target: &Target<'_, T>,
    active: &Range<usize>,
    count: usize,
) -> Vec<[T::Complex; 2]> {
    (0..count)
        .map(|i| {
            let k = active.end - 1 - 2 * i;
            let s = size(target.at(k, k - 1)) + size(target.at(k - 1, k - 2));
            let diagonal = target.at(k, k) + T::from_real(s * T::RealPart::from_f64(0.75));
            shifts([diagonal, T::from_real(s * T::RealPart::from_f64(-0.4375)), T::from_real(s), diagonal])
        })
        .collect()
}

/// One chain of bulges through the active block.
///
/// At time `t` bulge `i` is at row `start + t − 3 i`. As long as the chain takes to move by its own length, the
/// reflectors are applied only to the window that it covers.
fn sweep<T: Scalar>(
    target: &mut Target<'_, T>,
    active: &Range<usize>,
    pairs: &[[T::Complex; 2]],
    accumulated: &mut Accumulated<T>,
) {
    let steps = active.len() - 1 + 3 * (pairs.len() - 1);
    let stretch = 3 * pairs.len();
    let mut time = 0;
    while time < steps {
        let until = (time + stretch).min(steps);
        // Rows that the reflectors of this stretch act on.
        let first = active.start + time.saturating_sub(3 * (pairs.len() - 1));
        let last = (active.start + until + 2).min(active.end);
        accumulated.reset(last - first);
        let window = Stretch {
            active: active.clone(),
            pairs,
            times: time..until,
            first,
            right: (last + 1).min(active.end),
            accumulated,
            target,
        };
        let right = window.right;
        tangency_vmath::dispatch(window);
        accumulated.spread(target, first, first, right);
        time = until;
    }
}

/// The reflectors of some steps of a chain, inside of their window.
struct Stretch<'a, 'b, T: Scalar> {
    target: &'a mut Target<'b, T>,
    active: Range<usize>,
    pairs: &'a [[T::Complex; 2]],
    times: Range<usize>,
    /// First row that a reflector acts on.
    first: usize,
    /// End of the window.
    right: usize,
    accumulated: &'a mut Accumulated<T>,
}

impl<T: Scalar> Kernel for Stretch<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { target, active, pairs, times, first, right, accumulated } = self;
        let (u, u_stride, order) = (&mut accumulated.entries, accumulated.stride, accumulated.order);
        let stride = target.stride;
        for time in times.clone() {
            for (i, &pair) in pairs.iter().enumerate() {
                let Some(k) = (active.start + time).checked_sub(3 * i) else { break };
                if k < active.start {
                    break;
                }
                if k + 2 > active.end {
                    continue;
                }
                let short = k + 2 == active.end;
                let column = if k == active.start {
                    first_column(
                        std::array::from_fn(|a| {
                            if short && a == 2 {
                                [T::ZERO; 2]
                            } else {
                                [target.at(k + a, k), target.at(k + a, k + 1)]
                            }
                        }),
                        pair,
                    )
                } else {
                    let below = if short { T::ZERO } else { target.at(k + 2, k - 1) };
                    [target.at(k, k - 1), target.at(k + 1, k - 1), below]
                };
                let (reflector, beta) = Reflector::new(column);
                if k > active.start {
                    target.set(k, k - 1, beta);
                    target.set(k + 1, k - 1, T::ZERO);
                    if !short {
                        target.set(k + 2, k - 1, T::ZERO);
                    }
                }
                // A bulge carries rows of the transformation down with it, and two rows up for those that follow.
                let lowest = (k + 3 + 2 * i - first).min(order);
                let highest = (k - first).saturating_sub(time - times.start);
                if short {
                    reflector.apply_left_pair(target.h, stride, k, k..right);
                    reflector.apply_right_pair(target.h, stride, k, first..active.end);
                    reflector.apply_right_pair(u, u_stride, k - first, highest..lowest);
                } else {
                    reflector.apply_left::<FMA>(target.h, stride, k, k..right);
                    reflector.apply_right::<FMA>(target.h, stride, k, first..(k + 4).min(active.end));
                    reflector.apply_right::<FMA>(u, u_stride, k - first, highest..lowest);
                }
            }
        }
    }
}
