//! Inverse scaling and squaring on block diagonals: the path of all but unusual matrices.

use super::Spectrum;
use super::pade::{nodes, thetas};
use super::triangular::Path;
use crate::MatrixError;
use crate::quasi_triangular::{
    DiagonalNorms, DiagonalQuotient, DiagonalRoot, DiagonalSquare, Layout, Places,
};
use crate::scalar::{RealScalar, Scalar};
use faer::{Mat, MatMut, MatRef};

/// Square roots at most; a matrix that needs more is not usual.
const MOST_ROOTS: usize = 40;

/// Roots are taken without looking at norms until the eigenvalues are this close to 1.
const START: f64 = 0.3;

/// Square roots cost as much as so many solutions, with the conversions and norms that go with them.
const COST_OF_ROOT: usize = 1;

/// Memory of the algorithm.
#[derive(Debug, Clone)]
pub(super) struct Diagonals<T: Scalar> {
    layout: Layout,
    places: Places<T::RealPart>,
    /// $T^{1/2^s}$.
    root: Vec<T>,
    /// $X = T^{1/2^s} - I$.
    x: Vec<T>,
    /// $X^2$, then $N = X^2 + 2 X$.
    numerator: Vec<T>,
    denominator: Vec<T>,
    quotient: Vec<T>,
    sum: Vec<T>,
    norms: Vec<T::RealPart>,
    /// $\lambda - 1$ of each block, and $\prod_j (1 + \lambda^{1/2^j})$.
    offsets: Vec<[T::Complex; 2]>,
}

impl<T: Scalar> Diagonals<T> {
    pub(super) fn new() -> Self {
        Self {
            layout: Layout::default(),
            places: Places::default(),
            root: Vec::new(),
            x: Vec::new(),
            numerator: Vec::new(),
            denominator: Vec::new(),
            quotient: Vec::new(),
            sum: Vec::new(),
            norms: Vec::new(),
            offsets: Vec::new(),
        }
    }

    /// Room for every matrix of order n.
    pub(super) fn reserve(&mut self, n: usize) {
        self.layout.reserve(n);
        let size = Layout::most_entries(n);
        for entries in [
            &mut self.root,
            &mut self.x,
            &mut self.numerator,
            &mut self.denominator,
            &mut self.quotient,
            &mut self.sum,
        ] {
            entries.reserve_exact(size);
        }
        self.places.reserve(n);
        self.norms.reserve_exact(Layout::most_work(n));
        self.offsets.reserve_exact(n);
    }

