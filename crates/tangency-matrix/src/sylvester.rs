//! The linear matrix equations of Sylvester and Lyapunov, on the Schur form.

use crate::MatrixError;
use crate::norm::{check_finite, check_shape, check_square_finite, operator_norm_1};
use crate::product::{adjoint_multiply, multiply, multiply_add, multiply_adjoint};
use crate::reduction::is_upper_triangular;
use crate::scalar::{RealScalar, Scalar};
use crate::schur::{schur, small};
use faer::prelude::{Reborrow, ReborrowMut};
use faer::{Mat, MatMut, MatRef};
use tangency_vmath::Kernel;

/// The solution $X$ of Sylvester's equation
///
/// $$ A X + X B = C $$
///
/// for an $m \times m$ matrix $A$, an $n \times n$ matrix $B$ and an $m \times n$ matrix $C$. It is unique if no
/// eigenvalue of $A$ is the negative of one of $B$.
///
/// By the Schur forms of both (Bartels and Stewart), the triangular equation by recursion into products. The residual is
/// within $O((m + n) u) (\lVert A \rVert + \lVert B \rVert) \lVert X \rVert$; the error is larger by up to
/// $(\lVert A \rVert + \lVert B \rVert) / \mathrm{sep}$, where sep is the smallest singular value of $X \mapsto A X + X B$.
/// Cost: about $25 (m^3 + n^3) + 5 m n (m + n)$ flops.
///
/// # Errors
///
/// `NotSquare`, `ShapeMismatch`, `NotFinite`; `SpectraMeet` if the spectra of $A$ and $-B$ meet to working precision, with
/// the separation found, relative to the norms; `Overflow` if the solution does not fit into the number type;
/// `NoConvergence` as for [`schur`].
///
/// # Example: the block that decouples a triangular matrix
///
/// With $A X - X B = -C$, the matrix $[A, C; 0, B]$ becomes block diagonal under the similarity with $[I, X; 0, I]$.
///
/// ```
/// use faer::mat;
/// use tangency_matrix::solve_sylvester;
///
/// let (a, b, c) = (mat![[1.0, 2.0], [0.0, 3.0]], mat![[7.0]], mat![[1.0], [1.0]]);
/// let x = solve_sylvester(a.as_ref(), (-&b).as_ref(), (-&c).as_ref())?;
/// assert!((&a * &x + &c - &x * &b).norm_max() < 1e-15);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// R. H. Bartels and G. W. Stewart, *Algorithm 432: solution of the matrix equation AX + XB = C*, Comm. ACM 15 (1972).
/// I. Jonsson and B. Kågström, *Recursive blocked algorithms for solving triangular systems, part I*, ACM TOMS 28 (2002).
pub fn solve_sylvester<T: Scalar>(
    a: MatRef<'_, T>,
    b: MatRef<'_, T>,
    c: MatRef<'_, T>,
) -> Result<Mat<T>, MatrixError> {
    let m = check_square_finite(a)?;
    let n = check_square_finite(b)?;
    check_shape("the right-hand side", c, (m, n))?;
    check_finite(c)?;
    let (left, right) = (schur(a)?, schur(b)?);
    let rhs = Scaled::new(c);
    let f = multiply(adjoint_multiply(left.q(), rhs.matrix.as_ref()).as_ref(), right.q());
    let y = Equation::new(left.t(), right.t(), is_upper_triangular(a) && is_upper_triangular(b)).solve(f)?;
    let x = multiply_adjoint(multiply(left.q(), y.matrix.as_ref()).as_ref(), right.q());
    rhs.restore(x.as_ref(), y.exponent)
}

