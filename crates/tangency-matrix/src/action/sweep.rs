//! Products with a sparse matrix: a pass over its rows, fused with what is done to the image.
//!
//! Consecutive rows often have their columns at the same distances from the diagonal: those of a grid line, or of a
//! band. Such a run is stored by diagonals, as one number each where it is constant, and then takes vector operations,
//! without indices. The order of terms in a row stays, and so do the bits.

use super::operator::{Largest, Recurrence};
use super::sparse::SparseRows;
use crate::scalar::{RealScalar, Scalar};
use faer::{MatMut, MatRef};
use tangency_vmath::{Kernel, dispatch};

/// Rows of one part of a pass, which one thread takes. Rows are independent, so parts do not change bits.
const PART: usize = 8192;
/// Entries of the image that are computed before they are used: few enough for the nearest cache.
const IMAGE: usize = 512;
/// Accumulators of a maximum, and a multiple of every width of a block.
const LANES: usize = 8;
/// Fewer rows are not worth a run.
const SHORTEST: usize = 32;

/// Rows in turn, up to the next run.
#[derive(Debug, Clone)]
pub(super) struct Run<T> {
    pub(super) first: usize,
    pub(super) end: usize,
    /// Column minus row of the entries, if that is alike in all rows; else none.
    offsets: Vec<isize>,
    /// One for each offset, if constant along the diagonals; else one diagonal after another.
    pub(super) values: Vec<T>,
}

impl<T> Run<T> {
    /// Whether its rows differ by their place only.
    #[inline(always)]
    pub(super) fn is_constant(&self) -> bool {
        !self.offsets.is_empty() && self.values.len() == self.offsets.len()
    }
}

/// Largest new terms and largest entries of the sum, by lanes.
type Maxima<T> = ([<T as Scalar>::RealPart; LANES], [<T as Scalar>::RealPart; LANES]);

impl<T: Scalar> SparseRows<T> {
    /// All rows in runs.
    pub(super) fn find_runs(&self) -> Vec<Run<T>> {
        let n = self.order();
        let mut runs: Vec<Run<T>> = Vec::new();
        let mut first = 0;
        while first < n {
            let mut constant = true;
            let (columns, values) = self.row(first);
            let (mut end, mut above) = (first + 1, columns);
            while end < n {
                let (below, others) = self.row(end);
                if below.len() != above.len() || below.iter().zip(above).any(|(&j, &k)| j != k + 1) {
                    break;
                }
                constant &= others == values;
                above = below;
                end += 1;
            }
            if end - first >= SHORTEST && !columns.is_empty() {
                let offsets = columns.iter().map(|&j| j as isize - first as isize).collect();
                let count = columns.len();
                let values = if constant {
                    values.to_vec()
                } else {
                    let block = &self.value[self.start[first]..self.start[end]];
                    (0..count).flat_map(|k| block.iter().skip(k).step_by(count).copied()).collect()
                };
                runs.push(Run { first, end, offsets, values });
            } else {
                match runs.last_mut() {
                    Some(run) if run.offsets.is_empty() => run.end = end,
                    _ => runs.push(Run { first, end, offsets: Vec::new(), values: Vec::new() }),
                }
            }
            first = end;
        }
        runs
    }

    /// `y = A x`; both by columns.
    pub(super) fn apply(&self, mut y: MatMut<'_, T>, x: MatRef<'_, T>) {
        for c in 0..x.ncols() {
            let (mut y, x) = (y.as_mut().col_mut(c), x.col(c));
            match (y.as_mut().try_as_col_major_mut(), x.try_as_col_major()) {
                (Some(y), Some(x)) => self.apply_to_vector(y.as_slice_mut(), x.as_slice()),
                _ => {
                    for i in 0..self.order() {
                        let (columns, values) = self.row(i);
                        y[i] = columns.iter().zip(values).fold(T::ZERO, |s, (&j, &a)| s + a * x[j as usize]);
                    }
                }
            }
        }
    }

    /// `y = A x` for one column.
    pub(super) fn apply_to_vector(&self, y: &mut [T], x: &[T]) {
        let part = |(p, y): (usize, &mut [T])| dispatch(Product { rows: self, first: p * PART, x, y });
        #[cfg(feature = "rayon")]
        if y.len() > PART {
            use rayon::prelude::*;
            return y.par_chunks_mut(PART).enumerate().for_each(part);
        }
        y.chunks_mut(PART).enumerate().for_each(part);
    }

