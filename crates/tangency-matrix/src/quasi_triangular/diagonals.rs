//! Quasi-triangular matrices stored by their block diagonals, where roots, products and solutions are one loop.
//!
//! Block (i, i + e) is the entry i of diagonal e. For a product, a square root or the solution of a triangular system,
//!
//! $$ C_d(i) = \sum_{e} A_e(i) B_{d-e}(i + e), $$
//!
//! and all the entries of one diagonal are independent: they fill the lanes of vector registers with unit stride, without
//! divisions in a chain. Each diagonal has its entries (0, 0), (0, 1), (1, 0), (1, 1) of all blocks as rows of their own, ending in
//! zeros up to whole registers. In a matrix with a block of order 2 all blocks have order 2: a block of order 1 with the entry
//! a becomes a I, and the rows and columns that this adds are zero elsewhere and stay so.

use super::pair_imaginary;
use crate::MatrixError;
use crate::scalar::{Precision, RealScalar, Scalar};
use crate::square_root::{pair_root, principal_root};
use faer::prelude::ReborrowMut;
use faer::{MatMut, MatRef};
use std::ops::Range;
use tangency_vmath::Kernel;

/// Blocks that are worked on together where blocks have order 2: one register of four doubles for each entry.
const LANES: usize = 4;
/// The same where all blocks have order 1.
const SINGLE_LANES: usize = 16;
/// Zeros behind each diagonal, at least.
const PADDING: usize = SINGLE_LANES;

/// Largest order that is worked on by diagonals. From there on products by blocks are quicker: a diagonal reads all those before it.
const LARGEST: usize = 160;

/// Where the blocks of a quasi-triangular matrix are, and where the diagonals are stored.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layout {
    /// First row of each block, and the order of the matrix.
    pub(crate) starts: Vec<usize>,
    /// Start of each diagonal, and the length of all.
    offsets: Vec<usize>,
    /// Length of a row of each diagonal.
    lengths: Vec<usize>,
    /// Order of the blocks, as stored.
    size: usize,
}

impl Layout {
    /// Room for matrices of order n.
    pub(crate) fn reserve(&mut self, n: usize) {
        for vector in [&mut self.starts, &mut self.offsets, &mut self.lengths] {
            vector.reserve_exact(n + 1);
        }
    }

    /// The layout for the blocks of t; `false` if diagonals do not suit it: many single entries beside pairs, or a large order.
    pub(crate) fn fit<T: Scalar>(&mut self, t: MatRef<'_, T>) -> bool {
        let n = t.nrows();
        if n > LARGEST {
            return false;
        }
        self.starts.clear();
        let mut i = 0;
        while i < n {
            self.starts.push(i);
            i += 1 + usize::from(T::IS_REAL && i + 1 < n && t[(i + 1, i)] != T::ZERO);
        }
        let count = self.starts.len();
        self.starts.push(n);
        self.size = 1 + usize::from(count < n);
        if self.size == 2 && 4 * count > 3 * n + 4 {
            return false;
        }
        self.offsets.clear();
        self.lengths.clear();
        let mut offset = 0;
        for e in 0..count {
            let length = (count - e).next_multiple_of(LANES) + PADDING;
            self.offsets.push(offset);
            self.lengths.push(length);
            offset += self.size * self.size * length;
        }
        self.offsets.push(offset);
        true
    }

    /// The most entries that a matrix of order n may have to store.
    pub(crate) fn most_entries(n: usize) -> usize {
        if n > LARGEST {
            return 0;
        }
        // Blocks of order 1 alone, or three quarters of n and one more as blocks of order 2.
        let entries = |count: usize| (1..=count).map(|e| e.next_multiple_of(LANES) + PADDING).sum::<usize>();
        entries(n).max(4 * entries((3 * n + 4) / 4))
    }

    /// The most numbers that [`DiagonalNorms`] may need.
    pub(crate) fn most_work(n: usize) -> usize {
        4 * (n.next_multiple_of(LANES) + 2 * PADDING)
    }