/// The solution $X$ of Lyapunov's equation
///
/// $$ A X + X A^* = C $$
///
/// for $n \times n$ matrices. It is unique if no two eigenvalues of $A$ have $\lambda_i + \bar \lambda_j = 0$; it is
/// Hermitian if $C$ is, and then positive definite if $-C$ is so and all eigenvalues of $A$ lie in the left half plane.
///
/// By one Schur form, as [`solve_sylvester`]; a Hermitian $C$ gives an exactly Hermitian $X$. Cost: about $25 n^3 + 10 n^3$
/// flops.
///
/// # Errors
///
/// As [`solve_sylvester`].
///
/// # Example: the stationary covariance of a linear stochastic differential equation
///
/// $dx = A x dt + dW$ has, for stable $A$, the covariance $X$ with $A X + X A^\top = -I$.
///
/// ```
/// use faer::{Mat, mat};
/// use tangency_matrix::solve_lyapunov;
///
/// let a = mat![[-1.0, 2.0], [0.0, -3.0]];
/// let x = solve_lyapunov(a.as_ref(), (-Mat::<f64>::identity(2, 2)).as_ref())?;
/// assert!((x[(1, 1)] - 1.0 / 6.0).abs() < 1e-15);
/// assert!(x[(0, 0)] * x[(1, 1)] > x[(0, 1)] * x[(1, 0)]);
/// # Ok::<(), tangency_matrix::MatrixError>(())
/// ```
///
/// # References
///
/// R. H. Bartels and G. W. Stewart, as for [`solve_sylvester`].
pub fn solve_lyapunov<T: Scalar>(a: MatRef<'_, T>, c: MatRef<'_, T>) -> Result<Mat<T>, MatrixError> {
    let n = check_square_finite(a)?;
    check_shape("the right-hand side", c, (n, n))?;
    check_finite(c)?;
    let form = schur(a)?;
    let (q, t) = (form.q(), form.t());
    let rhs = Scaled::new(c);
    // With the order of rows and columns reversed, Tᴴ is upper quasi-triangular too.
    let last = n.wrapping_sub(1);
    let flipped = Mat::from_fn(n, n, |i, j| t[(last - j, last - i)].conj());
    let f = multiply(adjoint_multiply(q, rhs.matrix.as_ref()).as_ref(), q);
    let f = Mat::from_fn(n, n, |i, j| f[(i, last - j)]);
    let y = Equation::new(t, flipped.as_ref(), is_upper_triangular(a)).solve(f)?;
    let unflipped = Mat::from_fn(n, n, |i, j| y.matrix[(i, last - j)]);
    let mut x = multiply_adjoint(multiply(q, unflipped.as_ref()).as_ref(), q);
    if (0..n).all(|j| (0..=j).all(|i| c[(i, j)] == c[(j, i)].conj())) {
        let half = T::RealPart::from_f64(0.5);
        x = Mat::from_fn(n, n, |i, j| x[(i, j)].scale(half) + x[(j, i)].conj().scale(half));
    }
    rhs.restore(x.as_ref(), y.exponent)
}

/// A matrix divided by a power of two, so that its largest part lies in [1, 2).
struct Scaled<T> {
    matrix: Mat<T>,
    exponent: i32,
}

impl<T: Scalar> Scaled<T> {
    fn new(a: MatRef<'_, T>) -> Self {
        let exponent = exponent(a);
        Self { matrix: ldexp(a, -exponent), exponent }
    }

    /// `x` times the power of two, and times another one.
    fn restore(&self, x: MatRef<'_, T>, other: i32) -> Result<Mat<T>, MatrixError> {
        let scaled = ldexp(x, self.exponent + other);
        if check_finite(scaled.as_ref()).is_err() {
            let ln_norm = f64::from(self.exponent + other + exponent(x)) * std::f64::consts::LN_2;
            return Err(MatrixError::Overflow { what: "the solution", ln_norm });
        }
        Ok(scaled)
    }
}

/// $\lfloor \log_2 \rfloor$ of the largest real or imaginary part; 0 for zero.
fn exponent<T: Scalar>(a: MatRef<'_, T>) -> i32 {
    let mut largest = 0.0_f64;
    for j in 0..a.ncols() {
        for i in 0..a.nrows() {
            largest = largest.max(a[(i, j)].re().modulus().to_f64()).max(a[(i, j)].im().modulus().to_f64());
        }
    }
    if largest == 0.0 || !largest.is_finite() { 0 } else { largest.log2().floor() as i32 }
}

/// $2^k A$.
fn ldexp<T: Scalar>(a: MatRef<'_, T>, k: i32) -> Mat<T> {
    Mat::from_fn(a.nrows(), a.ncols(), |i, j| {
        let x = a[(i, j)];
        if T::IS_REAL {
            T::from_real(x.re().ldexp(k))
        } else {
            T::from_complex(x.re().ldexp(k).complex(x.im().ldexp(k)))
        }
    })
}

/// The triangular equation with coefficients of ordinary size.
struct Equation<T> {
    a: Mat<T>,
    b: Mat<T>,
    exponent: i32,
    /// No rounding made the coefficients.
    exact: bool,
}

impl<T: Scalar> Equation<T> {
    fn new(a: MatRef<'_, T>, b: MatRef<'_, T>, exact: bool) -> Self {
        let exponent = match (a.nrows(), b.nrows()) {
            (0, _) | (_, 0) => 0,
            _ => exponent(a).max(exponent(b)),
        };
        Self { a: ldexp(a, -exponent), b: ldexp(b, -exponent), exponent, exact }
    }

