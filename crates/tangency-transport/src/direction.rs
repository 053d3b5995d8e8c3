//! Directions on the sphere.

use crate::law::{Level, normal_quantile};
use rand::{Rng, RngExt};

/// How the directions of a sliced distance are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Directions {
    /// Independent and uniform on the sphere. The error falls as the root of their number.
    Random,
    /// Blocks of d directions, or of a quarter of all if that is fewer, that are uniform each and orthogonal to each other
    /// within a block. For smooth dependence on the direction the error is much smaller than that of
    /// [`Random`](Self::Random): of a pure shift with whole blocks of d it is zero. The standard error comes from the blocks.
    #[default]
    Orthogonal,
    /// Eight copies of a lattice, each moved at random: in the plane equally spaced angles, in more dimensions an additive
    /// recurrence whose steps are powers of the root of $\phi^{d+1} = \phi + 1$, taken through the normal quantile. The
    /// standard error comes from the copies. Best in few dimensions, no worse than random ones in many.
    QuasiRandom,
}

/// Copies of a quasi-random set.
const COPIES: usize = 8;

/// `count` unit vectors in `d` dimensions one after another, and the number of each group; groups are independent of each
/// other and equally distributed, up to their size.
pub(crate) fn directions<R: Rng + ?Sized>(
    kind: Directions,
    count: usize,
    d: usize,
    rng: &mut R,
) -> (Vec<f64>, Vec<usize>) {
    let mut vectors = vec![0.0; count * d];
    match kind {
        Directions::Random => {
            vectors.chunks_mut(d).for_each(|vector| random(vector, rng));
            (vectors, (0..count).collect())
        }
        Directions::Orthogonal => {
            let size = d.min((count / 4).max(1));
            for block in vectors.chunks_mut(size * d) {
                for k in 0..block.len() / d {
                    let (before, rest) = block.split_at_mut(k * d);
                    let vector = &mut rest[..d];
                    loop {
                        random(vector, rng);
                        // Twice is enough for orthogonality to rounding.
                        for _ in 0..2 {
                            for other in before.chunks(d) {
                                let product: f64 = vector.iter().zip(other).map(|(a, b)| a * b).sum();
                                vector.iter_mut().zip(other).for_each(|(a, b)| *a -= product * b);
                            }
                        }
                        if normalise(vector) > 1e-8 {
                            break;
                        }
                    }
                }
            }
            (vectors, (0..count).map(|k| k / size).collect())
        }
        Directions::QuasiRandom => {
            let copies = COPIES.min(count);
            let steps = lattice_steps(d);
            let mut groups = Vec::with_capacity(count);
            let mut next = 0;
            for copy in 0..copies {
                let length = (count - next).div_ceil(copies - copy);
                let shift: Vec<f64> = (0..d).map(|_| rng.random::<f64>()).collect();
                for k in 0..length {
                    let vector = &mut vectors[next * d..(next + 1) * d];
                    if d == 2 {
                        // Opposite directions are the same: half a turn is enough.
                        let angle = std::f64::consts::PI * (k as f64 + shift[0]) / length as f64;
                        (vector[0], vector[1]) = (angle.cos(), angle.sin());
                    } else {
                        for (x, (step, shift)) in vector.iter_mut().zip(steps.iter().zip(&shift)) {
                            let lower = ((k as f64 * step + shift).fract()).clamp(1e-16, 1.0 - 1e-16);
                            *x = normal_quantile(Level { lower, upper: 1.0 - lower });
                        }
                        if normalise(vector) <= 1e-8 {
                            random(vector, rng);
                        }
                    }
                    groups.push(copy);
                    next += 1;
                }
            }
            (vectors, groups)
        }
    }
}

/// A uniform direction: normal numbers, by Box's and Muller's transformation, divided by their norm.
fn random<R: Rng + ?Sized>(vector: &mut [f64], rng: &mut R) {
    loop {
        for pair in vector.chunks_mut(2) {
            // In (0, 1], so that the logarithm is finite.
            let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
            let (sin, cos) = (std::f64::consts::TAU * rng.random::<f64>()).sin_cos();
            pair[0] = radius * cos;
            if let Some(second) = pair.get_mut(1) {
                *second = radius * sin;
            }
        }
        if normalise(vector) > 1e-8 {
            return;
        }
    }
}

/// Divides by the norm, which is returned.
fn normalise(vector: &mut [f64]) -> f64 {
    let norm = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
    if norm > 0.0 {
        for x in vector {
            *x /= norm;
        }
    }
    norm
}

/// The steps $\phi^{-1}, \dots, \phi^{-d}$ of the recurrence.
fn lattice_steps(d: usize) -> Vec<f64> {
    let mut root = 2.0_f64;
    for _ in 0..64 {
        root = (1.0 + root).powf(1.0 / (d as f64 + 1.0));
    }
    (1..=d).map(|k| root.powi(-(k as i32))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn directions_are_unit_vectors_and_blocks_are_orthogonal() {
        let mut rng = rand_pcg::Pcg64::seed_from_u64(1);
        for kind in [Directions::Random, Directions::Orthogonal, Directions::QuasiRandom] {
            for d in [1, 2, 3, 7] {
                let (vectors, groups) = directions(kind, 20, d, &mut rng);
                assert_eq!((vectors.len(), groups.len()), (20 * d, 20));
                for vector in vectors.chunks(d) {
                    assert!((vector.iter().map(|x| x * x).sum::<f64>() - 1.0).abs() < 1e-14);
                }
            }
        }
        let (vectors, groups) = directions(Directions::Orthogonal, 17, 4, &mut rng);
        assert_eq!(groups[..9], [0, 0, 0, 0, 1, 1, 1, 1, 2]);
        for (i, a) in vectors.chunks(4).enumerate() {
            for (j, b) in vectors.chunks(4).enumerate() {
                let product: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
                assert!(i == j || groups[i] != groups[j] || product.abs() < 1e-15);
            }
        }
    }

    #[test]
    fn every_kind_is_uniform_to_second_order() {
        let mut rng = rand_pcg::Pcg64::seed_from_u64(2);
        let (d, count) = (3, 30_000);
        for kind in [Directions::Random, Directions::Orthogonal, Directions::QuasiRandom] {
            let (vectors, _) = directions(kind, count, d, &mut rng);
            for i in 0..d {
                for j in 0..d {
                    let mean = vectors.chunks(d).map(|v| v[i] * v[j]).sum::<f64>() / count as f64;
                    let expected = if i == j { 1.0 / 3.0 } else { 0.0 };
                    assert!((mean - expected).abs() < 0.01, "{kind:?} {i} {j} {mean}");
                }
            }
        }
    }
}