    /// $\log A$ but for its diagonal blocks and its superdiagonal, of the quasi-triangular form `t` of $A$ (of $A - I$ if
    /// `shifted`) in `out`; `None` if diagonals do not suit the matrix.
    ///
    /// $A$ is divided by the power of 2 that brings the eigenvalues around 1: the logarithm differs by a multiple of I, and that is
    /// in the part that is not written here. With `kept` it gets the square roots of the divided matrix and, last, X.
    ///
    /// The diagonal of X is $(\lambda - 1) / \prod_j (1 + \lambda^{1/2^j})$, where nothing cancels.
    ///
    /// A. H. Al-Mohy, *A more accurate Briggs method for the logarithm*, Numer. Algorithms 59 (2012), Algorithm 2.
    pub(super) fn logarithm(
        &mut self,
        (t, shifted): (MatRef<'_, T>, bool),
        spectrum: &Spectrum<T>,
        mut out: MatMut<'_, T>,
        mut kept: Option<&mut Vec<Mat<T>>>,
    ) -> Result<Option<Path>, MatrixError> {
        if !self.layout.fit(t) {
            return Ok(None);
        }
        let exponent = if shifted { 0 } else { spectrum.middle_exponent() };
        let scale = T::RealPart::ONE.ldexp(-exponent);
        self.layout.load(t, scale, &mut self.root);
        self.start((t, shifted), spectrum, scale);
        let needed = spectrum.fewest_roots(START, exponent);
        let mut roots = 0;
        let degree = loop {
            if roots >= needed {
                self.x.clone_from(&self.root);
                self.finish_diagonal(t, (roots, exponent), spectrum);
                match self.degree() {
                    Size::Strange => return Ok(None),
                    Size::Within(degree) => break degree,
                    Size::Beyond => {}
                }
            }
            if roots == MOST_ROOTS || !self.take_root()? {
                return Ok(None);
            }
            roots += 1;
            if let Some(kept) = &mut kept {
                kept.push(self.stored(&self.root, t.nrows()));
            }
        };
        if let Some(kept) = kept {
            kept.push(self.stored(&self.x, t.nrows()));
        }
        self.sum_up(degree);
        // Two factors, because the power of 2 may leave the range where the logarithm does not.
        let factors = [roots / 2, roots - roots / 2].map(|k| T::RealPart::ONE.ldexp(k as i32));
        self.layout.store(&self.sum, factors, out.as_mut());
        Ok(Some(Path { roots, degree, exponent }))
    }

    fn stored(&self, entries: &[T], n: usize) -> Mat<T> {
        let mut matrix = Mat::zeros(n, n);
        self.layout.store(entries, [T::RealPart::ONE; 2], matrix.as_mut());
        matrix
    }

    /// The offsets of the divided matrix, and its diagonal.
    fn start(&mut self, (t, shifted): (MatRef<'_, T>, bool), spectrum: &Spectrum<T>, scale: T::RealPart) {
        self.offsets.clear();
        for i in 0..self.layout.count() {
            let row = self.layout.starts[i];
            let offset = Scalar::scale(spectrum.offset(row), scale);
            let offset = if shifted { offset } else { offset - T::Complex::ONE };
            self.offsets.push([offset, T::Complex::ONE]);
            if shifted {
                let mut block = self.layout.block(&self.root, i);
                block[0][0] = T::ONE + t[(row, row)];
                block[1][1] = block[0][0];
                self.layout.set_block(&mut self.root, i, &block);
            }
        }
    }

    /// Replaces the matrix by its square root.
    fn take_root(&mut self) -> Result<bool, MatrixError> {
        let Self { layout, places, root, .. } = self;
        if !T::diagonal_root(DiagonalRoot { x: root, layout, places })? {
            return Ok(false);
        }
        for (i, [_, product]) in self.offsets.iter_mut().enumerate() {
            let entry = self.layout.block(&self.root, i)[0][0].to_complex();
            let eigenvalue = entry + T::RealPart::ZERO.complex(self.places.imaginary[i]);
            *product *= T::Complex::ONE + eigenvalue;
        }
        Ok(true)
    }

    /// Writes the diagonal blocks of X, and for complex numbers, whose sums can cancel, the superdiagonal.
    fn finish_diagonal(&mut self, t: MatRef<'_, T>, (roots, exponent): (usize, i32), spectrum: &Spectrum<T>) {
        for (i, &[offset, product]) in self.offsets.iter().enumerate() {
            let value = if roots == 0 { offset } else { offset / product };
            let row = self.layout.starts[i];
            let entry = T::from_complex(value);
            let mut block = [[entry, T::ZERO], [T::ZERO, entry]];
            if self.layout.is_pair(i) {
                let slope = value.im() / spectrum.offset(row).im();
                block[0][0] = T::from_real(value.re());
                block[1][1] = block[0][0];
                block[0][1] = t[(row, row + 1)].scale(slope);
                block[1][0] = t[(row + 1, row)].scale(slope);
            }
            self.layout.set_block(&mut self.x, i, &block);
            if !T::IS_REAL && roots > 0 && i + 1 < self.layout.count() {
                let p = T::RealPart::ONE.ldexp(-(roots as i32));
                let scale = T::RealPart::from_f64((-f64::from(exponent) * p.to_f64()).exp2());
                let slope = T::from_complex(spectrum.power_divided_difference(row, row + 1, p));
                self.layout.set_superdiagonal(&mut self.x, i, t[(row, row + 1)] * slope.scale(scale));
            }
        }
    }

    /// X² and the least degree in reach.
    fn degree(&mut self) -> Size {
        let Self { layout, x, numerator, norms, .. } = self;
        numerator.clear();
        numerator.resize(x.len(), T::ZERO);
        T::diagonal_square(DiagonalSquare { x, product: numerator, layout });
        let [first, _] = T::diagonal_norms(DiagonalNorms { x, layout, work: norms, squared: false });
        let [second, fourth] =
            T::diagonal_norms(DiagonalNorms { x: numerator, layout, work: norms, squared: true });
        if !(first.is_finite() && fourth.is_finite()) {
            return Size::Strange;
        }
        let bounds = Bounds::new(first, second, fourth);
        let table = thetas(T::PRECISION);
        let Some(degree) = bounds.degree(table, 1.0) else { return Size::Beyond };
        let after = bounds.degree(table, 0.5).unwrap_or(degree);
        let cost = |degree: usize| degree.div_ceil(2);
        if cost(after) + COST_OF_ROOT < cost(degree) { Size::Beyond } else { Size::Within(degree) }
    }

    /// The partial fractions, of which those with the nodes t and 1 − t are added first.
    fn sum_up(&mut self, degree: usize) {
        let Self { layout, x, numerator, denominator, quotient, sum, .. } = self;
        for (square, &x) in numerator.iter_mut().zip(&*x) {
            *square += x + x;
        }
        for entries in [&mut *denominator, &mut *quotient, &mut *sum] {
            entries.clear();
            entries.resize(x.len(), T::ZERO);
        }
        let real = T::RealPart::from_f64;
        for (alpha, beta, weight) in nodes(degree) {
            let right = if beta == 0.0 { &*x } else { &*numerator };
            T::diagonal_quotient(DiagonalQuotient {
                x: (real(alpha), x),
                numerator: (real(beta), numerator),
                right,
                weight: real(weight),
                work: (denominator, quotient),
                sum,
                layout,
            });
        }
    }
}

enum Size {
    Within(usize),
    /// Another root is needed, or saves more than it costs.
    Beyond,
    /// Numbers out of the range.
    Strange,
}

/// Bounds of $\lVert X^k \rVert / \lVert X \rVert$ for k > 2 m, as (k − 1)-th powers.
///
/// From $d_p \ge \lVert X^p \rVert^{1/p}$, p = 1, 2 and 4. $k - 1$ is a sum of twos and threes, so the ratio is at most
/// $(d_1 d_2^2)^{(k-1)/3}$. With k = 4 j + r and 1 ≤ r ≤ 4 the norm of $X^k$ is at most $d_4^{4 j} \lVert X^r \rVert$, so it is at most $f d_4^{k-1}$,
///
/// $$ f = \max(1, d_2^2 / (d_1 d_4), d_2^2 / d_4^2), $$
///
/// which for k > 2 m is at most the power k − 1 of $f^{1/2m} d_4$.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bounds {
    /// For every degree.
    any: f64,
    /// For degrees from 4 on, and from 8 on.
    higher: [f64; 2],
}

impl Bounds {
    /// From $\lVert X \rVert$, $\lVert X^2 \rVert$ and $\lVert \lvert X^2 \rvert^2 \rVert$.
    fn new(first: f64, second: f64, fourth: f64) -> Self {
        let (d1, d2, d4) = (first, second.sqrt(), fourth.sqrt().sqrt());
        let any = d1.min((d1 * d2 * d2).cbrt());
        if d4 == 0.0 {
            return Self { any, higher: [any; 2] };
        }
        let ratio = d2 / d4;
        let factor = (ratio * ratio).max(ratio * (d2 / d1)).max(1.0);
        let eighth = factor.sqrt().sqrt().sqrt();
        Self { any, higher: [d4 * eighth, d4 * eighth.sqrt()] }
    }

