//! Reading laws and divergences from the names of the reference tables.

use tangency_divergence::*;

/// A law from its family and parameters, as the reference tables write them.
pub(crate) fn law(text: &str) -> Law {
    let mut words = text.split_whitespace();
    let family = words.next().unwrap();
    let v: Vec<f64> = words.map(|word| word.parse().unwrap()).collect();
    match family {
        "normal" => Law::Normal { mean: v[0], standard_deviation: v[1] },
        "lognormal" => Law::LogNormal { location: v[0], scale: v[1] },
        "exponential" => Law::Exponential { rate: v[0] },
        "gamma" => Law::Gamma { shape: v[0], rate: v[1] },
        "inverse_gamma" => Law::InverseGamma { shape: v[0], rate: v[1] },
        "chi" => Law::Chi { freedom: v[0] },
        "beta" => Law::Beta { shape_a: v[0], shape_b: v[1] },
        "laplace" => Law::Laplace { location: v[0], scale: v[1] },
        "cauchy" => Law::Cauchy { location: v[0], scale: v[1] },
        "student" => Law::StudentsT { location: v[0], scale: v[1], freedom: v[2] },
        "weibull" => Law::Weibull { shape: v[0], scale: v[1] },
        "pareto" => Law::Pareto { scale: v[0], shape: v[1] },
        "gumbel" => Law::Gumbel { location: v[0], scale: v[1] },
        "levy" => Law::Levy { location: v[0], scale: v[1] },
        "uniform" => Law::Uniform { min: v[0], max: v[1] },
        "triangular" => Law::Triangular { min: v[0], max: v[1], mode: v[2] },
        "fisher" => Law::FisherSnedecor { freedom_1: v[0], freedom_2: v[1] },
        "dirac" => Law::Dirac { point: v[0] },
        "poisson" => Law::Poisson { rate: v[0] },
        "bernoulli" => Law::Bernoulli { probability: v[0] },
        "binomial" => Law::Binomial { trials: v[0] as u64, probability: v[1] },
        "geometric" => Law::Geometric { probability: v[0] },
        "negative_binomial" => Law::NegativeBinomial { successes: v[0], probability: v[1] },
        "hypergeometric" => {
            Law::Hypergeometric { population: v[0] as u64, successes: v[1] as u64, draws: v[2] as u64 }
        }
        "discrete_uniform" => Law::DiscreteUniform { min: v[0] as i64, max: v[1] as i64 },
        "categorical" => Law::Categorical { probabilities: v },
        "dirichlet" => Law::Dirichlet { concentration: v },
        "mvn" => {
            let d = v[0] as usize;
            let covariance = faer::Mat::from_fn(d, d, |row, column| v[1 + d + row * d + column]);
            Law::MultivariateNormal { mean: v[1..=d].to_vec(), covariance }
        }
        _ => panic!("no family {family}"),
    }
}

/// A divergence from its name, or from the one that the reference tables write.
pub(crate) fn divergence(name: &str) -> Box<dyn FDivergence> {
    if let Some(f) = generators().into_iter().find(|f| f.name() == name) {
        return f;
    }
    match name {
        "kl" => Box::new(KullbackLeibler),
        "reverse" => Box::new(ReverseKullbackLeibler),
        "jeffreys" => Box::new(Jeffreys),
        "pearson" => Box::new(PearsonChiSquared),
        "neyman" => Box::new(NeymanChiSquared),
        "hellinger" => Box::new(SquaredHellinger::half()),
        "tv" => Box::new(TotalVariation),
        "jsd" => Box::new(JensenShannon::half()),
        "js0.3" => Box::new(JensenShannon::weighted(0.3).unwrap()),
        "lecam" => Box::new(LeCam),
        "hockey2" => Box::new(HockeyStick::new(2.0).unwrap()),
        _ => {
            let order = name.strip_prefix("alpha").unwrap().trim_matches(['(', ')']);
            Box::new(Alpha::new(order.parse().unwrap()).unwrap())
        }
    }
}

/// A generator whose integral is not told: everything goes through its methods.
#[derive(Debug)]
pub(crate) struct Opaque<'f>(pub(crate) &'f dyn FDivergence);

impl FDivergence for Opaque<'_> {
    fn name(&self) -> std::borrow::Cow<'static, str> {
        self.0.name()
    }
    fn formula(&self) -> std::borrow::Cow<'static, str> {
        self.0.formula()
    }
    fn generator(&self, u: f64) -> f64 {
        self.0.generator(u)
    }
    fn generator_of_log_ratio(&self, r: f64) -> f64 {
        self.0.generator_of_log_ratio(r)
    }
    fn nonnegative_of_log_ratio(&self, r: f64) -> f64 {
        self.0.nonnegative_of_log_ratio(r)
    }
    fn derivative(&self, u: f64) -> f64 {
        self.0.derivative(u)
    }
    fn second_derivative(&self, u: f64) -> f64 {
        self.0.second_derivative(u)
    }
    fn conjugate(&self, t: f64) -> f64 {
        self.0.conjugate(t)
    }
    fn conjugate_derivative(&self, t: f64) -> f64 {
        self.0.conjugate_derivative(t)
    }
    fn is_domain_closed(&self) -> bool {
        self.0.is_domain_closed()
    }
    fn at_zero(&self) -> f64 {
        self.0.at_zero()
    }
    fn slope_at_infinity(&self) -> f64 {
        self.0.slope_at_infinity()
    }
    fn at_one(&self) -> f64 {
        self.0.at_one()
    }
    fn is_smooth(&self) -> bool {
        self.0.is_smooth()
    }
    fn critic(&self, v: f64) -> f64 {
        self.0.critic(v)
    }
    fn conjugate_of_critic(&self, v: f64) -> f64 {
        self.0.conjugate_of_critic(v)
    }
    fn critic_derivative(&self, v: f64) -> f64 {
        self.0.critic_derivative(v)
    }
    fn classical_activation(&self, v: f64) -> f64 {
        self.0.classical_activation(v)
    }
    fn classical_activation_derivative(&self, v: f64) -> f64 {
        self.0.classical_activation_derivative(v)
    }
}
