//! Conversions from the distributions of statrs.

use crate::Law;
use statrs::distribution as d;
use statrs::distribution::Discrete;
use statrs::statistics::{Distribution, Max, Mode};

impl From<d::Normal> for Law {
    fn from(law: d::Normal) -> Self {
        // statrs returns options because other distributions have no moments; the normal one has both.
        let mean = law.mean().unwrap_or(f64::NAN);
        Self::Normal { mean, standard_deviation: law.std_dev().unwrap_or(f64::NAN) }
    }
}

impl From<d::LogNormal> for Law {
    fn from(law: d::LogNormal) -> Self {
        Self::LogNormal { location: law.location(), scale: law.scale() }
    }
}

impl From<d::Exp> for Law {
    fn from(law: d::Exp) -> Self {
        Self::Exponential { rate: law.rate() }
    }
}

impl From<d::Gamma> for Law {
    fn from(law: d::Gamma) -> Self {
        Self::Gamma { shape: law.shape(), rate: law.rate() }
    }
}

impl From<d::Erlang> for Law {
    fn from(law: d::Erlang) -> Self {
        Self::Gamma { shape: law.shape() as f64, rate: law.rate() }
    }
}

impl From<d::ChiSquared> for Law {
    fn from(law: d::ChiSquared) -> Self {
        Self::Gamma { shape: law.shape(), rate: law.rate() }
    }
}

impl From<d::InverseGamma> for Law {
    fn from(law: d::InverseGamma) -> Self {
        Self::InverseGamma { shape: law.shape(), rate: law.rate() }
    }
}

impl From<d::Chi> for Law {
    fn from(law: d::Chi) -> Self {
        Self::Chi { freedom: law.freedom() as f64 }
    }
}

impl From<d::Beta> for Law {
    fn from(law: d::Beta) -> Self {
        Self::Beta { shape_a: law.shape_a(), shape_b: law.shape_b() }
    }
}

impl From<d::Laplace> for Law {
    fn from(law: d::Laplace) -> Self {
        Self::Laplace { location: law.location(), scale: law.scale() }
    }
}

impl From<d::Cauchy> for Law {
    fn from(law: d::Cauchy) -> Self {
        Self::Cauchy { location: law.location(), scale: law.scale() }
    }
}

impl From<d::StudentsT> for Law {
    fn from(law: d::StudentsT) -> Self {
        Self::StudentsT { location: law.location(), scale: law.scale(), freedom: law.freedom() }
    }
}

impl From<d::Weibull> for Law {
    fn from(law: d::Weibull) -> Self {
        Self::Weibull { shape: law.shape(), scale: law.scale() }
    }
}

impl From<d::Pareto> for Law {
    fn from(law: d::Pareto) -> Self {
        Self::Pareto { scale: law.scale(), shape: law.shape() }
    }
}

impl From<d::Gumbel> for Law {
    fn from(law: d::Gumbel) -> Self {
        Self::Gumbel { location: law.location(), scale: law.scale() }
    }
}

impl From<d::Levy> for Law {
    fn from(law: d::Levy) -> Self {
        Self::Levy { location: law.mu(), scale: law.c() }
    }
}

impl From<d::Uniform> for Law {
    fn from(law: d::Uniform) -> Self {
        Self::Uniform { min: law.min(), max: law.max() }
    }
}

impl From<d::Triangular> for Law {
    fn from(law: d::Triangular) -> Self {
        Self::Triangular { min: law.min(), max: law.max(), mode: law.mode().unwrap_or(f64::NAN) }
    }
}

impl From<d::FisherSnedecor> for Law {
    fn from(law: d::FisherSnedecor) -> Self {
        Self::FisherSnedecor { freedom_1: law.freedom_1(), freedom_2: law.freedom_2() }
    }
}

impl From<d::Poisson> for Law {
    fn from(law: d::Poisson) -> Self {
        Self::Poisson { rate: law.lambda() }
    }
}

impl From<d::Bernoulli> for Law {
    fn from(law: d::Bernoulli) -> Self {
        Self::Bernoulli { probability: law.p() }
    }
}

impl From<d::Binomial> for Law {
    fn from(law: d::Binomial) -> Self {
        Self::Binomial { trials: law.n(), probability: law.p() }
    }
}

impl From<d::Geometric> for Law {
    fn from(law: d::Geometric) -> Self {
        Self::Geometric { probability: law.p() }
    }
}

impl From<d::NegativeBinomial> for Law {
    fn from(law: d::NegativeBinomial) -> Self {
        Self::NegativeBinomial { successes: law.r(), probability: law.p() }
    }
}

impl From<d::Hypergeometric> for Law {
    fn from(law: d::Hypergeometric) -> Self {
        Self::Hypergeometric { population: law.population(), successes: law.successes(), draws: law.draws() }
    }
}

impl From<d::DiscreteUniform> for Law {
    fn from(law: d::DiscreteUniform) -> Self {
        Self::DiscreteUniform { min: law.min(), max: law.max() }
    }
}

impl From<d::Categorical> for Law {
    fn from(law: d::Categorical) -> Self {
        Self::Categorical { probabilities: (0..=law.max()).map(|index| law.pmf(index)).collect() }
    }
}

impl From<d::Dirac> for Law {
    fn from(law: d::Dirac) -> Self {
        Self::Dirac { point: law.v() }
    }
}