    /// The least degree for `scale` times X.
    fn degree(&self, table: &[f64], scale: f64) -> Option<usize> {
        let reached = |alpha: f64, least: usize| {
            let m = table.iter().position(|theta| alpha * scale <= *theta)? + 1;
            (least <= table.len()).then_some(m.max(least))
        };
        let degrees = [reached(self.any, 1), reached(self.higher[0], 4), reached(self.higher[1], 8)];
        degrees.into_iter().flatten().min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_hold_for_the_powers_of_a_matrix() {
        let x: Mat<f64> =
            Mat::from_fn(6, 6, |i, j| if i > j { 0.0 } else { ((3 * i + 5 * j) % 7) as f64 * 0.1 - 0.3 });
        let norm = |x: &Mat<f64>| crate::operator_norm_1(x.as_ref());
        let square = &x * &x;
        let moduli = Mat::from_fn(6, 6, |i, j| square[(i, j)].abs());
        let bounds = Bounds::new(norm(&x), norm(&square), norm(&(&moduli * &moduli)));
        let mut power = x.clone();
        for k in 2..40 {
            power = &power * &x;
            let ratio = norm(&power) / norm(&x);
            let holds = |bound: f64| ratio <= bound.powi(k - 1) * (1.0 + 1e-13);
            assert!(holds(bounds.any), "{k}");
            assert!(k <= 8 || holds(bounds.higher[0]), "{k}");
            assert!(k <= 16 || holds(bounds.higher[1]), "{k}");
        }
        // They are no idle ones.
        assert!(bounds.higher[1] < bounds.any && bounds.any < norm(&x));
    }

    #[test]
    fn degrees_by_hand() {
        let bounds = Bounds { any: 0.9, higher: [0.6, 0.4] };
        let table: Vec<f64> = (1..=12).map(|m| 0.05 * f64::from(m)).collect();
        assert_eq!(bounds.degree(&table, 1.0), Some(8));
        assert_eq!(bounds.degree(&table[..7], 1.0), None);
        assert_eq!(bounds.degree(&table, 0.5), Some(6));
        assert_eq!(Bounds { any: 0.01, ..bounds }.degree(&table, 1.0), Some(1));
        assert_eq!(Bounds { any: 0.9, higher: [0.1, 0.1] }.degree(&table, 1.0), Some(4));
    }
}
