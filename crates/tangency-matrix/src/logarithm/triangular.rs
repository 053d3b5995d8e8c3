//! Inverse scaling and squaring on a quasi-triangular matrix.

use super::diagonals::Diagonals;
use super::pade::{pade, thetas};
use super::spectrum::Spectrum;
use crate::MatrixError;
use crate::norm::estimate_norm_1;
use crate::quasi_triangular::{Scratch, product};
use crate::reduction::ReductionMemory;
use crate::scalar::{Precision, RealScalar, Scalar};
use crate::square_root::root_in_place;
use faer::{Mat, MatMut, MatRef};

/// Square roots at most, in double and in single precision: the logarithm halves each time, and starts below the largest number.
const LARGEST_ROOT_COUNT: [usize; 2] = [1020, 124];

/// Least order at which an estimate of the norms of powers is worth its cost against a square root.
const ESTIMATE: usize = 512;

/// Memory of the algorithm for one order.
#[derive(Debug, Clone)]
pub(crate) struct Memory<T: Scalar> {
    /// $T^{1/2^s}$.
    root: Mat<T>,
    /// $T^{1/2^s} - I$.
    pub(crate) x: Mat<T>,
    /// $T^{1/2^{s-1}}$.
    previous: Mat<T>,
    y: Mat<T>,
    pub(crate) logarithm: Mat<T>,
    pub(crate) scratch: Scratch<T>,
    pub(super) reduction: ReductionMemory<T>,
    pub(super) spectrum: Spectrum<T>,
    diagonals: Diagonals<T>,
}

impl<T: Scalar> Memory<T> {
    /// Memory for one order; every matrix in it is made when it is first needed.
    pub(crate) fn new(n: usize) -> Self {
        Self {
            root: Mat::new(),
            x: Mat::new(),
            previous: Mat::new(),
            y: Mat::new(),
            logarithm: Mat::new(),
            scratch: Scratch::new(n),
            reduction: ReductionMemory::new(),
            spectrum: Spectrum::empty(),
            diagonals: Diagonals::new(),
        }
    }

    /// Makes all that a matrix of order n may need.
    pub(crate) fn reserve(&mut self, n: usize) {
        self.diagonals.reserve(n);
        self.reduction.reserve(n);
        self.scratch.reserve(n);
        self.blocked(n);
        self.logarithm = Mat::zeros(n, n);
    }

    /// The matrices of the blocked algorithm.
    fn blocked(&mut self, n: usize) {
        for matrix in [&mut self.root, &mut self.x, &mut self.previous, &mut self.y] {
            if matrix.nrows() != n {
                *matrix = Mat::zeros(n, n);
            }
        }
    }
}

/// How many square roots were taken, and the degree of the Padé approximant (0 where the eigenvalues alone sufficed).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) roots: usize,
    pub(crate) degree: usize,
    /// k, where the roots are those of $2^{-k} A$.
    pub(crate) exponent: i32,
}

/// How a Padé approximant of degree m is evaluated, in units of a solution with triangular right side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Evaluation {
    /// m solutions; a square root is taken to cost as much as one.
    Single,
    /// Solutions for pairs of nodes; a square root is taken to cost as much as two.
    Paired,
}

impl Evaluation {
    fn cost(self, degree: usize) -> usize {
        if self == Self::Single { degree } else { degree.div_ceil(2) }
    }

    fn cost_of_root(self) -> usize {
        if self == Self::Single { 1 } else { 2 }
    }

    /// $\theta_m$ of the degrees that are used.
    fn thetas<T: Scalar>(self) -> &'static [f64] {
        let table = thetas(T::PRECISION);
        if self == Self::Paired { table } else { &table[..if table.len() > 6 { 7 } else { 5 }] }
    }
}

