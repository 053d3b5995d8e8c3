//! Where laws live.

use tangency_law::{Law, Space};

#[test]
fn every_family_has_a_name_and_a_space() {
    let plane = Law::MultivariateNormal { mean: vec![0.0; 2], covariance: faer::Mat::identity(2, 2) };
    for (law, name, space, dimension) in [
        (Law::Normal { mean: 0.0, standard_deviation: 1.0 }, "normal", Space::Line, 1),
        (Law::Beta { shape_a: 1.0, shape_b: 2.0 }, "beta", Space::Line, 1),
        (Law::Poisson { rate: 1.0 }, "Poisson", Space::Atoms, 1),
        (Law::Categorical { probabilities: vec![0.5; 2] }, "categorical", Space::Atoms, 1),
        (Law::Dirac { point: 0.3 }, "Dirac", Space::Atoms, 1),
        (plane, "multivariate normal", Space::Vectors(2), 2),
        (Law::Dirichlet { concentration: vec![1.0; 4] }, "Dirichlet", Space::Simplex(4), 4),
    ] {
        assert_eq!((law.family(), law.space(), law.dimension()), (name, space, dimension));
        assert_eq!(law.is_discrete(), space == Space::Atoms);
    }
}