    fn solve(&self, mut f: Mat<T>) -> Result<Scaled<T>, MatrixError> {
        let [smallest, relative] = T::triangular_sylvester(self.a.as_ref(), self.b.as_ref(), f.as_mut());
        // Schur forms are exact for matrices this far away; triangular matrices are their own.
        let norm = operator_norm_1(self.a.as_ref()).to_f64() + operator_norm_1(self.b.as_ref()).to_f64();
        let separation = if self.exact { relative } else { relative.min(smallest / norm) };
        if separation <= MEET * T::RealPart::UNIT_ROUNDOFF.to_f64() {
            return Err(MatrixError::SpectraMeet { separation });
        }
        if check_finite(f.as_ref()).is_err() {
            let ln_norm = T::RealPart::MAX.to_f64().ln();
            return Err(MatrixError::Overflow { what: "the solution", ln_norm });
        }
        Ok(Scaled { matrix: f, exponent: -self.exponent })
    }
}

/// Separation, in unit roundoffs, at which spectra meet.
const MEET: f64 = 4.0;

/// Largest order that is solved by substitution; above it the larger matrix is halved.
const SUBSTITUTION: usize = 24;

/// `c := X` with `a X + X b = c` for upper quasi-triangular `a` and `b`.
///
/// `SpectraMeet` is judged against the diagonal blocks alone, so that graded matrices are solved. Nothing is scaled:
/// where the entries of the solution, or products of them with the coefficients, leave the range, they are infinite or
/// NaN, and the caller has to look.
pub(crate) fn solve_triangular_sylvester<T: Scalar>(
    a: MatRef<'_, T>,
    b: MatRef<'_, T>,
    c: MatMut<'_, T>,
) -> Result<(), MatrixError> {
    let [_, separation] = T::triangular_sylvester(a, b, c);
    if separation <= MEET * T::RealPart::UNIT_ROUNDOFF.to_f64() {
        return Err(MatrixError::SpectraMeet { separation });
    }
    Ok(())
}

/// The same for `Kernels`, where it is compiled once for each number type.
pub(crate) fn solve_triangular<T: Scalar>(a: MatRef<'_, T>, b: MatRef<'_, T>, c: MatMut<'_, T>) -> [f64; 2] {
    let mut buffers = Buffers { a: Vec::new(), b: Vec::new(), c: Vec::new() };
    recurse(a, b, c, &mut buffers).map(RealScalar::to_f64)
}

/// Copies of small blocks, column after column.
struct Buffers<T> {
    a: Vec<T>,
    b: Vec<T>,
    c: Vec<T>,
}

/// Where to cut a quasi-triangular matrix in two: in the middle, but not through a block.
fn cut<T: Scalar>(a: MatRef<'_, T>) -> usize {
    let k = a.nrows() / 2;
    if a[(k, k - 1)] == T::ZERO { k } else { k + 1 }
}

/// Solves in place and returns the smallest pivot, by itself and relative to its diagonal blocks.
fn recurse<T: Scalar>(
    a: MatRef<'_, T>,
    b: MatRef<'_, T>,
    mut c: MatMut<'_, T>,
    buffers: &mut Buffers<T>,
) -> [T::RealPart; 2] {
    let (m, n) = c.shape();
    if m == 0 || n == 0 {
        return [T::RealPart::MAX; 2];
    }
    if m.max(n) <= SUBSTITUTION {
        fill(&mut buffers.a, a);
        fill(&mut buffers.b, b);
        fill(&mut buffers.c, c.rb());
        let smallest = tangency_vmath::dispatch(Substitution { buffers, m, n });
        for j in 0..n {
            for i in 0..m {
                c[(i, j)] = buffers.c[j * m + i];
            }
        }
        return smallest;
    }
    if m >= n {
        let k = cut(a);
        let (mut above, mut below) = c.split_at_row_mut(k);
        let second = recurse(a.submatrix(k, k, m - k, m - k), b, below.rb_mut(), buffers);
        multiply_add(above.rb_mut(), -T::ONE, a.submatrix(0, k, k, m - k), below.rb());
        smaller(second, recurse(a.submatrix(0, 0, k, k), b, above, buffers))
    } else {
        let k = cut(b);
        let (mut left, mut right) = c.split_at_col_mut(k);
        let first = recurse(a, b.submatrix(0, 0, k, k), left.rb_mut(), buffers);
        multiply_add(right.rb_mut(), -T::ONE, left.rb(), b.submatrix(0, k, k, n - k));
        smaller(first, recurse(a, b.submatrix(k, k, n - k, n - k), right, buffers))
    }
}

/// The smaller of both, entry by entry.
#[inline(always)]
fn smaller<R: RealScalar>(x: [R; 2], y: [R; 2]) -> [R; 2] {
    [RealScalar::min(x[0], y[0]), RealScalar::min(x[1], y[1])]
}

