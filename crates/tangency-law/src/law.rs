//! The named distributions, and what their parameters mean.

use faer::Mat;

/// A named distribution: a family and its parameters.
///
/// Every distribution of `statrs` but the empirical one, and those that need its feature `nalgebra`, converts into a law with
/// `Law::from`, so that functions which take `impl Into<Law>` accept it as it is. A law can also be written down directly; its
/// parameters are checked where it is used, by [`validate`](Self::validate). The names and the parameters are those of `statrs`,
/// with one exception: an Erlang or χ² distribution is a [`Gamma`](Self::Gamma).
///
/// A law is a value that is compared by its parameters: $\Gamma(1, \lambda)$ and the exponential law of rate λ are not equal.
///
/// # Example: from statrs, and directly
///
/// ```
/// use statrs::distribution::Erlang;
/// use tangency_law::Law;
///
/// assert_eq!(Law::from(Erlang::new(3, 0.5)?), Law::Gamma { shape: 3.0, rate: 0.5 });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Law {
    /// All mass in one point of the line.
    Dirac {
        /// The point.
        point: f64,
    },
    /// $\exp(-(x - \mu)^2 / 2 \sigma^2) / (\sigma \sqrt{2\pi})$ on the real line.
    Normal {
        /// μ.
        mean: f64,
        /// σ > 0, not its square.
        standard_deviation: f64,
    },
    /// The exponential of a normal variable.
    LogNormal {
        /// The mean of ln x.
        location: f64,
        /// The standard deviation of ln x, positive.
        scale: f64,
    },
    /// $\lambda e^{-\lambda x}$ for $x \ge 0$.
    Exponential {
        /// λ > 0, the inverse of the mean.
        rate: f64,
    },
    /// $\beta^a x^{a - 1} e^{-\beta x} / \Gamma(a)$ for $x \ge 0$.
    Gamma {
        /// a > 0.
        shape: f64,
        /// β > 0; others give the scale 1/β.
        rate: f64,
    },
    /// The inverse of a gamma variable: $\beta^a x^{-a - 1} e^{-\beta / x} / \Gamma(a)$ for $x > 0$.
    InverseGamma {
        /// a > 0.
        shape: f64,
        /// β > 0, which others call the scale.
        rate: f64,
    },
    /// The square root of a χ² variable.
    Chi {
        /// Degrees of freedom, positive.
        freedom: f64,
    },
    /// $x^{a - 1} (1 - x)^{b - 1} / B(a, b)$ on $\lbrack 0, 1 \rbrack$.
    Beta {
        /// a > 0.
        shape_a: f64,
        /// b > 0.
        shape_b: f64,
    },
    /// $e^{-\vert x - \mu \vert / b} / 2b$ on the real line.
    Laplace {
        /// μ.
        location: f64,
        /// b > 0.
        scale: f64,
    },
    /// $\gamma / (\pi ((x - \mu)^2 + \gamma^2))$ on the real line.
    Cauchy {
        /// μ, the median.
        location: f64,
        /// γ > 0, half the distance of the quartiles.
        scale: f64,
    },
    /// Student's distribution, moved and stretched.
    StudentsT {
        /// The median.
        location: f64,
        /// The factor of the standard variable, positive.
        scale: f64,
        /// Degrees of freedom, positive.
        freedom: f64,
    },
    /// $k \lambda^{-k} x^{k - 1} e^{-(x / \lambda)^k}$ for $x \ge 0$.
    Weibull {
        /// k > 0.
        shape: f64,
        /// λ > 0.
        scale: f64,
    },
    /// $a s^a x^{-a - 1}$ for $x \ge s$.
    Pareto {
        /// s > 0, where the support begins.
        scale: f64,
        /// a > 0.
        shape: f64,
    },
    /// The largest of many: $e^{-z - e^{-z}} / \beta$ with $z = (x - \mu) / \beta$, on the real line.
    Gumbel {
        /// μ, the mode.
        location: f64,
        /// β > 0.
        scale: f64,
    },
    /// $\sqrt{c / 2\pi} (x - \mu)^{-3/2} e^{-c / 2 (x - \mu)}$ for $x > \mu$.
    Levy {
        /// μ, where the support begins.
        location: f64,
        /// c > 0.
        scale: f64,
    },
    /// Uniform on an interval.
    Uniform {
        /// Lower end.
        min: f64,
        /// Upper end.
        max: f64,
    },
    /// A density that rises in a line from `min` to `mode` and falls in a line to `max`.
    Triangular {
        /// Lower end.
        min: f64,
        /// Upper end.
        max: f64,
        /// The summit, which may be one of the ends.
        mode: f64,
    },
    /// The quotient of two χ² variables, each divided by its degrees of freedom.
    FisherSnedecor {
        /// Degrees of freedom of the numerator, positive.
        freedom_1: f64,
        /// Degrees of freedom of the denominator, positive.
        freedom_2: f64,
    },
    /// $\lambda^k e^{-\lambda} / k!$ on 0, 1, 2, ...
    Poisson {
        /// λ > 0.
        rate: f64,
    },
    /// 1 with probability p, else 0.
    Bernoulli {
        /// p, from 0 to 1.
        probability: f64,
    },
    /// Successes in n trials.
    Binomial {
        /// n.
        trials: u64,
        /// p, from 0 to 1.
        probability: f64,
    },
    /// Trials up to and with the first success: $p (1 - p)^{k - 1}$ on 1, 2, 3, ...; others count the failures alone.
    Geometric {
        /// p, above 0 and up to 1.
        probability: f64,
    },
    /// Failures before success number r: $\Gamma(r + k) p^r (1 - p)^k / (\Gamma(r) k!)$ on 0, 1, 2, ...
    NegativeBinomial {
        /// r > 0, not necessarily whole.
        successes: f64,
        /// p, the probability of a success, above 0 and up to 1.
        probability: f64,
    },
    /// Successes among draws without replacement.
    Hypergeometric {
        /// Size of the population.
        population: u64,
        /// Successes in the population.
        successes: u64,
        /// Size of the draw.
        draws: u64,
    },
    /// Uniform on the integers from `min` to `max`, both included.
    DiscreteUniform {
        /// The least integer.
        min: i64,
        /// The greatest integer.
        max: i64,
    },
    /// The integers 0, 1, ... with given probabilities.
    Categorical {
        /// One for each integer, summing to 1 within 1e-12 for each entry; divided by their sum before use.
        probabilities: Vec<f64>,
    },
    /// The normal distribution in d dimensions.
    MultivariateNormal {
        /// d numbers.
        mean: Vec<f64>,
        /// d × d, symmetric and positive definite; the lower triangle is read.
        covariance: Mat<f64>,
    },
    /// $\prod_i x_i^{a_i - 1} / B(a)$ on the simplex.
    Dirichlet {
        /// The $a_i$, positive, at least two.
        concentration: Vec<f64>,
    },
}