    /// One step of the recurrence on a block of columns stored row by row, in one pass over the matrix.
    pub(super) fn step(
        &self,
        r: &Recurrence<T>,
        x: &[T],
        y: &mut [T],
        sum: &mut [T],
        largest: &mut Largest<T>,
    ) {
        match largest.width() {
            1 => self.step_wide::<1>(r, x, y, sum, largest),
            2 => self.step_wide::<2>(r, x, y, sum, largest),
            4 => self.step_wide::<4>(r, x, y, sum, largest),
            width => {
                debug_assert_eq!(width, 8);
                self.step_wide::<8>(r, x, y, sum, largest);
            }
        }
    }

    fn step_wide<const W: usize>(
        &self,
        r: &Recurrence<T>,
        x: &[T],
        y: &mut [T],
        sum: &mut [T],
        largest: &mut Largest<T>,
    ) {
        let part = |(p, (y, sum)): (usize, (&mut [T], &mut [T]))| {
            dispatch(Step::<T, W> { rows: self, r, first: p * PART, x, y, sum })
        };
        let zero = || ([T::RealPart::ZERO; LANES], [T::RealPart::ZERO; LANES]);
        let join = |a: Maxima<T>, b: Maxima<T>| {
            let pick = |a: [T::RealPart; LANES], b: [T::RealPart; LANES]| {
                std::array::from_fn(|lane| RealScalar::max(a[lane], b[lane]))
            };
            (pick(a.0, b.0), pick(a.1, b.1))
        };
        let size = PART * W;
        #[cfg(feature = "rayon")]
        let maxima = if y.len() > size {
            use rayon::prelude::*;
            y.par_chunks_mut(size).zip(sum.par_chunks_mut(size)).enumerate().map(part).reduce(zero, join)
        } else {
            part((0, (y, sum)))
        };
        #[cfg(not(feature = "rayon"))]
        let maxima = y.chunks_mut(size).zip(sum.chunks_mut(size)).enumerate().map(part).fold(zero(), join);
        let fold = |lanes: [T::RealPart; LANES], w: usize| {
            (w..LANES).step_by(W).fold(T::RealPart::ZERO, |m, lane| RealScalar::max(m, lanes[lane]))
        };
        for w in 0..W {
            largest.term[w] = fold(maxima.0, w);
            largest.sum[w] = fold(maxima.1, w);
        }
    }

    /// How many rows from `at` on, at most `count`, are in one run and fit into an image; `run` moves on to that run.
    #[inline(always)]
    fn block<const W: usize>(&self, run: &mut usize, at: usize, count: usize) -> usize {
        while self.runs[*run].end <= at {
            *run += 1;
        }
        (IMAGE / W).min(count).min(self.runs[*run].end - at)
    }

    /// The run that row `at` is in.
    fn run_of(&self, at: usize) -> usize {
        self.runs.partition_point(|run| run.end <= at)
    }

    /// Image of the rows from `at` on, all of this run.
    #[inline(always)]
    fn image<const W: usize>(&self, run: usize, at: usize, x: &[T], image: &mut [T]) {
        let run = &self.runs[run];
        let rows = image.len() / W;
        if run.offsets.is_empty() {
            let x = x.as_chunks::<W>().0;
            let mut start = self.start[at];
            for (image, &end) in image.as_chunks_mut::<W>().0.iter_mut().zip(&self.start[at + 1..=at + rows])
            {
                let range = start..end;
                start = end;
                let mut sum = [T::ZERO; W];
                for (&j, &a) in self.column[range.clone()].iter().zip(&self.value[range]) {
                    let source = &x[j as usize];
                    for w in 0..W {
                        sum[w] += a * source[w];
                    }
                }
                *image = sum;
            }
            return;
        }
        image.fill(T::ZERO);
        let source = |offset: isize| &x[(at as isize + offset) as usize * W..][..rows * W];
        if run.is_constant() {
            // Two diagonals at a time, which halves what goes through the image; the order of the terms is that of rows.
            let (pairs, last) = run.offsets.as_chunks::<2>();
            let (factors, factor) = run.values.as_chunks::<2>();
            for (&[o, p], &[a, b]) in pairs.iter().zip(factors) {
                for (image, (&x, &y)) in image.iter_mut().zip(source(o).iter().zip(source(p))) {
                    *image = *image + a * x + b * y;
                }
            }
            for (&o, &a) in last.iter().zip(factor) {
                for (image, &x) in image.iter_mut().zip(source(o)) {
                    *image += a * x;
                }
            }
            return;
        }
        let length = run.end - run.first;
        for (k, &o) in run.offsets.iter().enumerate() {
            let values = &run.values[k * length + at - run.first..][..rows];
            let images = image.as_chunks_mut::<W>().0.iter_mut();
            for (image, (x, &a)) in images.zip(source(o).as_chunks::<W>().0.iter().zip(values)) {
                for w in 0..W {
                    image[w] += a * x[w];
                }
            }
        }
    }
}