fn fill<T: Scalar>(entries: &mut Vec<T>, a: MatRef<'_, T>) {
    entries.clear();
    for j in 0..a.ncols() {
        let column = a.col(j);
        entries.extend((0..a.nrows()).map(|i| column[i]));
    }
}

/// The equation in the buffers.
struct Substitution<'a, T: Scalar> {
    buffers: &'a mut Buffers<T>,
    m: usize,
    n: usize,
}

impl<T: Scalar> Kernel for Substitution<'_, T> {
    type Output = [T::RealPart; 2];

    /// Columns (in pairs, where `b` has a block) from the left, rows from below.
    #[inline(always)]
    fn run<const FMA: bool>(self) -> [T::RealPart; 2] {
        let Self { buffers: Buffers { a, b, c }, m, n } = self;
        let mut smallest = [T::RealPart::MAX; 2];
        let mut k = 0;
        while k < n {
            let width = if k + 1 < n && b[k * n + k + 1] != T::ZERO { 2 } else { 1 };
            let (done, rest) = c.split_at_mut(k * m);
            for w in 0..width {
                let column = &mut rest[w * m..(w + 1) * m];
                for j in 0..k {
                    subtract::<T, FMA>(column, b[(k + w) * n + j], &done[j * m..(j + 1) * m]);
                }
            }
            let mut end = m;
            while end > 0 {
                let height = if end > 1 && a[(end - 2) * m + end - 1] != T::ZERO { 2 } else { 1 };
                let l = end - height;
                let at = |i: usize, j: usize| a[(l + j) * m + l + i];
                let bt = |i: usize, j: usize| b[(k + j) * n + k + i];
                let ct = |i: usize, j: usize| rest[j * m + l + i];
                let mut size = T::RealPart::MIN_POSITIVE;
                for i in 0..2 {
                    for j in 0..2 {
                        if i < height && j < height {
                            size = RealScalar::max(size, at(i, j).modulus());
                        }
                        if i < width && j < width {
                            size = RealScalar::max(size, bt(i, j).modulus());
                        }
                    }
                }
                let floor = RealScalar::max(size * T::RealPart::UNIT_ROUNDOFF, T::RealPart::MIN_POSITIVE);
                let mut x = [[T::ZERO; 2]; 2];
                let pivot = match (height, width) {
                    (1, 1) => {
                        let (pivot, c) = (at(0, 0) + bt(0, 0), ct(0, 0));
                        let modulus = pivot.modulus();
                        x[0][0] = c / if modulus < floor { T::from_real(floor) } else { pivot };
                        modulus
                    }
                    (1, _) => {
                        let b = [[bt(0, 0), bt(0, 1)], [bt(1, 0), bt(1, 1)]];
                        let (y, pivot) =
                            small::sylvester::<T, 1, 2, 2>([[at(0, 0)]], b, [[ct(0, 0), ct(0, 1)]], floor);
                        x[0] = y[0];
                        pivot
                    }
                    (_, 1) => {
                        let a = [[at(0, 0), at(0, 1)], [at(1, 0), at(1, 1)]];
                        let (y, pivot) =
                            small::sylvester::<T, 2, 1, 2>(a, [[bt(0, 0)]], [[ct(0, 0)], [ct(1, 0)]], floor);
                        (x[0][0], x[1][0]) = (y[0][0], y[1][0]);
                        pivot
                    }
                    _ => {
                        let a = [[at(0, 0), at(0, 1)], [at(1, 0), at(1, 1)]];
                        let b = [[bt(0, 0), bt(0, 1)], [bt(1, 0), bt(1, 1)]];
                        let c = [[ct(0, 0), ct(0, 1)], [ct(1, 0), ct(1, 1)]];
                        let (y, pivot) = small::sylvester::<T, 2, 2, 4>(a, b, c, floor);
                        x = y;
                        pivot
                    }
                };
                smallest = smaller(smallest, [pivot, pivot / size]);
                for j in 0..width {
                    let column = &mut rest[j * m..(j + 1) * m];
                    for i in 0..height {
                        column[l + i] = x[i][j];
                        subtract::<T, FMA>(&mut column[..l], x[i][j], &a[(l + i) * m..(l + i) * m + l]);
                    }
                }
                end = l;
            }
            k += width;
        }
        smallest
    }
}

/// `y -= factor·x`.
#[inline(always)]
fn subtract<T: Scalar, const FMA: bool>(y: &mut [T], factor: T, x: &[T]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = (-factor).multiply_add::<FMA>(x, *y);
    }
}