    /// Entries to store.
    fn len(&self) -> usize {
        *self.offsets.last().unwrap_or(&0)
    }

    pub(crate) fn count(&self) -> usize {
        self.lengths.len()
    }

    /// Whether block i has order 2 in the matrix.
    pub(crate) fn is_pair(&self, i: usize) -> bool {
        self.starts[i + 1] == self.starts[i] + 2
    }

    /// Place of entry (p, q) of block (i, i + e).
    #[inline(always)]
    fn at(&self, e: usize, (p, q): (usize, usize), i: usize) -> usize {
        self.offsets[e] + (p * self.size + q) * self.lengths[e] + i
    }

    /// `scale·t` by diagonals.
    pub(crate) fn load<T: Scalar>(&self, t: MatRef<'_, T>, scale: T::RealPart, dst: &mut Vec<T>) {
        dst.clear();
        dst.resize(self.len(), T::ZERO);
        let unscaled = scale == T::RealPart::ONE;
        for j in 0..self.count() {
            for q in 0..self.starts[j + 1] - self.starts[j] {
                let column = t.col(self.starts[j] + q);
                for i in 0..=j {
                    let (start, end) = (self.starts[i], self.starts[i + 1]);
                    for p in 0..end - start {
                        let entry = column[start + p];
                        dst[self.at(j - i, (p, q), i)] = if unscaled { entry } else { entry.scale(scale) };
                    }
                }
            }
            if self.size == 2 && !self.is_pair(j) {
                dst[self.at(0, (1, 1), j)] = dst[self.at(0, (0, 0), j)];
            }
        }
    }

    /// Back again, multiplied by both numbers; what is below the blocks is not written.
    pub(crate) fn store<T: Scalar>(&self, src: &[T], factors: [T::RealPart; 2], mut t: MatMut<'_, T>) {
        let unscaled = factors == [T::RealPart::ONE; 2];
        for j in 0..self.count() {
            for q in 0..self.starts[j + 1] - self.starts[j] {
                let mut column = t.rb_mut().col_mut(self.starts[j] + q);
                for i in 0..=j {
                    let (start, end) = (self.starts[i], self.starts[i + 1]);
                    for p in 0..end - start {
                        let entry = src[self.at(j - i, (p, q), i)];
                        column[start + p] =
                            if unscaled { entry } else { entry.scale(factors[0]).scale(factors[1]) };
                    }
                }
            }
        }
    }

    /// The diagonal block i.
    pub(crate) fn block<T: Scalar>(&self, x: &[T], i: usize) -> super::Block<T> {
        let at = |p, q| if self.size == 2 { x[self.at(0, (p, q), i)] } else { T::ZERO };
        if self.size == 1 {
            return [[x[i], T::ZERO], [T::ZERO; 2]];
        }
        [[at(0, 0), at(0, 1)], [at(1, 0), at(1, 1)]]
    }

    /// Writes the diagonal block i; the second number of the diagonal is `block[1][1]`.
    pub(crate) fn set_block<T: Scalar>(&self, x: &mut [T], i: usize, block: &super::Block<T>) {
        for p in 0..self.size {
            for q in 0..self.size {
                x[self.at(0, (p, q), i)] = block[p][q];
            }
        }
    }

    /// The entry (i, i + 1) next to the diagonal of two blocks of order 1.
    pub(crate) fn set_superdiagonal<T: Scalar>(&self, x: &mut [T], i: usize, entry: T) {
        x[self.at(1, (0, 0), i)] = entry;
    }

    fn shape(&self) -> Shape<'_> {
        Shape { offsets: &self.offsets, lengths: &self.lengths }
    }
}

/// What the inner loops need of a [`Layout`].
#[derive(Clone, Copy)]
struct Shape<'a> {
    offsets: &'a [usize],
    lengths: &'a [usize],
}

impl Shape<'_> {
    #[inline(always)]
    fn row<const P: usize>(&self, e: usize, entry: usize) -> Range<usize> {
        let start = self.offsets[e] + entry * self.lengths[e];
        start..start + self.lengths[e]
    }
}

