//! Distances, maps and barycentres of Gaussians.

use faer::{Mat, mat};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use tangency_transport::{
    Gaussian, GaussianBarycentreOptions, GaussianBarycentreStatus, TransportError, gaussian_barycentre,
    gaussian_barycentre_with, wasserstein_1d_pow,
};

fn random_covariance(d: usize, rank: usize, rng: &mut Pcg64) -> Mat<f64> {
    let factor = Mat::from_fn(d, rank, |_, _| rng.random::<f64>() - 0.5);
    let product = &factor * factor.transpose();
    Mat::from_fn(d, d, |i, j| 0.5 * (product[(i, j)] + product[(j, i)]))
}

#[test]
fn the_check_of_the_literature() {
    let p = Gaussian::new(vec![0.0, 0.0], mat![[2.0, 0.5], [0.5, 1.0]]).unwrap();
    let q = Gaussian::new(vec![1.0, -2.0], mat![[1.0, -0.3], [-0.3, 3.0]]).unwrap();
    // With the five of the means; mpmath 1.3.0.
    assert!((p.distance_pow(&q).unwrap() - 5.929311854967777).abs() < 1e-14);
    assert!((p.distance(&q).unwrap().powi(2) - 5.929311854967777).abs() < 1e-14);
    let map = p.transport(&q).unwrap();
    assert!((map.matrix() * p.covariance() * map.matrix() - q.covariance()).norm_max() < 1e-14);
    assert_eq!(map.apply(p.mean()), q.mean());
}

#[test]
fn commuting_covariances_have_a_formula_and_singular_ones_no_exception() {
    let diagonal = |a: &[f64]| Mat::from_fn(a.len(), a.len(), |i, j| if i == j { a[i] } else { 0.0 });
    let (a, b) = ([4.0, 0.0, 9.0], [1.0, 16.0, 4.0]);
    // The same turned: all three directions mix.
    let (c, s) = (0.6, 0.8);
    let turn = mat![[c, -s, 0.0], [s * c, c * c, -s], [s * s, s * c, c]];
    for turn in [Mat::identity(3, 3), turn] {
        let turned = |of: &[f64]| {
            let product = &turn * diagonal(of) * turn.transpose();
            Mat::from_fn(3, 3, |i, j| 0.5 * (product[(i, j)] + product[(j, i)]))
        };
        let p = Gaussian::new(vec![0.0; 3], turned(&a)).unwrap();
        let q = Gaussian::new(vec![0.0; 3], turned(&b)).unwrap();
        assert!((p.distance_pow(&q).unwrap() - (1.0 + 16.0 + 1.0)).abs() < 1e-13);
        let middle = p.geodesic(&q, 0.25).unwrap();
        assert!((p.distance(&middle).unwrap() - 0.25 * 18.0_f64.sqrt()).abs() < 1e-7);
        assert!((middle.covariance() - turned(&[1.75 * 1.75, 1.0, 2.75 * 2.75])).norm_max() < 1e-13);
        let found = gaussian_barycentre(&[p.clone(), q.clone()], Some(&[3.0, 1.0])).unwrap();
        assert!((found.gaussian.covariance() - middle.covariance()).norm_max() < 1e-13);
        assert!(p.transport(&q).is_err());
        assert_eq!(p.distance(&p).unwrap(), 0.0);
    }
}

#[test]
fn the_barycentre_of_two_lies_on_their_geodesic() {
    let mut rng = Pcg64::seed_from_u64(4);
    for d in [1, 2, 5] {
        let gaussian = |rng: &mut Pcg64| {
            let mean = (0..d).map(|_| rng.random::<f64>()).collect();
            Gaussian::new(mean, random_covariance(d, d + 2, rng)).unwrap()
        };
        let (p, q) = (gaussian(&mut rng), gaussian(&mut rng));
        let found = gaussian_barycentre(&[p.clone(), q.clone()], Some(&[0.7, 0.3])).unwrap();
        assert_eq!(found.status, GaussianBarycentreStatus::Converged);
        let expected = p.geodesic(&q, 0.3).unwrap();
        assert!((found.gaussian.covariance() - expected.covariance()).norm_max() < 1e-12);
        let squared = p.distance_pow(&q).unwrap();
        assert!((found.objective - 0.21 * squared).abs() < 1e-12 * squared, "{}", found.objective);
    }
}

