//! Scans of associative operations, in chunks.

mod affine;
mod matrix;

pub use affine::Affine;
pub use matrix::SemiringMatrix;

use crate::{LengthMismatch, Quantity, RunError, StepError};
#[cfg(feature = "rayon")]
use rayon::prelude::*;

/// An associative way to put two steps after one another.
///
/// A recurrence whose steps compose, $f_2 \circ f_1$ being of the same kind as $f_1$ and $f_2$, need not be run step by
/// step: the compositions of any consecutive steps can be worked out apart and joined later, since
///
/// $$ (e_1 \cdot e_2) \cdot e_3 = e_1 \cdot (e_2 \cdot e_3), $$
///
/// with $e_1 \cdot e_2$ for "$e_1$, then $e_2$". The operation need not commute. An element is a frame of
/// [`width`](Self::width) numbers (or semiring elements), and many of them lie one after another in a flat array, as
/// states and inputs do elsewhere in this crate. No neutral element is needed.
///
/// Instances: [`Affine`] and [`SemiringMatrix`]. [`scan_parallel`] is the driver.
pub trait Monoid: Sync {
    /// What a frame is made of.
    type Element: Clone + Send + Sync;

    /// The number of elements in a frame, at least 1.
    fn width(&self) -> usize;

    /// Writes `earlier`, then `later`, as one frame into `both`.
    ///
    /// Nothing is allocated. `both` has any content on entry.
    fn compose(&self, earlier: &[Self::Element], later: &[Self::Element], both: &mut [Self::Element]);

    /// `Ok` if a frame, of step `t`, holds nothing that marks a failed computation.
    ///
    /// # Errors
    ///
    /// [`StepError::NonFinite`] with the first component that does.
    fn check(&self, t: usize, frame: &[Self::Element]) -> Result<(), StepError>;
}

/// Where a scan begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ScanDirection {
    /// At the first element: element $t$ becomes $e_0 \cdot e_1 \cdots e_t$. The default.
    #[default]
    Forward,
    /// At the last element: element $t$ becomes $e_t \cdot e_{t+1} \cdots e_{n-1}$.
    Backward,
}

/// A chunk holds about so many elements (128 KiB of `f64`: a share of a core's second-level cache)...
const CHUNK_ELEMENTS: usize = 1 << 14;
/// ...but at least so many frames, so that few frames are composed one after another between chunks.
const CHUNK_FRAMES: usize = 16;

/// Replaces every frame by the composition of all frames from the beginning of the scan to it.
///
/// $$ e_t \leftarrow e_0 \cdot e_1 \cdots e_t \quad \text{(forward)}, \qquad
///    e_t \leftarrow e_t \cdot e_{t+1} \cdots e_{n-1} \quad \text{(backward)} $$
///
/// Earlier frames always stand on the left of [`Monoid::compose`], in both directions.
///
/// The array is cut into chunks by size alone. First the total of every chunk is composed, then the totals are scanned
/// one after another, then every chunk is scanned from what comes before it. With the feature `rayon` the chunks of
/// the first and the third pass run on the threads of the current pool; the compositions and their order are the same
/// without it and for any number of threads, and so are the bits. Against composing in sequence the result differs by
/// rounding.
///
/// Cost: at most $2n$ compositions (the first chunk is scanned at once and the last needs no total), $n$ if there is
/// only one chunk. Two frames of scratch for each chunk. On a single thread, or if composing two frames costs much more
/// than a step (matrices), [`scan`](crate::scan) is faster.
///
/// # Errors
///
/// [`RunError::Length`] if `frames` is not a whole number of frames; [`RunError::Step`] if a frame fails
/// [`Monoid::check`] once composed, with the number of the first that does in the direction of the scan. `frames` is
/// then unspecified.
///
/// # Example: a linear recurrence
///
/// ```
/// use tangency_recurrence::{scan_parallel, Affine, ScanDirection};
///
/// // h -> 0.5 h + 1, three times: from h = 0 this reaches 1, 1.5, 1.75.
/// let mut maps = [0.5, 1.0, 0.5, 1.0, 0.5, 1.0];
/// scan_parallel(&Affine::new(1), &mut maps, ScanDirection::Forward)?;
/// assert_eq!(maps, [0.5, 1.0, 0.25, 1.5, 0.125, 1.75]);
/// # Ok::<(), tangency_recurrence::RunError>(())
/// ```
///
/// # References
///
/// - G. E. Blelloch, *Prefix sums and their applications*, CMU-CS-90-190 (1990), sections 1.2, 1.4.
/// - E. Martin, C. Cundy, *Parallelizing linear recurrent neural nets over sequence length*, ICLR 2018.
pub fn scan_parallel<M: Monoid>(
    monoid: &M,
    frames: &mut [M::Element],
    direction: ScanDirection,
) -> Result<(), RunError> {
    let width = monoid.width();
    let count = frames.len().div_ceil(width.max(1));
    LengthMismatch::check(Quantity::Input, count * width, frames.len())?;
    if count == 0 {
        return Ok(());
    }
    let chunk_frames = (CHUNK_ELEMENTS / width).max(CHUNK_FRAMES);
    if count <= chunk_frames {
        return Ok(scan_chunk(monoid, frames, 0, direction, None)?);
    }
    let chunk_len = chunk_frames * width;
    let chunks = frames.len().div_ceil(chunk_len);
    let (first, last) = match direction {
        ScanDirection::Forward => (0, chunks - 1),
        ScanDirection::Backward => (chunks - 1, 0),
    };

    let mut spare = frames[..width].to_vec();
    let mut totals = vec![frames[0].clone(); chunks * width];
    let tasks = frames.chunks_mut(chunk_len).zip(totals.chunks_exact_mut(width)).enumerate().collect();
    let results = run_tasks(tasks, |(c, (chunk, total))| {
        if c == first {
            scan_chunk(monoid, chunk, c * chunk_frames, direction, None)?;
            total.clone_from_slice(last_frame(chunk, width, direction));
        } else if c != last {
            fold_chunk(monoid, chunk, direction, total);
        }
        Ok(())
    });
    first_error(results, direction)?;

    for c in 1..chunks - 1 {
        let (done, next) = match direction {
            ScanDirection::Forward => (c - 1, c),
            ScanDirection::Backward => (chunks - c, chunks - 1 - c),
        };
        append(monoid, &mut totals, done, next, direction, &mut spare);
    }

    let tasks = frames.chunks_mut(chunk_len).enumerate().filter(|(c, _)| *c != first).collect();
    let results = run_tasks(tasks, |(c, chunk)| {
        let before = match direction {
            ScanDirection::Forward => &totals[(c - 1) * width..c * width],
            ScanDirection::Backward => &totals[(c + 1) * width..(c + 2) * width],
        };
        scan_chunk(monoid, chunk, c * chunk_frames, direction, Some(before))
    });
    Ok(first_error(results, direction)?)
}