/// `L` entries from `at` on.
#[inline(always)]
fn lanes<T: Copy, const L: usize>(x: &[T], at: usize) -> [T; L] {
    *x[at..].first_chunk::<L>().expect("rows end in padding")
}

/// Blocks of `L` places of a diagonal, entry by entry.
type Lanes<T, const L: usize> = [[T; L]; 4];

/// $\sum_e A_e(i) B_{d-e}(i + e)$ over the `terms` e, for `L` blocks of order `P` from i on.
#[inline(always)]
fn convolve<T: Scalar, const P: usize, const L: usize, const FMA: bool>(
    (a, b): (&[T], &[T]),
    shape: Shape<'_>,
    (d, i): (usize, usize),
    terms: Range<usize>,
) -> Lanes<T, L> {
    // Two sets of sums that do not wait for each other.
    let mut sums = [[[T::ZERO; L]; 4]; 2];
    for e in terms {
        let f = d - e;
        let (length_a, length_b) = (shape.lengths[e], shape.lengths[f]);
        let a = &a[shape.offsets[e] + i..];
        let b = &b[shape.offsets[f] + i + e..];
        for k in 0..P {
            for q in 0..P {
                let right = lanes::<T, L>(b, (k * P + q) * length_b);
                for p in 0..P {
                    let left = lanes::<T, L>(a, (p * P + k) * length_a);
                    let sum = &mut sums[k][p * P + q];
                    for l in 0..L {
                        sum[l] = left[l].multiply_add::<FMA>(right[l], sum[l]);
                    }
                }
            }
        }
    }
    let mut total = sums[0];
    if P == 2 {
        for k in 0..4 {
            for l in 0..L {
                total[k][l] += sums[1][k][l];
            }
        }
    }
    total
}

/// Copies `L` blocks to their places.
#[inline(always)]
fn put<T: Scalar, const P: usize, const L: usize>(
    x: &mut [T],
    shape: Shape<'_>,
    (d, i): (usize, usize),
    blocks: &Lanes<T, L>,
) {
    for entry in 0..P * P {
        let start = shape.offsets[d] + entry * shape.lengths[d] + i;
        x[start..start + L].copy_from_slice(&blocks[entry]);
    }
}

/// `L` blocks from their places.
#[inline(always)]
fn get<T: Scalar, const P: usize, const L: usize>(
    x: &[T],
    shape: Shape<'_>,
    (d, i): (usize, usize),
) -> Lanes<T, L> {
    let mut blocks = [[T::ZERO; L]; 4];
    for (entry, block) in blocks.iter_mut().enumerate().take(P * P) {
        *block = lanes(x, shape.offsets[d] + entry * shape.lengths[d] + i);
    }
    blocks
}

/// Memory of the diagonal blocks of a root.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places<R> {
    /// Imaginary part of the eigenvalues of each block, 0 for real ones.
    pub(crate) imaginary: Vec<R>,
}

impl<R: RealScalar> Places<R> {
    /// Room for matrices of order n.
    pub(crate) fn reserve(&mut self, n: usize) {
        self.imaginary.reserve_exact(n.next_multiple_of(LANES) + PADDING);
    }
}

/// The square root in place.
///
/// `Ok(false)`, with nothing but the diagonal changed, if an eigenvalue is zero or so large or small that products of four leave the range.
#[derive(Debug)]
#[allow(unnameable_types, reason = "an argument of the trait that seals `Scalar`")]
pub struct DiagonalRoot<'a, T: Scalar> {
    pub(crate) x: &'a mut [T],
    pub(crate) layout: &'a Layout,
    pub(crate) places: &'a mut Places<T::RealPart>,
}

impl<T: Scalar> Kernel for DiagonalRoot<'_, T> {
    type Output = Result<bool, MatrixError>;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Self::Output {
        if self.layout.size == 2 {
            root::<T, 2, LANES, FMA>(self)
        } else {
            root::<T, 1, SINGLE_LANES, FMA>(self)
        }
    }
}

