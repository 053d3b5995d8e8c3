//! The bits do not depend on the number of threads.

use crate::entropic_support::{generator, uniform, weights};
use std::ops::ControlFlow;
use tangency_transport::{Cost, Metric, SinkhornOptions, sinkhorn_with};

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let mut rng = generator(21);
    let (x, y) = (uniform(301, 2, &mut rng), uniform(277, 2, &mut rng));
    let (a, b) = (weights(301, &mut rng), weights(277, &mut rng));
    let points = Cost::points(x.as_ref(), y.as_ref(), Metric::SquaredEuclidean);
    let matrix = points.to_matrix().unwrap();
    for cost in [points, matrix.as_ref().into()] {
        let solve = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let options = SinkhornOptions { max_iterations: 200, ..SinkhornOptions::default() };
            pool.install(|| {
                sinkhorn_with(&a, &b, cost, 0.003, &options, |_| ControlFlow::Continue(())).unwrap()
            })
        };
        let one = solve(1);
        for threads in [2, 3, 5] {
            assert_eq!(one, solve(threads));
        }
    }
}
