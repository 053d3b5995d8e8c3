//! Sorting of floating-point numbers.

/// The width of a digit: 2048 counters of four bytes are a quarter of the first cache.
const BITS: u32 = 11;
const CELLS: usize = 1 << BITS;
const DIGITS: u32 = 3;
/// From here on counting pays.
const COUNTED_FROM: usize = 512;

/// Sorts numbers of which none is NaN.
pub(crate) fn sort(points: &mut [f64]) {
    if !is_counted(points.len()) {
        points.sort_unstable_by(f64::total_cmp);
        return;
    }
    let keys: Vec<u64> = points.iter().map(|x| key(*x)).collect();
    let keys = by_counting(keys, |k| *k, false, <[u64]>::sort_unstable);
    for (x, k) in points.iter_mut().zip(&keys) {
        *x = number(*k);
    }
}

/// Sorts points with their weights, of which none is NaN, by point and then by weight.
pub(crate) fn sort_weighted(pairs: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let mut pairs = pairs;
    if !is_counted(pairs.len()) {
        pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        return pairs;
    }
    let keyed = pairs.iter().map(|(x, w)| (key(*x), *w)).collect();
    let keyed = by_counting(
        keyed,
        |pair: &(u64, f64)| pair.0,
        true,
        |run| run.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))),
    );
    for (pair, (k, w)) in pairs.iter_mut().zip(&keyed) {
        *pair = (number(*k), *w);
    }
    pairs
}

/// Whether so many are sorted by counting.
fn is_counted(count: usize) -> bool {
    count >= COUNTED_FROM && u32::try_from(count).is_ok()
}

/// Sorts items by a key.
///
/// Three passes of counting sort on the 33 highest bits in which the keys differ at all; then the runs that agree in these are
/// given to `finish`. Random numbers leave runs of one or two; in the worst case one run is left, and the passes are wasted. If the
/// keys agree in no more bits than the passes see, runs are ties, and `finish` gets them only if `ties` matter.
fn by_counting<T: Copy>(
    mut items: Vec<T>,
    key: impl Fn(&T) -> u64,
    ties: bool,
    finish: impl Fn(&mut [T]),
) -> Vec<T> {
    let first = key(&items[0]);
    let different = items.iter().fold(0, |bits, item| bits | (key(item) ^ first));
    let width = u64::BITS - different.leading_zeros();
    let shift = width.saturating_sub(DIGITS * BITS);
    let digit = |key: u64, pass: usize| (key >> (shift + BITS * pass as u32)) as usize % CELLS;
    let passes = (width - shift).div_ceil(BITS) as usize;
    let mut counts = vec![[0_u32; CELLS]; DIGITS as usize];
    for item in &items {
        let k = key(item);
        for (pass, counts) in counts.iter_mut().enumerate().take(passes) {
            counts[digit(k, pass)] += 1;
        }
    }
    let mut other = items.clone();
    for (pass, counts) in counts.iter_mut().enumerate().take(passes) {
        let mut sum = 0;
        for count in counts.iter_mut() {
            (*count, sum) = (sum, sum + *count);
        }
        for item in &items {
            let place = &mut counts[digit(key(item), pass)];
            other[*place as usize] = *item;
            *place += 1;
        }
        std::mem::swap(&mut items, &mut other);
    }
    if shift > 0 || ties {
        for run in items.chunk_by_mut(|a, b| key(a) >> shift == key(b) >> shift) {
            if run.len() > 1 {
                finish(run);
            }
        }
    }
    items
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
                let (mut found, mut expected) = (points.clone(), points.clone());
                sort(&mut found);
                expected.sort_unstable_by(f64::total_cmp);
                let bits = |of: &[f64]| of.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
                assert!(bits(&found) == bits(&expected), "{n} {kind}");
                // With weights, of which some are the same.
                let mut pairs: Vec<(f64, f64)> =
                    points.iter().map(|x| (*x, f64::from(rng.random_range(0..4_i32)))).collect();
                let found = sort_weighted(pairs.clone());
                pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
                let bits = |of: &[(f64, f64)]| {
                    of.iter().map(|(x, w)| (x.to_bits(), w.to_bits())).collect::<Vec<_>>()
                };
                assert!(bits(&found) == bits(&pairs), "{n} {kind}");
            }
        }
    }
}