/// Moduli whose fourth powers are in the range with room to spare.
fn moderate<T: Scalar>(x: T::RealPart) -> bool {
    let limit = if T::PRECISION == Precision::Double { 1e60 } else { 1e8 };
    let x = x.to_f64();
    x <= limit && x >= 1.0 / limit
}

#[inline(always)]
fn root<T: Scalar, const P: usize, const L: usize, const FMA: bool>(
    DiagonalRoot { x, layout, places }: DiagonalRoot<'_, T>,
) -> Result<bool, MatrixError> {
    let (count, shape) = (layout.count(), layout.shape());
    places.imaginary.clear();
    places.imaginary.resize(shape.lengths[0], T::RealPart::ZERO);
    let mut usual = true;
    for i in 0..count {
        let block = layout.block(x, i);
        let root = if P == 2 && layout.is_pair(i) {
            let root = pair_root(&block);
            places.imaginary[i] = pair_imaginary(&root);
            usual &= moderate::<T>(root[0][0].re()) && moderate::<T>(places.imaginary[i]);
            root
        } else {
            let root = principal_root(block[0][0], layout.starts[i])?;
            usual &= moderate::<T>(root.modulus());
            [[root, T::ZERO], [T::ZERO, root]]
        };
        layout.set_block(x, i, &root);
    }
    if !usual {
        return Ok(false);
    }
    for d in 1..count {
        let mut i = 0;
        while i < count - d {
            let known = convolve::<T, P, L, FMA>((x, x), shape, (d, i), 1..d);
            let mut right = get::<T, P, L>(x, shape, (d, i));
            for entry in 0..P * P {
                for l in 0..L {
                    right[entry][l] -= known[entry][l];
                }
            }
            let solution = if P == 1 {
                let (a, b) = (lanes::<T, L>(x, i), lanes::<T, L>(x, i + d));
                let mut solution = right;
                for l in 0..L {
                    // Behind the end all is zero, and stays so.
                    let sum = a[l] + b[l];
                    let sum = if sum == T::ZERO { T::ONE } else { sum };
                    solution[0][l] = right[0][l] / sum;
                }
                solution
            } else {
                let diagonal = (get::<T, 2, L>(x, shape, (0, i)), get::<T, 2, L>(x, shape, (0, i + d)));
                let mu = (lanes(&places.imaginary, i), lanes(&places.imaginary, i + d));
                block_sylvester::<T, L, FMA>((&diagonal.0, &mu.0), (&diagonal.1, &mu.1), &right)
            };
            put::<T, P, L>(x, shape, (d, i), &solution);
            i += L;
        }
    }
    Ok(true)
}

/// $A X + X B = C$ for blocks of order 2, as in `BlockInverse` but for numbers of which nothing leaves the range.
#[inline(always)]
fn block_sylvester<T: Scalar, const L: usize, const FMA: bool>(
    (a, mu): (&Lanes<T, L>, &[T::RealPart; L]),
    (b, nu): (&Lanes<T, L>, &[T::RealPart; L]),
    c: &Lanes<T, L>,
) -> Lanes<T, L> {
    let mut x = [[T::ZERO; L]; 4];
    for l in 0..L {
        let m = a[0][l] + b[0][l];
        // Behind the end all is zero, and stays so.
        let m = if m == T::ZERO { T::ONE } else { m };
        let (gap, sum) = (T::from_real(mu[l] - nu[l]), T::from_real(mu[l] + nu[l]));
        let (square, mixed) = (m * m, gap * sum);
        let (near, far) = (gap.multiply_add::<FMA>(gap, square), sum.multiply_add::<FMA>(sum, square));
        let inverse = T::ONE / (near * far);
        // m² + μ² + ν², the mean of both factors.
        let half = T::from_f64(0.5);
        let plain = m * ((near + far) * half) * inverse;
        let left = -(square + mixed) * inverse;
        let right = -(square - mixed) * inverse;
        let both = (m + m) * inverse;
        let (n01, n10) = (b[1][l], b[2][l]);
        let (m01, m10) = (a[1][l], a[2][l]);
        let turned = [c[1][l] * n10, c[0][l] * n01, c[3][l] * n10, c[2][l] * n01];
        let mut u = [T::ZERO; 4];
        let mut v = [T::ZERO; 4];
        for k in 0..4 {
            u[k] = right.multiply_add::<FMA>(turned[k], plain * c[k][l]);
            v[k] = both.multiply_add::<FMA>(turned[k], left * c[k][l]);
        }
        x[0][l] = m01.multiply_add::<FMA>(v[2], u[0]);
        x[1][l] = m01.multiply_add::<FMA>(v[3], u[1]);
        x[2][l] = m10.multiply_add::<FMA>(v[0], u[2]);
        x[3][l] = m10.multiply_add::<FMA>(v[1], u[3]);
    }
    x
}

