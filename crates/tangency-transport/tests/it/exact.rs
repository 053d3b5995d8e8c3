//! Plans and potentials of the linear programme, checked by what must hold of any optimum.

use crate::instances::{Stream, distances, normalised, points, weights};
use faer::Mat;
use tangency_transport::{
    Cost, CostStorage, ExactOptions, Metric, Transport, TransportStatus, exact, exact_with, verify,
};

/// Strong duality to 1e-12 of the scale, f + g ≤ c to four units in the last place, margins to rounding, complementary slackness,
/// few arcs, the interval around both values; and the certificate is the one that `verify` finds again.
pub(crate) fn check(a: &[f64], b: &[f64], cost: &Mat<f64>, found: &Transport) {
    let (n, m) = (a.len(), b.len());
    let mass: f64 = a.iter().sum();
    let scale =
        (0..n).flat_map(|i| (0..m).map(move |j| (i, j))).fold(0.0, |most: f64, ij| most.max(cost[ij].abs()));
    assert_eq!(found.status, TransportStatus::Optimal);
    let certificate = found.certificate;
    assert!((certificate.primal - certificate.dual).abs() <= 1e-12 * scale * mass, "{certificate:?}");
    assert!(
        certificate.lower <= certificate.primal && certificate.primal <= certificate.upper,
        "{certificate:?}"
    );
    assert!(
        certificate.lower <= certificate.dual + certificate.gap_error
            && certificate.dual <= certificate.upper + certificate.gap_error
    );
    assert!(certificate.upper - certificate.lower <= 1e-12 * scale * mass, "{certificate:?}");
    let (f, g) = (&found.source_potentials, &found.target_potentials);
    for i in 0..n {
        for j in 0..m {
            let size = f[i].abs().max(g[j].abs()).max(cost[(i, j)].abs());
            assert!(f[i] + g[j] - cost[(i, j)] <= 4.0 * f64::EPSILON * size, "{i} {j}");
        }
    }
    let potential = f.iter().chain(g).fold(scale, |most: f64, x| most.max(x.abs()));
    let mut sent = vec![0.0; n];
    let mut received = vec![0.0; m];
    for shipment in found.plan.shipments() {
        let (i, j) = (shipment.source, shipment.target);
        assert!(shipment.mass > 0.0);
        sent[i] += shipment.mass;
        received[j] += shipment.mass;
        assert!((f[i] + g[j] - cost[(i, j)]).abs() <= 1e-13 * potential, "mass goes where there is room");
    }
    for (sum, w) in sent.iter().zip(a).chain(received.iter().zip(b)) {
        assert!((sum - w).abs() <= 1e-14 * w + 4e-18 * mass, "{sum} {w}");
    }
    assert!(found.plan.shipments().len() < n + m);
    assert_eq!(verify(a, b, cost, &found.plan, f, g).unwrap(), certificate);
}

#[test]
fn hundreds_of_problems_are_optimal() {
    for seed in 0..300_u64 {
        let mut stream = Stream(seed);
        let (n, m) = (1 + (stream.uniform() * 40.0) as usize, 1 + (stream.uniform() * 40.0) as usize);
        let kinds = ["equal", "general", "zeros", "heavy", "whole"];
        let mut a = weights(kinds[seed as usize % 5], n, &mut stream);
        let mut b = weights(kinds[(seed as usize / 5) % 5], m, &mut stream);
        a[n / 2] += 0.5;
        b[0] += 0.5;
        let (a, b) = (normalised(a), normalised(b));
        let kind = seed % 7;
        let all: Vec<f64> = (0..n * m)
            .map(|_| match kind {
                0 => stream.uniform(),
                1 => (stream.uniform() * 3.0).floor(),
                2 => stream.bell() - 1.0,
                3 => 1e6 + stream.uniform(),
                4 => 1.0 / (stream.uniform() + 1e-3),
                5 => 7.0,
                _ => stream.bell().exp(),
            })
            .collect();
        let cost = Mat::from_fn(n, m, |i, j| all[i * m + j]);
        check(&a, &b, &cost, &exact(&a, &b, &cost).unwrap());
    }
}

