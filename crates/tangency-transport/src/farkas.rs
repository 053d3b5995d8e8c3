//! The proof that no plan exists.

use crate::sum::Sum;

/// Potentials that no plan could survive.
///
/// By Farkas' lemma the system $\sum_j \Gamma_{ij} = a_i$, $\sum_i \Gamma_{ij} = b_j$, $\Gamma \ge 0$ over some arcs has no
/// solution exactly if there are $f, g$ with
///
/// $$ f_i + g_j \le 0 \quad \text{on every arc}, \qquad \sum_i a_i f_i + \sum_j b_j g_j > 0 : $$
///
/// a plan would make the second sum equal to $\sum \Gamma_{ij} (f_i + g_j) \le 0$. The numbers of this vector are whole, so both
/// inequalities can be checked without rounding of the potentials.
///
/// # Example: a target that nobody reaches
///
/// ```
/// use tangency_transport::{Arcs, TransportError, exact};
///
/// let (a, b) = ([0.5, 0.5], [0.25, 0.75]);
/// let arcs = Arcs::new(2, 2, [(0, 0, 1.0), (1, 0, 1.0), (1, 1, 1.0)])?;
/// let Err(TransportError::Unreachable { unreachable, farkas, .. }) = exact(&a, &b, &arcs) else { panic!() };
/// assert_eq!(unreachable, 0.25);
/// assert!(farkas.excess(&a, &b) > 0.0);
/// for (i, j) in [(0, 0), (1, 0), (1, 1)] {
///     assert!(farkas.source[i] + farkas.target[j] <= 0.0);
/// }
/// # Ok::<(), TransportError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct FarkasVector {
    /// $f_i$, one for each source.
    pub source: Vec<f64>,
    /// $g_j$, one for each target.
    pub target: Vec<f64>,
}

impl FarkasVector {
    /// For masses that differ: 1 on the side with more, −1 on the other.
    pub(crate) fn of_masses(sources: usize, targets: usize, sources_have_more: bool) -> Self {
        let sign = if sources_have_more { 1.0 } else { -1.0 };
        Self { source: vec![sign; sources], target: vec![-sign; targets] }
    }

    /// $\sum_i a_i f_i + \sum_j b_j g_j$ by compensated summation: positive for the weights that the vector refutes. Weights that
    /// are missing count as zero.
    pub fn excess(&self, a: &[f64], b: &[f64]) -> f64 {
        let mut sum = Sum::default();
        for (w, f) in a.iter().zip(&self.source).chain(b.iter().zip(&self.target)) {
            sum.add_product(*w, *f);
        }
        sum.value()
    }
}