/// `product = x²`.
#[derive(Debug)]
#[allow(unnameable_types, reason = "an argument of the trait that seals `Scalar`")]
pub struct DiagonalSquare<'a, T> {
    pub(crate) x: &'a [T],
    pub(crate) product: &'a mut [T],
    pub(crate) layout: &'a Layout,
}

impl<T: Scalar> Kernel for DiagonalSquare<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        if self.layout.size == 2 {
            square::<T, 2, LANES, FMA>(self);
        } else {
            square::<T, 1, SINGLE_LANES, FMA>(self);
        }
    }
}

#[inline(always)]
fn square<T: Scalar, const P: usize, const L: usize, const FMA: bool>(
    DiagonalSquare { x, product, layout }: DiagonalSquare<'_, T>,
) {
    let (count, shape) = (layout.count(), layout.shape());
    for d in 0..count {
        let mut i = 0;
        while i < count - d {
            let sum = convolve::<T, P, L, FMA>((x, x), shape, (d, i), 0..d + 1);
            put::<T, P, L>(product, shape, (d, i), &sum);
            i += L;
        }
    }
}

/// `sum += weight·(I + α X + β N)⁻¹ R`.
#[derive(Debug)]
#[allow(unnameable_types, reason = "an argument of the trait that seals `Scalar`")]
pub struct DiagonalQuotient<'a, T: Scalar> {
    pub(crate) x: (T::RealPart, &'a [T]),
    pub(crate) numerator: (T::RealPart, &'a [T]),
    /// R: X or N.
    pub(crate) right: &'a [T],
    pub(crate) weight: T::RealPart,
    /// Overwritten: the denominator and the quotient.
    pub(crate) work: (&'a mut [T], &'a mut [T]),
    pub(crate) sum: &'a mut [T],
    pub(crate) layout: &'a Layout,
}

impl<T: Scalar> Kernel for DiagonalQuotient<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        if self.layout.size == 2 {
            quotient::<T, 2, LANES, FMA>(self);
        } else {
            quotient::<T, 1, SINGLE_LANES, FMA>(self);
        }
    }
}

