//! The index against brute force, to the bit.

use super::*;
use rand::RngExt;
use rand_pcg::Pcg64Mcg;

/// Sums of the metric to all points, by the textbook loop.
fn sums<M: Metric>(data: &[f64], dimension: usize, query: &[f64]) -> Vec<f64> {
    data.chunks_exact(dimension)
        .map(|point| point.iter().zip(query).fold(0.0, |sum, (y, x)| M::add(sum, y - x)))
        .collect()
}

/// On the line the index tells distances, elsewhere sums.
fn told<M: Metric>(dimension: usize, data: &[f64], query: &[f64]) -> Vec<f64> {
    if dimension == 1 {
        data.iter().map(|y| (y - query[0]).abs()).collect()
    } else {
        sums::<M>(data, dimension, query)
    }
}

fn shell(mut others: Vec<f64>, k: usize) -> Option<Shell> {
    others.sort_unstable_by(f64::total_cmp);
    let sum = others[k - 1];
    if sum > 0.0 {
        return Some(Shell { sum, rank: k });
    }
    let sum = *others.iter().find(|&&sum| sum > 0.0)?;
    Some(Shell { sum, rank: others.iter().filter(|&&other| other <= sum).count() })
}

/// Points on a grid of `levels` steps, so that many coincide, or of the continuum for zero.
fn points(rows: usize, dimension: usize, levels: u32, rng: &mut Pcg64Mcg) -> Vec<f64> {
    let mut coordinate = || {
        if levels == 0 {
            rng.random::<f64>() + rng.random::<f64>()
        } else {
            f64::from(rng.random_range(0..levels))
        }
    };
    (0..rows * dimension).map(|_| coordinate()).collect()
}

fn compare<M: Metric>(p: &[f64], q: &[f64], dimension: usize, k: usize) {
    let (index_p, index_q) = (Index::<M>::new(p, dimension), Index::<M>::new(q, dimension));
    let queries: Vec<&[f64]> = p.chunks_exact(dimension).collect();
    let own = queries.iter().enumerate().map(|(row, query)| {
        let mut others = told::<M>(dimension, p, query);
        others.remove(row);
        shell(others, k)
    });
    assert_eq!(index_p.own_shells(k), own.collect(), "own, dimension {dimension}, k {k}");
    let other = queries.iter().map(|query| shell(told::<M>(dimension, q, query), k));
    let other: Option<Vec<Shell>> = other.collect();
    assert_eq!(index_q.shells_around(&index_p, k), other, "other, dimension {dimension}, k {k}");
    // Balls that reach to some point exactly, and to none.
    for (is_open, factor) in [(false, 1.0), (true, 1.0), (false, 0.7), (true, 30.0), (false, 0.0)] {
        let radii: Vec<f64> = queries
            .iter()
            .map(|query| factor * told::<M>(dimension, q, query)[q.len() / dimension / 2])
            .collect();
        let balls: Vec<Ball> = queries
            .iter()
            .zip(&radii)
            .map(|(query, &radius)| {
                let mut inside = told::<M>(dimension, q, query);
                inside.retain(|&sum| if is_open { sum < radius } else { sum <= radius });
                Ball { count: inside.len(), farthest: inside.into_iter().fold(0.0, f64::max) }
            })
            .collect();
        assert_eq!(index_q.balls(&index_p, &radii, is_open), balls, "{dimension} {factor} {is_open}");
    }
}

#[test]
fn everything_agrees_with_brute_force() {
    let mut rng = Pcg64Mcg::new(1);
    for dimension in [1, 2, 3, 7, 40] {
        for (rows_p, rows_q) in [(40, 3), (33, 32), (120, 300)] {
            for levels in [0, 2, 40] {
                let p = points(rows_p, dimension, levels, &mut rng);
                let q = points(rows_q, dimension, levels, &mut rng);
                for k in [1, 3, 32] {
                    if k <= rows_q {
                        compare::<Euclidean>(&p, &q, dimension, k);
                        compare::<Maximum>(&p, &q, dimension, k);
                    }
                }
            }
        }
    }
}

/// Leaf counts around the powers of eight, where trees gain a level.
#[test]
fn trees_of_every_shape() {
    let mut rng = Pcg64Mcg::new(2);
    for rows in [2, 31, 32, 33, 64, 255, 256, 257, 300, 2047, 2048, 2049, 2080, 4000] {
        let q = points(rows, 2, 0, &mut rng);
        let p = points(20, 2, 0, &mut rng);
        compare::<Euclidean>(&p, &q, 2, 1);
        compare::<Euclidean>(&p, &q, 2, 2);
    }
}

#[test]
fn all_other_points_can_be_neighbours() {
    let mut rng = Pcg64Mcg::new(3);
    for dimension in [1, 2, 7] {
        for rows in [2, 5, 40] {
            let p = points(rows, dimension, 0, &mut rng);
            compare::<Euclidean>(&p, &p, dimension, rows - 1); // n = k + 1
        }
    }
}

#[test]
fn lists_hold_the_rows_of_the_nearest() {
    let mut rng = Pcg64Mcg::new(4);
    for dimension in [2, 6] {
        let p = points(500, dimension, 0, &mut rng);
        let lists = Index::<Maximum>::new(&p, dimension).own_neighbours(4);
        for (row, list) in lists.chunks_exact(4).enumerate() {
            let sums = sums::<Maximum>(&p, dimension, &p[row * dimension..(row + 1) * dimension]);
            let mut others: Vec<usize> = (0..500).filter(|&other| other != row).collect();
            others.sort_unstable_by(|&a, &b| sums[a].total_cmp(&sums[b]));
            assert_eq!(list, &others[..4]);
        }
    }
}

#[test]
fn points_that_all_coincide_have_no_shell() {
    for dimension in [1, 3] {
        let index = Index::<Euclidean>::new(&vec![0.5; 50 * dimension], dimension);
        assert_eq!(index.own_shells(2), None);
        assert_eq!(index.shells_around(&index, 2), None);
    }
}

#[test]
fn the_unit_is_a_power_of_two_that_keeps_squares_in_range() {
    for largest in [5e-324, 1e-310, 1e-200, 1e-31, 1e140, 1e300, f64::MAX] {
        let scaled = largest * unit(&[0.0, -largest]);
        assert!((1e-30..1e140).contains(&scaled), "{largest:e} became {scaled:e}");
    }
    for ordinary in [0.0, 1e-30, 1.0, 9e139] {
        assert_eq!(unit(&[ordinary]).to_bits(), 1.0_f64.to_bits());
    }
}