/// `y = A x` for the rows of `y`, which begin with `first`.
struct Product<'p, T> {
    rows: &'p SparseRows<T>,
    first: usize,
    x: &'p [T],
    y: &'p mut [T],
}

impl<T: Scalar> Kernel for Product<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { rows, first, x, y } = self;
        let (mut run, mut done) = (rows.run_of(first), 0);
        while done < y.len() {
            let count = rows.block::<1>(&mut run, first + done, y.len() - done);
            rows.image::<1>(run, first + done, x, &mut y[done..done + count]);
            done += count;
        }
    }
}

/// `y := α A x + β x + γ y; sum += δ y` for the rows of `y` and `sum`, which begin with `first`.
struct Step<'p, T, const W: usize> {
    rows: &'p SparseRows<T>,
    r: &'p Recurrence<T>,
    first: usize,
    x: &'p [T],
    y: &'p mut [T],
    sum: &'p mut [T],
}

impl<T: Scalar, const W: usize> Kernel for Step<'_, T, W> {
    type Output = Maxima<T>;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Maxima<T> {
        let Self { rows, r, first, x, y, sum } = self;
        let mut maxima = ([T::RealPart::ZERO; LANES], [T::RealPart::ZERO; LANES]);
        let mut image = [T::ZERO; IMAGE];
        let (count, mut run, mut done) = (y.len() / W, rows.run_of(first), 0);
        while done < count {
            let at = first + done;
            let block = rows.block::<W>(&mut run, at, count - done);
            let image = &mut image[..block * W];
            rows.image::<W>(run, at, x, image);
            let here = done * W..(done + block) * W;
            r.combine_all(
                image,
                &x[at * W..][..block * W],
                &mut y[here.clone()],
                &mut sum[here],
                &mut maxima,
            );
            done += block;
        }
        maxima
    }
}

impl<T: Scalar> Recurrence<T> {
    /// New terms and sums, several at a time.
    #[inline(always)]
    fn combine_all(&self, image: &[T], x: &[T], y: &mut [T], sum: &mut [T], maxima: &mut Maxima<T>) {
        let ((images, image), (xs, x)) = (image.as_chunks::<LANES>(), x.as_chunks::<LANES>());
        let ((ys, y), (sums, sum)) = (y.as_chunks_mut::<LANES>(), sum.as_chunks_mut::<LANES>());
        for ((image, x), (y, sum)) in images.iter().zip(xs).zip(ys.iter_mut().zip(sums)) {
            let (image, x, before, total) = (*image, *x, *y, *sum);
            let (mut term, mut new) = ([T::ZERO; LANES], [T::ZERO; LANES]);
            for lane in 0..LANES {
                (term[lane], new[lane]) = self.combine(image[lane], x[lane], before[lane], total[lane]);
            }
            for lane in 0..LANES {
                maxima.0[lane] = larger(maxima.0[lane], term[lane]);
                maxima.1[lane] = larger(maxima.1[lane], new[lane]);
            }
            (*y, *sum) = (term, new);
        }
        for (lane, ((&image, &x), (y, sum))) in image.iter().zip(x).zip(y.iter_mut().zip(sum)).enumerate() {
            (*y, *sum) = self.combine(image, x, *y, *sum);
            maxima.0[lane] = larger(maxima.0[lane], *y);
            maxima.1[lane] = larger(maxima.1[lane], *sum);
        }
    }
}