#[inline(always)]
fn quotient<T: Scalar, const P: usize, const L: usize, const FMA: bool>(
    DiagonalQuotient { x, numerator, right, weight, work, sum, layout }: DiagonalQuotient<'_, T>,
) {
    let (count, shape) = (layout.count(), layout.shape());
    let (denominator, y) = work;
    let (alpha, beta) = (x.0, numerator.0);
    for ((d, x), n) in denominator.iter_mut().zip(x.1).zip(numerator.1) {
        *d = x.scale(alpha) + n.scale(beta);
    }
    // The diagonal blocks become their inverses.
    let diagonal = shape.lengths[0];
    for i in 0..diagonal {
        let a = T::ONE + denominator[i];
        if P == 1 {
            denominator[i] = T::ONE / a;
            continue;
        }
        let (b, c) = (denominator[i + diagonal], denominator[i + 2 * diagonal]);
        let inverse = T::ONE / (-b).multiply_add::<FMA>(c, a * a);
        denominator[i] = a * inverse;
        denominator[i + diagonal] = -b * inverse;
        denominator[i + 2 * diagonal] = -c * inverse;
        denominator[i + 3 * diagonal] = a * inverse;
    }
    for d in 0..count {
        let mut i = 0;
        while i < count - d {
            let mut rest = get::<T, P, L>(right, shape, (d, i));
            if d > 0 {
                let known = convolve::<T, P, L, FMA>((denominator, y), shape, (d, i), 1..d + 1);
                for entry in 0..P * P {
                    for l in 0..L {
                        rest[entry][l] -= known[entry][l];
                    }
                }
            }
            let inverse = get::<T, P, L>(denominator, shape, (0, i));
            let mut solution = [[T::ZERO; L]; 4];
            for p in 0..P {
                for q in 0..P {
                    for k in 0..P {
                        for l in 0..L {
                            solution[p * P + q][l] = inverse[p * P + k][l]
                                .multiply_add::<FMA>(rest[k * P + q][l], solution[p * P + q][l]);
                        }
                    }
                }
            }
            put::<T, P, L>(y, shape, (d, i), &solution);
            let mut total = get::<T, P, L>(sum, shape, (d, i));
            for entry in 0..P * P {
                for l in 0..L {
                    total[entry][l] += solution[entry][l].scale(weight);
                }
            }
            put::<T, P, L>(sum, shape, (d, i), &total);
            i += L;
        }
    }
}

/// $\lVert X \rVert_1$, and a bound $\lVert \lvert X \rvert^2 \rVert_1$ of the norm of the square. `work` has room for four rows of the diagonal.
#[derive(Debug)]
#[allow(unnameable_types, reason = "an argument of the trait that seals `Scalar`")]
pub struct DiagonalNorms<'a, T: Scalar> {
    pub(crate) x: &'a [T],
    pub(crate) layout: &'a Layout,
    pub(crate) work: &'a mut Vec<T::RealPart>,
    /// Whether the bound is wanted; otherwise it is infinite.
    pub(crate) squared: bool,
}

impl<T: Scalar> Kernel for DiagonalNorms<'_, T> {
    type Output = [f64; 2];

    #[inline(always)]
    fn run<const FMA: bool>(self) -> [f64; 2] {
        let Self { x, layout, work, squared } = self;
        let (size, count, shape) = (layout.size, layout.count(), layout.shape());
        let room = shape.lengths[0] + PADDING;
        work.clear();
        work.resize(4 * room, T::RealPart::ZERO);
        let (mut from, mut to) = work.split_at_mut(2 * room);
        for block in 0..count {
            for p in 0..layout.starts[block + 1] - layout.starts[block] {
                from[p * room + block] = T::RealPart::ONE;
            }
        }
        let mut norms = [f64::INFINITY; 2];
        for norm in norms.iter_mut().take(1 + usize::from(squared)) {
            to.fill(T::RealPart::ZERO);
            for e in 0..count {
                for p in 0..size {
                    for q in 0..size {
                        let row = &x[shape.row::<1>(e, p * size + q)];
                        let (v, w) = (&from[p * room..(p + 1) * room], &mut to[q * room + e..]);
                        let mut i = 0;
                        while i < count - e {
                            let (row, v) = (lanes::<T, LANES>(row, i), lanes::<T::RealPart, LANES>(v, i));
                            let mut total = lanes::<T::RealPart, LANES>(w, i);
                            for l in 0..LANES {
                                total[l] += row[l].modulus() * v[l];
                            }
                            w[i..i + LANES].copy_from_slice(&total);
                            i += LANES;
                        }
                    }
                }
            }
            // NaN stays.
            let larger = |l: f64, x: f64| if l.is_nan() || x <= l { l } else { x };
            *norm = to.iter().map(|x| x.to_f64()).fold(0.0, larger);
            std::mem::swap(&mut from, &mut to);
        }
        norms
    }
}
