//! Aggressive early deflation: the eigenvalues of a window at the end of the active block that have converged, though
//! no subdiagonal entry shows it yet.
//!
//! # References
//!
//! K. Braman, R. Byers and R. Mathias, *The multishift QR algorithm, part II: aggressive early deflation*, SIAM J. Matrix
//! Anal. Appl. 23 (2002).

use super::double_shift::{Target, ulp};
use super::reflect::size;
use super::window::Window;
use crate::kernels::HessenbergMemory;
use crate::scalar::{RealScalar, Scalar};
use faer::MatMut;
use faer::prelude::ReborrowMut;
use std::ops::Range;

/// What a window gave.
pub(super) struct Found<C> {
    /// Eigenvalues that have converged; they stand at the end of the window.
    pub(super) deflated: usize,
    /// The others, as pairs of shifts for a sweep, the smaller ones first.
    pub(super) shifts: Vec<[C; 2]>,
}

/// Looks for converged eigenvalues in the last `width` rows of the active block.
pub(super) fn deflate<T: Scalar>(
    target: &mut Target<'_, T>,
    active: &Range<usize>,
    width: usize,
    window: &mut Window<T>,
) -> Result<Found<T::Complex>, usize> {
    let place = active.end - width..active.end;
    let spike = if place.start == active.start { T::ZERO } else { target.at(place.start, place.start - 1) };
    window.take(target, &place);
    window.triangularise()?;
    let kept = undeflated(&mut window.target(), spike);
    let shifts = pairs(&window.target(), kept);
    if kept == width && spike != T::ZERO {
        return Ok(Found { deflated: 0, shifts }); // nothing gained: the matrix stays as it is
    }
    if spike != T::ZERO {
        let entry = if kept == 0 {
            T::ZERO
        } else {
            hessenberg_again(window, kept);
            spike * window.u.entries[0].conj()
        };
        target.set(place.start, place.start - 1, entry);
    }
    window.put(target, &place);
    let deflated = if spike == T::ZERO { width } else { width - kept };
    Ok(Found { deflated, shifts })
}

/// Moves the eigenvalues whose spike entry is not negligible to the front; returns how many they are.
fn undeflated<T: Scalar>(window: &mut Target<'_, T>, spike: T) -> usize {
    if spike == T::ZERO {
        return 0;
    }
    let tiny = T::RealPart::MIN_POSITIVE * T::RealPart::from_f64(window.n as f64) / ulp::<T>();
    let (mut front, mut end) = (0, window.n);
    while front < end {
        let start = window.block_before(end);
        let (mut diagonal, mut entry) = (size(window.at(start, start)), T::RealPart::ZERO);
        for k in start..end {
            entry = RealScalar::max(entry, size(spike * window.q[k * window.q_stride]));
        }
        if start + 2 == end {
            let (b, c) = (size(window.at(start, start + 1)), size(window.at(start + 1, start)));
            diagonal += Scalar::sqrt(b) * Scalar::sqrt(c);
        }
        if diagonal == T::RealPart::ZERO {
            diagonal = size(spike);
        }
        if entry <= RealScalar::max(tiny, ulp::<T>() * diagonal) {
            end = start;
            continue;
        }
        // To the front; where the way is barred by a block too close to it, all that is left counts as not converged.
        let (mut k, mut order) = (start, end - start);
        while k > front {
            let before = window.block_before(k);
            if window.exchange(before, k - before, order).is_err() {
                return end;
            }
            k = before;
            order = window.block_at(k);
        }
        front += order;
    }
    end
}

/// The first `kept` eigenvalues as pairs of shifts, conjugate or both real for a real matrix.
fn pairs<T: Scalar>(window: &Target<'_, T>, kept: usize) -> Vec<[T::Complex; 2]> {
    let mut found = Vec::with_capacity(kept / 2 + 1);
    let mut single = Vec::with_capacity(kept);
    let mut k = 0;
    while k < kept {
        let value = window.at(k, k).to_complex();
        if window.block_at(k) == 2 {
            let (b, c) = (window.at(k, k + 1).modulus(), window.at(k + 1, k).modulus());
            let beta = T::RealPart::ZERO.complex(Scalar::sqrt(b) * Scalar::sqrt(c));
            found.push([value + beta, value - beta]);
            k += 2;
        } else {
            single.push(value);
            k += 1;
        }
    }
    let order = |x: T::Complex, y: T::Complex| size(x).to_f64().total_cmp(&size(y).to_f64());
    single.sort_by(|x, y| order(*x, *y));
    found.extend(single.chunks(2).map(|pair| [pair[0], pair[pair.len() - 1]]));
    found.sort_by(|x, y| order(x[1], y[1]));
    found
}

/// Folds the spike of the first `kept` rows into one entry and makes those rows a Hessenberg matrix again.
fn hessenberg_again<T: Scalar>(window: &mut Window<T>, kept: usize) {
    let (order, stride) = (window.u.order, window.u.stride);
    // A unitary matrix that maps the spike to a multiple of e₁, as part of a Hessenberg reduction: that of the matrix
    // bordered by the spike.
    let mut bordered = faer::Mat::<T>::zeros(kept + 1, kept + 1);
    for i in 0..kept {
        bordered[(i + 1, 0)] = window.u.entries[i * stride].conj();
        for j in 0..kept {
            bordered[(i + 1, j + 1)] = window.h[j * stride + i];
        }
    }
    let mut q = faer::Mat::<T>::identity(kept + 1, kept + 1);
    T::hessenberg_in_place(bordered.as_mut(), q.as_mut(), &mut HessenbergMemory::default());
    let q = q.as_ref().submatrix(1, 1, kept, kept);
    for j in 0..kept {
        for i in 0..kept {
            window.h[j * stride + i] = bordered[(i + 1, j + 1)];
        }
    }
    let h = MatMut::from_column_major_slice_with_stride_mut(&mut window.h, order, order, stride);
    let mut beside = h.submatrix_mut(0, kept, kept, order - kept);
    let product = crate::product::adjoint_multiply(q, beside.rb_mut().as_ref());
    beside.copy_from(&product);
    let mut columns = window.u.view_mut().subcols_mut(0, kept);
    let product = crate::product::multiply(columns.rb_mut().as_ref(), q);
    columns.copy_from(&product);
}
