//! The exact barycentre on the line.

use crate::error::{Side, TransportError};
use crate::mass::{UNITS, total, units};

/// The barycentre of distributions on the line for $W_2$, exactly, as points in ascending order with their weights.
///
/// $$ F_b^{-1}(t) = \sum_k \lambda_k F_k^{-1}(t) : $$
///
/// on the line the barycentre's quantiles are the mean of the quantiles. Each of the `samples` is a pair of points, in any
/// order, and weights; they and the `weights` λ are normalised. The result has at most as many points as all samples
/// together: one for each interval between the cumulative weights, of which those that differ by no more than the rounding of
/// all weights, 2⁻⁵³ for each, are taken as equal. Sorting dominates.
///
/// # Errors
///
/// [`TransportError`] for samples or weights that are empty, negative, not finite or without mass, and lengths that differ.
///
/// # Example: one atom and two
///
/// ```
/// use tangency_transport::quantile_barycentre;
///
/// let samples: [(&[f64], &[f64]); 2] = [(&[1.0], &[1.0]), (&[9.0, 5.0], &[0.5, 0.5])];
/// assert_eq!(quantile_barycentre(&samples, &[0.5, 0.5])?, (vec![3.0, 5.0], vec![0.5, 0.5]));
/// # Ok::<(), tangency_transport::TransportError>(())
/// ```
///
/// # References
///
/// - M. Agueh, G. Carlier, *Barycenters in the Wasserstein space*, SIAM J. Math. Anal. 43 (2011) 904-924.
pub fn quantile_barycentre(
    samples: &[(&[f64], &[f64])],
    weights: &[f64],
) -> Result<(Vec<f64>, Vec<f64>), TransportError> {
    let sum = total(weights, Side::Source)?;
    if weights.len() != samples.len() {
        return Err(TransportError::Length {
            what: "the weights",
            expected: samples.len(),
            got: weights.len(),
        });
    }
    // Each sample as atoms in ascending order, with the cumulative mass up to and with each.
    let mut atoms: Vec<Vec<(f64, i64)>> = Vec::with_capacity(samples.len());
    for (points, masses) in samples {
        total(masses, Side::Target)?;
        if points.len() != masses.len() {
            return Err(TransportError::Length {
                what: "the points",
                expected: masses.len(),
                got: points.len(),
            });
        }
        if let Some(row) = points.iter().position(|x| !x.is_finite()) {
            return Err(TransportError::Coordinate {
                side: Side::Target,
                row,
                column: 0,
                value: points[row],
            });
        }
        let mut sorted: Vec<(f64, i64)> =
            points.iter().copied().zip(units(masses)).filter(|atom| atom.1 > 0).collect();
        sorted.sort_by(|x, y| x.0.total_cmp(&y.0));
        let mut level = 0;
        for atom in &mut sorted {
            level += atom.1;
            atom.1 = level;
        }
        atoms.push(sorted);
    }
    // A weight in double precision is right to 2⁻⁵³ of the whole, 128 units, and so is each term of a cumulative weight.
    let rounding = 128 * atoms.iter().map(Vec::len).sum::<usize>() as i64;
    let mut places = vec![0; samples.len()];
    let (mut points, mut masses) = (Vec::new(), Vec::new());
    let mut level = 0;
    while level < UNITS {
        let next = atoms.iter().zip(&places).map(|(atoms, place)| atoms[*place].1).min().unwrap_or(UNITS);
        let next = if next + rounding >= UNITS { UNITS } else { next };
        let quantiles = atoms.iter().zip(&places).map(|(atoms, place)| atoms[*place].0);
        points.push(quantiles.zip(weights).map(|(x, w)| w / sum * x).sum());
        masses.push((next - level) as f64 / UNITS as f64);
        for (atoms, place) in atoms.iter().zip(&mut places) {
            while *place + 1 < atoms.len() && atoms[*place].1 <= next + rounding {
                *place += 1;
            }
        }
        level = next;
    }
    Ok((points, masses))
}