/// $s$ square roots of the quasi-triangular $A$, with $\alpha(A^{1/2^s} - I)$ in reach of a Padé approximant; leaves
/// $A^{1/2^s} - I$ in `memory.x`.
///
/// `t` is the form of $A$, or of $A - I$ if `shifted`. The diagonal and the superdiagonal of the difference come from the
/// eigenvalues, and not by subtraction. `keep` sees every root.
///
/// A. H. Al-Mohy and N. J. Higham, SIAM J. Sci. Comput. 34 (2012), Algorithm 4.1; with S. D. Relton, 35 (2013)
/// (real arithmetic). Degree and number of roots are chosen by cost: one more root is taken wherever that saves more solutions than it costs.
pub(crate) fn reduce<T: Scalar>(
    (t, shifted): (MatRef<'_, T>, bool),
    spectrum: &Spectrum<T>,
    memory: &mut Memory<T>,
    evaluation: Evaluation,
    mut keep: impl FnMut(MatRef<'_, T>),
) -> Result<Path, MatrixError> {
    let table = evaluation.thetas::<T>();
    let reach = T::RealPart::from_f64(table[table.len() - 1]);
    let limit = LARGEST_ROOT_COUNT[usize::from(T::PRECISION == Precision::Single)];
    let mut needed = spectrum.fewest_roots(reach.to_f64(), 0).min(limit);
    while spectrum.largest_power_minus_one(power::<T>(needed)) > reach && needed < limit {
        needed += 1;
    }
    memory.blocked(t.nrows());
    memory.root.copy_from(t);
    memory.x.copy_from(t);
    for i in 0..t.nrows() {
        if shifted {
            memory.root[(i, i)] += T::ONE;
        } else {
            memory.x[(i, i)] -= T::ONE;
        }
    }
    let mut roots = 0;
    loop {
        if roots >= needed {
            if roots > 0 {
                memory.x.copy_from(&memory.root);
                spectrum.write_power_minus_one(t, memory.x.as_mut(), power::<T>(roots));
            }
            let sizes = Sizes::of(&memory.x, &mut memory.y);
            if !sizes.root_of_norm[0].is_finite() {
                let ln_norm = T::RealPart::MAX.to_f64().ln();
                return Err(MatrixError::Overflow { what: "the logarithm", ln_norm });
            }
            if let Some(degree) = sizes.degree(table, evaluation, memory.x.as_ref()) {
                return Ok(Path { roots, degree, exponent: 0 });
            }
        }
        if roots == limit {
            return Err(MatrixError::NoConvergence {
                what: "the square roots for the logarithm",
                iterations: roots,
            });
        }
        memory.previous.copy_from(&memory.root);
        root_in_place(memory.root.as_mut(), &mut memory.scratch)?;
        keep(memory.root.as_ref());
        roots += 1;
    }
}

/// [`reduce`] for functions whose approximants are evaluated by single terms.
pub(crate) fn reduce_to_identity<T: Scalar>(
    t: MatRef<'_, T>,
    shifted: bool,
    spectrum: &Spectrum<T>,
    memory: &mut Memory<T>,
    keep: impl FnMut(MatRef<'_, T>),
) -> Result<Path, MatrixError> {
    reduce((t, shifted), spectrum, memory, Evaluation::Single, keep)
}

/// $2^{-s}$.
fn power<T: Scalar>(s: usize) -> T::RealPart {
    T::RealPart::ONE.ldexp(-(s as i32))
}

/// Bounds $d_p \ge \lVert X^p \rVert_1^{1/p}$ for p = 1 to 5.
///
/// $\alpha_p = \max(d_p, d_{p+1})$ bounds the error of degree m if $2m + 1 \ge p (p - 1)$: any m for p = 1 and 2, m ≥ 3 for
/// p = 3, m ≥ 6 for p = 4.
struct Sizes {
    root_of_norm: [f64; 5],
}

/// Least degree at which $\alpha_p$ bounds the error.
const LEAST_DEGREE: [usize; 4] = [1, 1, 3, 6];

impl Sizes {
    /// $\lVert X^p \rVert_1 \le \max_j v_j$ with $v = \lvert X \rvert^{\top} \cdots \lvert X \rvert^{\top} 1$: 5/2 of n² multiplications. The moduli go to `work`.
    fn of<T: Scalar>(x: &Mat<T>, work: &mut Mat<T>) -> Self {
        let n = x.nrows();
        let mut root_of_norm = [0.0; 5];
        let mut v = vec![T::RealPart::ZERO; 2 * n];
        let (mut v, mut next) = v.split_at_mut(n);
        for j in 0..n {
            let end = (j + 2).min(n);
            let moduli = &mut work.col_as_slice_mut(j)[..end];
            for (modulus, x) in moduli.iter_mut().zip(x.col_as_slice(j)) {
                *modulus = T::from_real(x.modulus());
                v[j] += modulus.re();
            }
        }
        for (k, d) in root_of_norm.iter_mut().enumerate() {
            // NaN stays.
            let larger = |l: f64, x: f64| if l.is_nan() || x <= l { l } else { x };
            let largest = v.iter().map(|x| x.to_f64()).fold(0.0, larger);
            *d = largest.powf(1.0 / (k + 1) as f64);
            if k == 4 {
                break;
            }
            for (j, next) in next.iter_mut().enumerate() {
                let end = (j + 2).min(n);
                *next = weighted_sum(&work.col_as_slice(j)[..end], &v[..end]);
            }
            std::mem::swap(&mut v, &mut next);
        }
        Self { root_of_norm }
    }

    /// The lowest degree for `scale` times these sizes.
    fn lowest(&self, table: &[f64], scale: f64) -> Option<usize> {
        let d = &self.root_of_norm;
        let alphas = [d[0], d[1].max(d[2]), d[2].max(d[3]), d[3].max(d[4])];
        let degrees = alphas.iter().zip(LEAST_DEGREE).filter_map(|(alpha, least)| {
            let m = table.iter().position(|theta| alpha * scale <= *theta)? + 1;
            (least <= table.len()).then_some(m.max(least))
        });
        degrees.min()
    }

    /// The degree, or `None` if another root is needed or saves more than it costs.
    fn degree<T: Scalar>(mut self, table: &[f64], evaluation: Evaluation, x: MatRef<'_, T>) -> Option<usize> {
        let worth_it = |this: &Self| {
            let degree = this.lowest(table, 1.0)?;
            let after = this.lowest(table, 0.5).unwrap_or(degree);
            (evaluation.cost(after) + evaluation.cost_of_root() >= evaluation.cost(degree)).then_some(degree)
        };
        let degree = worth_it(&self);
        // The bounds are seldom more than twice too large.
        if degree.is_some() || x.nrows() < ESTIMATE || self.lowest(table, 0.5).is_none() {
            return degree;
        }
        for p in [3, 4] {
            let estimate = estimate_norm_1(x.nrows(), |adjoint, mut y: MatMut<'_, T>| {
                for _ in 0..p {
                    multiply_in_place(x, adjoint, y.as_mut());
                }
            });
            let root = estimate.to_f64().powf(1.0 / f64::from(p));
            if root.is_finite() {
                self.root_of_norm[p as usize - 1] = root.min(self.root_of_norm[p as usize - 1]);
            }
        }
        worth_it(&self)
    }
}

/// Σ x·v for real x, in four sums that do not wait for each other.
fn weighted_sum<T: Scalar>(x: &[T], v: &[T::RealPart]) -> T::RealPart {
    let mut sums = [T::RealPart::ZERO; 4];
    let (xs, vs) = (x.chunks_exact(4), v.chunks_exact(4));
    let rest = xs.remainder().iter().zip(vs.remainder());
    for (x, v) in xs.zip(vs) {
        for k in 0..4 {
            sums[k] += x[k].re() * v[k];
        }
    }
    for (x, v) in rest {
        sums[0] += x.re() * *v;
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3])
}

/// `y := X y` or `y := Xᴴ y` for an upper quasi-triangular X, by columns of X.
fn multiply_in_place<T: Scalar>(x: MatRef<'_, T>, adjoint: bool, mut y: MatMut<'_, T>) {
    let n = x.nrows();
    for mut y in y.as_mut().col_iter_mut() {
        if adjoint {
            // Entry j needs the entries up to j, and j + 1 in a block: backwards, keeping the one that is still needed.
            let mut below = T::ZERO;
            for j in (0..n).rev() {
                let mut sum = T::ZERO;
                for (x, y) in x.col(j).iter().zip(y.as_ref().iter()).take(j + 1) {
                    sum += x.conj() * *y;
                }
                if j + 1 < n {
                    sum += x[(j + 1, j)].conj() * below;
                }
                below = y[j];
                y[j] = sum;
            }
        } else {
            let mut above = T::ZERO;
            for j in 0..n {
                let factor = y[j];
                for (y, x) in y.as_mut().iter_mut().zip(x.col(j).iter()).take(j) {
                    *y += *x * factor;
                }
                y[j] = x[(j, j)] * factor;
                if j > 0 {
                    y[j] += x[(j, j - 1)] * above;
                }
                above = factor;
            }
        }
    }
}

/// $\log A$ of the quasi-triangular form `t` of $A$ (of $A - I$ if `shifted`) in `memory.logarithm`, which is given as zero. With
/// `kept` it gets the square roots, and X is left in `memory.x`.
pub(crate) fn triangular_logarithm<T: Scalar>(
    t: MatRef<'_, T>,
    shifted: bool,
    spectrum: &Spectrum<T>,
    memory: &mut Memory<T>,
    mut kept: Option<&mut Vec<Mat<T>>>,
) -> Result<Path, MatrixError> {
    let Memory { diagonals, logarithm, .. } = memory;
    let found = diagonals.logarithm((t, shifted), spectrum, logarithm.as_mut(), kept.as_deref_mut())?;
    let path = match (found, kept) {
        (Some(path), Some(kept)) => {
            memory.x = kept.pop().expect("X is the last one");
            path
        }
        (Some(path), None) => path,
        (None, Some(kept)) => {
            kept.clear();
            blocked_logarithm((t, shifted), spectrum, memory, |root| kept.push(root.to_owned()))?
        }
        (None, None) => blocked_logarithm((t, shifted), spectrum, memory, |_| ())?,
    };
    spectrum.write_logarithm(t, memory.logarithm.as_mut());
    Ok(path)
}

/// The same by blocks, but for the diagonal.
fn blocked_logarithm<T: Scalar>(
    (t, shifted): (MatRef<'_, T>, bool),
    spectrum: &Spectrum<T>,
    memory: &mut Memory<T>,
    keep: impl FnMut(MatRef<'_, T>),
) -> Result<Path, MatrixError> {
    let path = reduce((t, shifted), spectrum, memory, Evaluation::Paired, keep)?;
    if path.degree > 1 {
        // N = A^{1/2^{s-1}} − I = X (2 I + X).
        if path.roots > 0 {
            spectrum.write_power_minus_one(t, memory.previous.as_mut(), power::<T>(path.roots - 1));
        } else {
            product(memory.x.as_ref(), memory.x.as_ref(), memory.previous.as_mut());
            for j in 0..t.ncols() {
                let column = memory.previous.col_as_slice_mut(j);
                for (square, &x) in column.iter_mut().zip(memory.x.col_as_slice(j)) {
                    *square += x + x;
                }
            }
        }
    }
    let work = (&mut memory.root, &mut memory.y);
    let x = (&memory.x, &memory.previous);
    pade(x, path.degree, &mut memory.logarithm, work, &mut memory.scratch);
    // Two factors, because the power of 2 may leave the range where the logarithm does not.
    let factors = [path.roots / 2, path.roots - path.roots / 2].map(|k| T::RealPart::ONE.ldexp(k as i32));
    for j in 0..t.ncols() {
        for entry in memory.logarithm.col_as_slice_mut(j) {
            *entry = entry.scale(factors[0]).scale(factors[1]);
        }
    }
    Ok(path)
}