/// The larger of `m` and the size |re| + |im| of an entry; NaN is passed by, and found in the result.
#[inline(always)]
pub(super) fn larger<T: Scalar>(m: T::RealPart, x: T) -> T::RealPart {
    let size = if T::IS_REAL { x.modulus() } else { x.re().modulus() + x.im().modulus() };
    if size > m { size } else { m }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact results are compared exactly")]
mod tests {
    use super::*;
    use crate::action::operator::random_vector;
    use faer::c64;

    /// A band whose values are constant, then vary; a row that breaks it; rows without order; empty rows.
    fn rows<T: Scalar>(n: usize) -> SparseRows<T> {
        let noise: Vec<T> = random_vector(5 * n, 7);
        let (mut start, mut column, mut value) = (vec![0], Vec::new(), Vec::new());
        for i in 0..n {
            let columns: Vec<usize> = match i {
                _ if i < 10 || i + 10 >= n => vec![(i * 7) % n, (i * 5 + 1) % n, i],
                100..140 => vec![],
                150..153 => vec![i],
                _ => vec![i - 9, i - 1, i, i + 1, i + 7],
            };
            for (k, j) in columns.into_iter().enumerate() {
                column.push(j as u32);
                value.push(if i < 80 { T::from_f64(k as f64 - 1.7) } else { noise[5 * i + k] });
            }
            start.push(column.len());
        }
        let mut rows = SparseRows { start, column, value, runs: Vec::new() };
        rows.runs = rows.find_runs();
        rows
    }

    fn check<T: Scalar>(n: usize, width: usize) {
        let rows = rows::<T>(n);
        let (x, y, sum) =
            (random_vector(n * width, 1), random_vector(n * width, 2), random_vector(n * width, 3));
        let [alpha, beta, gamma, delta] = [0.3, -1.1, 0.7, 2.3].map(T::from_f64);
        let r = Recurrence { alpha, beta, gamma, delta };
        let (mut terms, mut sums, mut largest) = (y.clone(), sum.clone(), Largest::new(width));
        rows.step(&r, &x, &mut terms, &mut sums, &mut largest);
        for w in 0..width {
            let (mut term_max, mut sum_max) = (T::RealPart::ZERO, T::RealPart::ZERO);
            for i in 0..n {
                let (columns, values) = rows.row(i);
                let image =
                    columns.iter().zip(values).fold(T::ZERO, |s, (&j, &a)| s + a * x[j as usize * width + w]);
                let p = i * width + w;
                let (term, new) = r.combine(image, x[p], y[p], sum[p]);
                assert!(terms[p] == term && sums[p] == new, "{n} {width}: row {i}");
                (term_max, sum_max) = (larger(term_max, term), larger(sum_max, new));
            }
            assert!(largest.term[w] == term_max && largest.sum[w] == sum_max, "{n} {width}: column {w}");
        }
        if width == 1 {
            let mut image = vec![T::ZERO; n];
            rows.apply_to_vector(&mut image, &x);
            let plain = Recurrence { alpha: T::ONE, beta: T::ZERO, gamma: T::ZERO, delta: T::ZERO };
            rows.step(&plain, &x, &mut terms, &mut sums, &mut largest);
            assert!(image.iter().zip(&terms).all(|(a, b)| a == b));
        }
    }

    #[test]
    fn runs_give_the_bits_of_rows() {
        for n in [203, PART + 1000] {
            for width in [1, 2, 4, 8] {
                check::<f64>(n, width);
                check::<f32>(n, width);
                check::<c64>(n, width);
            }
        }
        let runs = rows::<f64>(203).runs;
        let shape: Vec<_> =
            runs.iter().map(|run| (run.first, run.end, run.offsets.len(), run.values.len())).collect();
        assert_eq!(
            shape,
            [(0, 10, 0, 0), (10, 100, 5, 450), (100, 153, 0, 0), (153, 193, 5, 200), (193, 203, 0, 0)]
        );
        let mut constant = rows::<f64>(203);
        constant.value.iter_mut().for_each(|x| *x = 1.0);
        constant.runs = constant.find_runs();
        assert_eq!(constant.runs[1].values, [1.0; 5]);
    }
}