#[test]
fn every_way_to_give_the_costs_finds_the_same_value() {
    let mut stream = Stream(11);
    for d in [1, 2, 3, 7] {
        let (n, m) = (70, 53);
        let (x, y) = (points(n, d, 1.0, 0.0, &mut stream), points(m, d, 1.3, 0.4, &mut stream));
        let a = normalised(weights("general", n, &mut stream));
        let b = normalised(weights("zeros", m, &mut stream));
        for (metric, name) in [
            (Metric::SquaredEuclidean, "squared"),
            (Metric::Euclidean, "euclidean"),
            (Metric::Norm(1.0), "absolute"),
            (Metric::EuclideanPower(2.0), "squared"),
        ] {
            let cost = distances(&x, &y, name);
            let expected = exact(&a, &b, &cost).unwrap();
            check(&a, &b, &cost, &expected);
            let transposed = cost.transpose().to_owned();
            let rows = exact(&a, &b, transposed.transpose()).unwrap(); // read by rows
            let points = Cost::points(x.as_ref(), y.as_ref(), metric);
            for storage in [CostStorage::Automatic, CostStorage::SingleCopy, CostStorage::NoCopy] {
                let options = ExactOptions { storage, ..Default::default() };
                let go = |_: &_| std::ops::ControlFlow::Continue(());
                let computed = exact_with(&a, &b, points, &options, go).unwrap();
                check(&a, &b, &points.to_matrix().unwrap(), &computed);
                let stored = exact_with(&a, &b, &cost, &options, go).unwrap();
                for value in [rows.value, computed.value, stored.value] {
                    assert!(
                        (value - expected.value).abs() <= 4e-15 * expected.value,
                        "{d} {name} {storage:?}"
                    );
                }
            }
            let function = |x: &[f64], y: &[f64]| {
                let differences = x.iter().zip(y).map(|(x, y)| x - y);
                match name {
                    "absolute" => differences.map(f64::abs).sum(),
                    "euclidean" => differences.map(|d| d * d).sum::<f64>().sqrt(),
                    _ => differences.map(|d| d * d).sum::<f64>(),
                }
            };
            let by_function = Cost::points(x.as_ref(), y.as_ref(), Metric::Function(&function));
            let value = exact(&a, &b, by_function).unwrap().value;
            assert!((value - expected.value).abs() <= 4e-15 * expected.value);
        }
    }
}

#[test]
fn single_precision_costs_are_taken_as_they_are() {
    let mut stream = Stream(5);
    let narrow = Mat::<f32>::from_fn(30, 41, |_, _| stream.uniform() as f32);
    let wide = Mat::from_fn(30, 41, |i, j| f64::from(narrow[(i, j)]));
    let (a, b) =
        (normalised(weights("general", 30, &mut stream)), normalised(weights("heavy", 41, &mut stream)));
    let (found, expected) = (exact(&a, &b, narrow.as_ref()).unwrap(), exact(&a, &b, &wide).unwrap());
    check(&a, &b, &wide, &found);
    assert!((found.value - expected.value).abs() <= 4e-16);
}

#[test]
fn the_other_direction_costs_the_same() {
    let mut stream = Stream(3);
    let cost = Mat::from_fn(45, 31, |_, _| stream.uniform());
    let (a, b) =
        (normalised(weights("general", 45, &mut stream)), normalised(weights("whole", 31, &mut stream)));
    let there = exact(&a, &b, &cost).unwrap().value;
    let back = exact(&b, &a, cost.transpose()).unwrap().value;
    assert!((there - back).abs() <= 2e-16);
}

#[test]
fn no_cycle_of_the_plan_can_be_made_cheaper() {
    let mut stream = Stream(8);
    let (x, y) = (points(60, 2, 1.0, 0.0, &mut stream), points(60, 2, 1.2, 0.5, &mut stream));
    let cost = distances(&x, &y, "squared");
    let w = normalised(weights("general", 60, &mut stream));
    let v = normalised(weights("general", 60, &mut stream));
    let found = exact(&w, &v, &cost).unwrap();
    let plan = found.plan.shipments();
    for _ in 0..20_000 {
        let length = 2 + (stream.uniform() * 5.0) as usize;
        let cycle: Vec<_> =
            (0..length).map(|_| plan[(stream.uniform() * plan.len() as f64) as usize]).collect();
        let straight: f64 = cycle.iter().map(|s| cost[(s.source, s.target)]).sum();
        let turned: f64 = (0..length).map(|k| cost[(cycle[k].source, cycle[(k + 1) % length].target)]).sum();
        assert!(straight <= turned + 1e-13);
    }
}

#[test]
fn a_plan_can_be_read_in_every_form() {
    let mut stream = Stream(21);
    let cost = Mat::from_fn(12, 9, |_, _| stream.uniform());
    let (a, b) =
        (normalised(weights("general", 12, &mut stream)), normalised(weights("zeros", 9, &mut stream)));
    let plan = exact(&a, &b, &cost).unwrap().plan;
    let dense = plan.to_dense();
    let (starts, columns, values) = plan.to_compressed_rows();
    assert_eq!((starts.len(), starts[12], columns.len()), (13, values.len(), values.len()));
    let mut again = Mat::<f64>::zeros(12, 9);
    for i in 0..12 {
        for k in starts[i]..starts[i + 1] {
            again[(i, columns[k])] = values[k];
        }
    }
    assert_eq!(again, dense);
    assert_eq!(plan.shipments().iter().map(|s| s.mass).sum::<f64>(), values.iter().sum::<f64>());
    let y = Mat::from_fn(9, 2, |j, k| (j * 2 + k) as f64);
    let means = plan.barycentric_projection(y.as_ref()).unwrap();
    for i in 0..12 {
        for k in 0..2 {
            let sum: f64 = (0..9).map(|j| dense[(i, j)] * y[(j, k)]).sum();
            assert!((means[(i, k)] - sum / a[i]).abs() < 1e-12);
        }
    }
    assert!(plan.barycentric_projection(cost.as_ref()).is_err());
}
