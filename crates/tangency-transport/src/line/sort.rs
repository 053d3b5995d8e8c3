//! Sorting of floating-point numbers.

/// The width of a digit: 2048 counters of four bytes are a quarter of the first cache.
const BITS: u32 = 11;
const CELLS: usize = 1 << BITS;
const DIGITS: u32 = 3;
/// From here on counting pays.
const COUNTED_FROM: usize = 512;

/// Sorts numbers of which none is NaN.
///
/// Three passes of counting sort on the 33 highest bits in which the numbers differ at all, as the total order of IEEE 754
/// has them; then the runs that agree in these are sorted by comparison. Random numbers leave runs of one or two; in the
/// worst case one run is left, and the passes are wasted.
pub(crate) fn sort(points: &mut [f64]) {
    if points.len() < COUNTED_FROM || u32::try_from(points.len()).is_err() {
        points.sort_unstable_by(f64::total_cmp);
        return;
    }
    let mut keys: Vec<u64> = points.iter().map(|x| key(*x)).collect();
    let first = keys[0];
    let different = keys.iter().fold(0, |bits, k| bits | (k ^ first));
    let width = u64::BITS - different.leading_zeros();
    let shift = width.saturating_sub(DIGITS * BITS);
    let digit = |key: u64, pass: usize| (key >> (shift + BITS * pass as u32)) as usize % CELLS;
    let passes = (width - shift).div_ceil(BITS) as usize;
    let mut counts = vec![[0_u32; CELLS]; DIGITS as usize];
    for &k in &keys {
        for (pass, counts) in counts.iter_mut().enumerate().take(passes) {
            counts[digit(k, pass)] += 1;
        }
    }
    let mut other = vec![0; keys.len()];
    for (pass, counts) in counts.iter_mut().enumerate().take(passes) {
        let mut sum = 0;
        for count in counts.iter_mut() {
            (*count, sum) = (sum, sum + *count);
        }
        for &k in &keys {
            let place = &mut counts[digit(k, pass)];
            other[*place as usize] = k;
            *place += 1;
        }
        std::mem::swap(&mut keys, &mut other);
    }
    if shift > 0 {
        for run in keys.chunk_by_mut(|a, b| a >> shift == b >> shift) {
            if run.len() > 1 {
                run.sort_unstable();
            }
        }
    }
    for (x, k) in points.iter_mut().zip(&keys) {
        *x = number(*k);
    }
}

/// A whole number that is ordered as the floating-point number is: negative ones have all bits turned, others the first.
fn key(x: f64) -> u64 {
    let bits = x.to_bits();
    bits ^ (((bits as i64 >> 63) as u64) | (1 << 63))
}

/// The inverse of [`key`].
fn number(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 { key ^ (1 << 63) } else { !key })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};

    #[test]
    fn it_is_the_sort_of_the_standard_library() {
        let mut rng = rand_pcg::Pcg64::seed_from_u64(1);
        for n in [0, 1, 511, 512, 3000, 20_000] {
            for kind in 0..7 {
                let points: Vec<f64> = (0..n)
                    .map(|k| match kind {
                        0 => rng.random::<f64>() - 0.5,
                        1 => 1.0 + 1e-13 * rng.random::<f64>(),
                        2 => f64::from(rng.random_range(-3..3_i32)) * 0.1,
                        3 => f64::from_bits(rng.random::<u64>() >> 2) * if k % 2 == 0 { -1.0 } else { 1.0 },
                        4 => {
                            if k % 3 == 0 {
                                -0.0
                            } else {
                                0.0
                            }
                        }
                        // One far out, and the rest within the bits that the passes do not see.
                        5 => {
                            if k == 7 {
                                -1e300
                            } else {
                                1.0 + f64::EPSILON * f64::from(k * 7919 % 1000)
                            }
                        }
                        _ => f64::from(n - k),
                    })
                    .collect();
                let (mut found, mut expected) = (points.clone(), points);
                sort(&mut found);
                expected.sort_unstable_by(f64::total_cmp);
                let bits = |of: &[f64]| of.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
                assert!(bits(&found) == bits(&expected), "{n} {kind}");
            }
        }
    }
}