impl Law {
    /// The name of the family.
    pub fn family(&self) -> &'static str {
        match self {
            Self::Dirac { .. } => "Dirac",
            Self::Normal { .. } => "normal",
            Self::LogNormal { .. } => "log-normal",
            Self::Exponential { .. } => "exponential",
            Self::Gamma { .. } => "gamma",
            Self::InverseGamma { .. } => "inverse gamma",
            Self::Chi { .. } => "chi",
            Self::Beta { .. } => "beta",
            Self::Laplace { .. } => "Laplace",
            Self::Cauchy { .. } => "Cauchy",
            Self::StudentsT { .. } => "Student's t",
            Self::Weibull { .. } => "Weibull",
            Self::Pareto { .. } => "Pareto",
            Self::Gumbel { .. } => "Gumbel",
            Self::Levy { .. } => "Lévy",
            Self::Uniform { .. } => "uniform",
            Self::Triangular { .. } => "triangular",
            Self::FisherSnedecor { .. } => "Fisher-Snedecor",
            Self::Poisson { .. } => "Poisson",
            Self::Bernoulli { .. } => "Bernoulli",
            Self::Binomial { .. } => "binomial",
            Self::Geometric { .. } => "geometric",
            Self::NegativeBinomial { .. } => "negative binomial",
            Self::Hypergeometric { .. } => "hypergeometric",
            Self::DiscreteUniform { .. } => "discrete uniform",
            Self::Categorical { .. } => "categorical",
            Self::MultivariateNormal { .. } => "multivariate normal",
            Self::Dirichlet { .. } => "Dirichlet",
        }
    }
}
