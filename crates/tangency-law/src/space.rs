//! Where a law lives.

use crate::Law;

/// Where a law lives, and whether it has a density there.
///
/// A law on atoms and a law with a density are mutually singular: a set of single points has all mass of the one and none of the
/// other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Space {
    /// The real line or an interval of it, with a density.
    Line,
    /// Single points of the line, each with a mass: integers, or the one point of a [`Dirac`](Law::Dirac), whatever it is.
    Atoms,
    /// The given number of dimensions, with a density.
    Vectors(usize),
    /// The simplex of vectors with the given number of components, which sum to one, with a density.
    Simplex(usize),
}

impl Law {
    /// Where the law lives.
    pub fn space(&self) -> Space {
        match self {
            Self::Dirac { .. }
            | Self::Poisson { .. }
            | Self::Bernoulli { .. }
            | Self::Binomial { .. }
            | Self::Geometric { .. }
            | Self::NegativeBinomial { .. }
            | Self::Hypergeometric { .. }
            | Self::DiscreteUniform { .. }
            | Self::Categorical { .. } => Space::Atoms,
            Self::MultivariateNormal { mean, .. } => Space::Vectors(mean.len()),
            Self::Dirichlet { concentration } => Space::Simplex(concentration.len()),
            _ => Space::Line,
        }
    }

    /// Whether all mass lies in single points, so that there is a mass function and no density.
    pub fn is_discrete(&self) -> bool {
        self.space() == Space::Atoms
    }

    /// How many numbers a draw consists of: 1 on the line and on the integers, d for vectors, and the number of components on
    /// the simplex.
    ///
    /// # Example: three components
    ///
    /// ```
    /// use tangency_law::{Law, Space};
    ///
    /// let law = Law::Dirichlet { concentration: vec![0.5, 1.0, 2.0] };
    /// assert_eq!((law.dimension(), law.space(), law.is_discrete()), (3, Space::Simplex(3), false));
    /// assert!(Law::Poisson { rate: 2.0 }.is_discrete());
    /// ```
    pub fn dimension(&self) -> usize {
        match self.space() {
            Space::Line | Space::Atoms => 1,
            Space::Vectors(dimension) | Space::Simplex(dimension) => dimension,
        }
    }
}