/// Works through independent tasks, on several threads if there are any. The results are in the order of the tasks.
fn run_tasks<T: Send, R: Send>(tasks: Vec<T>, work: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    #[cfg(feature = "rayon")]
    return tasks.into_par_iter().map(work).collect();
    #[cfg(not(feature = "rayon"))]
    return tasks.into_iter().map(work).collect();
}

/// The error that a scan in sequence would have met first.
fn first_error(results: Vec<Result<(), StepError>>, direction: ScanDirection) -> Result<(), StepError> {
    match direction {
        ScanDirection::Forward => results.into_iter().collect(),
        ScanDirection::Backward => results.into_iter().rev().collect(),
    }
}

/// Composes frame `done` of the scan with frame `next`, into the latter's place.
fn append<M: Monoid>(
    monoid: &M,
    frames: &mut [M::Element],
    done: usize,
    next: usize,
    direction: ScanDirection,
    spare: &mut [M::Element],
) {
    let width = spare.len();
    let at = |t: usize| t * width..(t + 1) * width;
    compose(monoid, &frames[at(done)], &frames[at(next)], direction, spare);
    frames[at(next)].clone_from_slice(spare);
}

/// `done` and `next` in the order of a scan, as earlier and later in the order of the array.
fn compose<M: Monoid>(
    monoid: &M,
    done: &[M::Element],
    next: &[M::Element],
    direction: ScanDirection,
    both: &mut [M::Element],
) {
    match direction {
        ScanDirection::Forward => monoid.compose(done, next, both),
        ScanDirection::Backward => monoid.compose(next, done, both),
    }
}

/// The frame numbers of a chunk in the order of the scan: the `k`-th of `count`.
fn nth(k: usize, count: usize, direction: ScanDirection) -> usize {
    match direction {
        ScanDirection::Forward => k,
        ScanDirection::Backward => count - 1 - k,
    }
}

/// The frame where the scan of a chunk ends.
fn last_frame<E>(chunk: &[E], width: usize, direction: ScanDirection) -> &[E] {
    match direction {
        ScanDirection::Forward => &chunk[chunk.len() - width..],
        ScanDirection::Backward => &chunk[..width],
    }
}

/// Scans one chunk, which begins at step `start`, from what comes before it.
fn scan_chunk<M: Monoid>(
    monoid: &M,
    chunk: &mut [M::Element],
    start: usize,
    direction: ScanDirection,
    before: Option<&[M::Element]>,
) -> Result<(), StepError> {
    let width = monoid.width();
    let count = chunk.len() / width;
    let mut spare = chunk[..width].to_vec();
    for k in 0..count {
        let t = nth(k, count, direction);
        if k > 0 {
            append(monoid, chunk, nth(k - 1, count, direction), t, direction, &mut spare);
        } else if let Some(before) = before {
            compose(monoid, before, &chunk[t * width..(t + 1) * width], direction, &mut spare);
            chunk[t * width..(t + 1) * width].clone_from_slice(&spare);
        }
        monoid.check(start + t, &chunk[t * width..(t + 1) * width])?;
    }
    Ok(())
}

/// Composes all frames of a chunk into `total`.
fn fold_chunk<M: Monoid>(
    monoid: &M,
    chunk: &[M::Element],
    direction: ScanDirection,
    total: &mut [M::Element],
) {
    let width = monoid.width();
    let count = chunk.len() / width;
    let mut spare = total.to_vec();
    for k in 0..count {
        let t = nth(k, count, direction);
        let frame = &chunk[t * width..(t + 1) * width];
        if k == 0 {
            total.clone_from_slice(frame);
        } else {
            compose(monoid, total, frame, direction, &mut spare);
            total.clone_from_slice(&spare);
        }
    }
}