#[test]
fn no_neighbour_of_the_barycentre_is_better() {
    let mut rng = Pcg64::seed_from_u64(5);
    let d = 4;
    for rank in [2, 6] {
        let gaussians: Vec<Gaussian> = (0..5)
            .map(|_| Gaussian::new(vec![0.0; d], random_covariance(d, rank, &mut rng)).unwrap())
            .collect();
        let found = gaussian_barycentre(&gaussians, None).unwrap();
        // Of singular covariances the root goes on turning, by little, when the objective stands.
        assert!(
            found.residual < 1e-8 && (rank < d || found.status == GaussianBarycentreStatus::Converged),
            "{found:?}"
        );
        let objective =
            |g: &Gaussian| gaussians.iter().map(|h| 0.2 * g.distance_pow(h).unwrap()).sum::<f64>();
        assert!((objective(&found.gaussian) - found.objective).abs() < 1e-13);
        for _ in 0..30 {
            let step = random_covariance(d, d, &mut rng);
            let base = found.gaussian.covariance();
            let moved = |t: f64| {
                let turn = Mat::<f64>::identity(d, d) + faer::Scale(t) * &step;
                let product = &turn * base * turn.transpose();
                let sum = Mat::from_fn(d, d, |i, j| 0.5 * (product[(i, j)] + product[(j, i)]));
                objective(&Gaussian::new(vec![0.0; d], sum).unwrap())
            };
            assert!(moved(1e-3) > found.objective && moved(-1e-3) > found.objective);
        }
        let short = GaussianBarycentreOptions { max_iterations: 1, tolerance: 0.0 };
        let stopped = gaussian_barycentre_with(&gaussians, None, &short).unwrap();
        assert_eq!((stopped.status, stopped.iterations), (GaussianBarycentreStatus::MaxIterations, 1));
        assert!(stopped.objective >= found.objective);
    }
}

#[test]
fn the_distance_of_gaussians_bounds_that_of_samples_from_below() {
    let (x, y) = ([0.1, 2.0, -1.0, 0.7, 5.0], [1.0, 1.5, 3.0, -2.0, 0.0]);
    let fit = |of: &[f64]| Gaussian::of_sample(Mat::from_fn(of.len(), 1, |i, _| of[i]).as_ref()).unwrap();
    let bound = fit(&x).distance_pow(&fit(&y)).unwrap();
    let exact = wasserstein_1d_pow(&x, &y, 2.0).unwrap();
    assert!(bound <= exact && bound > 0.0, "{bound} {exact}");
    // Of a sample and the same sample moved and stretched it is the distance.
    let z = x.map(|x| 3.0 * x - 1.0);
    let exact = wasserstein_1d_pow(&x, &z, 2.0).unwrap();
    assert!((fit(&x).distance_pow(&fit(&z)).unwrap() - exact).abs() < 1e-13 * exact);
}

#[test]
fn bad_input_is_refused() {
    let good = || Gaussian::new(vec![0.0], mat![[1.0]]).unwrap();
    for (mean, covariance) in [
        (vec![0.0, 0.0], mat![[1.0]]),
        (vec![f64::NAN], mat![[1.0]]),
        (vec![0.0], mat![[-1.0]]),
        (vec![0.0], mat![[f64::INFINITY]]),
        (vec![0.0, 0.0], mat![[1.0, 0.5], [0.4, 1.0]]),
        (vec![0.0, 0.0], mat![[1.0, 2.0], [2.0, 1.0]]),
    ] {
        assert!(Gaussian::new(mean.clone(), covariance.clone()).is_err(), "{mean:?} {covariance:?}");
    }
    let plane = Gaussian::new(vec![0.0; 2], Mat::identity(2, 2)).unwrap();
    assert!(matches!(good().distance(&plane), Err(TransportError::Dimension { sources: 1, targets: 2 })));
    assert!(matches!(gaussian_barycentre(&[good(), plane], None), Err(TransportError::Dimension { .. })));
    assert!(matches!(gaussian_barycentre(&[], None), Err(TransportError::Empty { .. })));
    assert!(matches!(gaussian_barycentre(&[good()], Some(&[])), Err(TransportError::Length { .. })));
    assert!(matches!(gaussian_barycentre(&[good()], Some(&[0.0])), Err(TransportError::NoMass { .. })));
    assert!(matches!(gaussian_barycentre(&[good()], Some(&[-1.0])), Err(TransportError::Weight { .. })));
    assert!(good().geodesic(&good(), 1.5).is_err());
    assert!(Gaussian::of_sample(Mat::<f64>::zeros(0, 2).as_ref()).is_err());
    assert!(Gaussian::of_sample(mat![[f64::NAN]].as_ref()).is_err());
}
