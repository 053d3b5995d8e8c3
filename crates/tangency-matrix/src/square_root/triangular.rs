//! The principal square root of a quasi-triangular matrix.

use crate::MatrixError;
use crate::norm::operator_norm_1;
use crate::parallel::join;
use crate::quasi_triangular::{
    Block, DiagonalRoot, Equation, GROUP, Group, LEAF, RootMemory, Scratch, block, load, middle, noise,
    pair_imaginary, starts_pair, store, substitute, sylvester,
};
use crate::scalar::{RealScalar, Scalar};
use faer::MatMut;
use faer::prelude::{Reborrow, ReborrowMut};
use tangency_vmath::Kernel;

/// $T^{1/2}$ in place of the upper quasi-triangular $T$; what is below its blocks is neither read nor written.
///
/// By diagonals where they suit the matrix. Otherwise, with many single eigenvalues beside pairs, with zero or extreme ones, or for
/// large orders, the halves of the diagonal are rooted first; the block between them is the solution of a Sylvester equation:
///
/// $$ R_{11} R_{12} + R_{12} R_{22} = T_{12}. $$
///
/// A third of n³ multiplications and additions, most of them in products. Blocks of order 2 must have equal diagonal entries and
/// off-diagonal entries of opposite signs. `index` is where the block lies in the matrix that errors speak of.
///
/// E. Deadman, N. J. Higham and R. Ralha, *Blocked Schur algorithms for computing the matrix square root*, PARA 2012,
/// LNCS 7782 (2013), Algorithm 3.2 (recursion); N. J. Higham, *Computing real square roots of a real matrix*, LAA 88 (1987),
/// (3.3) (the blocks).
pub(crate) fn root_in_place<T: Scalar>(
    t: MatMut<'_, T>,
    scratch: &mut Scratch<T>,
) -> Result<(), MatrixError> {
    let RootMemory { layout, places, x } = &mut scratch.diagonals;
    if layout.fit(t.rb()) {
        layout.load(t.rb(), T::RealPart::ONE, x);
        if T::diagonal_root(DiagonalRoot { x, layout, places })? {
            layout.store(x, [T::RealPart::ONE; 2], t);
            return Ok(());
        }
    }
    let negligible = noise::<T>(t.nrows(), operator_norm_1(t.rb()));
    recurse(t, 0, negligible, scratch)
}

/// Least order of which the two halves are worth two threads.
const PARALLEL: usize = 128;

fn recurse<T: Scalar>(
    mut t: MatMut<'_, T>,
    index: usize,
    negligible: T::RealPart,
    scratch: &mut Scratch<T>,
) -> Result<(), MatrixError> {
    let n = t.nrows();
    if n <= LEAF {
        let [copy, ..] = scratch.copies();
        load(copy, t.rb());
        T::small_root(&mut copy[..n * n], n, index, negligible.to_f64())?;
        store(t.rb_mut(), &copy[..n * n]);
        return Ok(());
    }
    let k = middle(t.rb());
    let (mut t11, t12, _, mut t22) = t.split_at_mut(k, k);
    if n >= PARALLEL {
        let (first, second) = join(
            || recurse(t11.rb_mut(), index, negligible, scratch),
            || recurse(t22.rb_mut(), index + k, negligible, &mut Scratch::new(LEAF)),
        );
        first?;
        second?;
    } else {
        recurse(t11.rb_mut(), index, negligible, scratch)?;
        recurse(t22.rb_mut(), index + k, negligible, scratch)?;
    }
    sylvester(t11.rb(), t22.rb(), t12, negligible, scratch)
        .map_err(|meeting| no_root::<T>(T::ZERO.to_complex(), index + meeting.row))
}

/// The kernel: one column of blocks after the other.
pub(crate) struct SmallRoot<'a, T> {
    pub(crate) t: &'a mut [T],
    pub(crate) n: usize,
    pub(crate) index: usize,
    pub(crate) negligible: f64,
}

impl<T: Scalar> Kernel for SmallRoot<'_, T> {
    type Output = Result<(), MatrixError>;

    /// The columns in groups: the root of what a group has on the diagonal, then the equation for all that is above it.
    #[inline(always)]
    fn run<const FMA: bool>(self) -> Self::Output {
        let Self { t, n, index, negligible } = self;
        let no_root = |(row, _): (usize, usize)| no_root::<T>(T::ZERO.to_complex(), index + row);
        let mut mu = [T::RealPart::ZERO; LEAF];
        let mut start = 0;
        while start < n {
            let width = Group::new(t, n, start, GROUP).width;
            let mut j = start;
            while j < start + width {
                let size = 1 + usize::from(starts_pair(t, n, n, j));
                if size == 1 {
                    t[j * n + j] = principal_root(t[j * n + j], index + j)?;
                } else {
                    let root = pair_root(&block(t, n, (j, 2), (j, 2)));
                    for q in 0..2 {
                        t[(j + q) * n + j] = root[0][q];
                        t[(j + q) * n + j + 1] = root[1][q];
                        mu[j + q] = pair_imaginary(&root);
                    }
                }
                let group = Group::new(t, n, j, size);
                let (rooted, columns) = t.split_at_mut(j * n);
                let (rooted, x) = (&rooted[(start * n + start).min(j * n)..], &mut columns[start..]);
                let step = Equation { a: (rooted, n), mu: &mu[start..], group: &group, negligible };
                substitute::<T, FMA>((rooted, n), (x, n, size), j - start, &step)
                    .map_err(|(row, column)| no_root((start + row, column)))?;
                j += size;
            }
            let group = Group::new(t, n, start, GROUP);
            let (rooted, x) = t.split_at_mut(start * n);
            let step = Equation { a: (rooted, n), mu: &mu, group: &group, negligible };
            substitute::<T, FMA>((rooted, n), (x, n, width), start, &step).map_err(no_root)?;
            start += width;
        }
        Ok(())
    }
}

/// The root with argument in (−π/2, π/2]: the negative axis is the limit from above, whatever the sign of a zero.
pub(crate) fn principal_root<T: Scalar>(x: T, index: usize) -> Result<T, MatrixError> {
    if x.im() == T::RealPart::ZERO && x.re() < T::RealPart::ZERO {
        let root = T::from_complex(T::RealPart::ZERO.complex(Scalar::sqrt(-x.re())));
        // A real type has dropped the imaginary root.
        return if root == T::ZERO { Err(no_root::<T>(x.to_complex(), index)) } else { Ok(root) };
    }
    Ok(Scalar::sqrt(x))
}

fn no_root<T: Scalar>(eigenvalue: T::Complex, index: usize) -> MatrixError {
    let real = eigenvalue.re().to_f64();
    MatrixError::NoPrincipalValue {
        function: "the square root",
        wanted: if real < 0.0 { "real" } else { "finite" },
        real,
        imaginary: eigenvalue.im().to_f64(),
        index,
    }
}

/// The root of a real block with eigenvalues $a \pm i \mu$: for $(\alpha + i \beta)^2 = a + i \mu$ it is
/// $\alpha I + (\beta / \mu) (T - a I)$, and $\beta / \mu = 1 / (2 \alpha)$.
pub(crate) fn pair_root<T: Scalar>(t: &Block<T>) -> Block<T> {
    let mu = pair_imaginary(t);
    let alpha = Scalar::sqrt(t[0][0].re().complex(mu)).re();
    let divisor = T::from_real(alpha + alpha);
    let alpha = T::from_real(alpha);
    [[alpha, t[0][1] / divisor], [t[1][0] / divisor, alpha]]
}
