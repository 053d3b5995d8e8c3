//! Revolve: where to put the snapshots of a checkpointed backward pass.
//!
//! To reverse $n$ steps with $s$ snapshots (the initial state is one of them), advance $m$ steps, take a snapshot,
//! reverse the last $n - m$ steps with $s - 1$ snapshots, then the first $m$ with all $s$ again. The best choice repeats no
//! step more than $r$ times, where $r$ is the least number with $\binom{s+r}{s} \ge n$, and takes
//!
//! $$ a(n, s) = r n - \binom{s+r}{r-1} $$
//!
//! untraced advances, which is optimal.
//!
//! # References
//!
//! - A. Griewank, A. Walther, *Algorithm 799: Revolve*, ACM Trans. Math. Softw. 26 (2000), Proposition 1.

/// $\binom{n}{k}$, saturating.
fn binomial(n: usize, k: usize) -> usize {
    let k = k.min(n - k);
    let mut value: u128 = 1;
    for i in 0..k {
        value = value * (n - i) as u128 / (i + 1) as u128;
        if value > usize::MAX as u128 {
            return usize::MAX;
        }
    }
    value as usize
}

/// The least number of times that some step must be advanced over to reverse `steps` steps: the least $r$ with
/// $\binom{s+r}{s} \ge n$, by bisection.
fn repetitions(steps: usize, snapshots: usize) -> usize {
    let reach = |r: usize| snapshots.checked_add(r).map_or(usize::MAX, |top| binomial(top, r));
    let mut high = 1;
    while reach(high) < steps {
        high *= 2;
    }
    let mut low = high / 2; // reaches too few, or is 0
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if reach(middle) < steps { low = middle } else { high = middle }
    }
    high
}

/// The number of untraced advances that an optimal checkpointed reversal of `steps` steps makes with room for
/// `snapshots` states, the initial one included.
///
/// $$ a(n, s) = r n - \binom{s+r}{r-1}, \quad r = \min \lbrace r : \tbinom{s+r}{s} \ge n \rbrace $$
///
/// `None` if `snapshots` is 0 and there is more than one step. With room for all states it is `steps - 1`. A number that
/// does not fit is `usize::MAX`.
///
/// # Example: three snapshots turn ten steps into 15 advances
///
/// ```
/// use tangency_recurrence::revolve_advances;
///
/// assert_eq!(revolve_advances(10, 3), Some(15));
/// assert_eq!(revolve_advances(1000, 10), Some(3636));
/// ```
///
/// # References
///
/// - A. Griewank, A. Walther, *Algorithm 799: Revolve*, ACM Trans. Math. Softw. 26 (2000), Proposition 1.
pub fn revolve_advances(steps: usize, snapshots: usize) -> Option<usize> {
    if steps <= 1 {
        return Some(0);
    }
    if snapshots == 0 {
        return None;
    }
    let (n, s) = (steps as u128, snapshots);
    let count = if s == 1 {
        n * (n - 1) / 2
    } else {
        let r = repetitions(steps, s);
        r as u128 * n - binomial(s.saturating_add(r), r - 1) as u128
    };
    Some(usize::try_from(count).unwrap_or(usize::MAX))
}

/// How many steps to advance before the next snapshot, for at least two steps and two snapshots.
///
/// Both parts stay optimal if the first is no longer than $\binom{s+r-1}{s}$ (reversed with $r - 1$ repetitions left) and
/// the second no shorter than $\binom{s+r-2}{s-1}$.
pub(crate) fn split(steps: usize, snapshots: usize) -> usize {
    let (n, s) = (steps, snapshots);
    let r = repetitions(n, s);
    let longest_first = binomial(s + r - 1, s);
    let shortest_second = binomial(s + r - 2, s - 1);
    longest_first.min(n.saturating_sub(shortest_second)).clamp(1, n - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Least number of advances by dynamic programming over all split points.
    fn table(steps: usize, snapshots: usize) -> Vec<Vec<usize>> {
        let mut best = vec![vec![0; snapshots + 1]; steps + 1];
        for n in 2..=steps {
            best[n][1] = n * (n - 1) / 2;
            for s in 2..=snapshots {
                best[n][s] = (1..n).map(|m| m + best[n - m][s - 1] + best[m][s]).min().unwrap();
            }
        }
        best
    }

    fn advances_by_split(n: usize, s: usize) -> usize {
        if n <= 1 {
            0
        } else if s == 1 {
            n * (n - 1) / 2
        } else {
            let m = split(n, s);
            m + advances_by_split(n - m, s - 1) + advances_by_split(m, s)
        }
    }

    #[test]
    fn closed_form_and_split_equal_the_dynamic_programme() {
        let best = table(150, 8);
        for n in 1..=150 {
            for s in 1..=8 {
                assert_eq!(revolve_advances(n, s), Some(best[n][s]), "n = {n}, s = {s}");
                assert_eq!(advances_by_split(n, s), best[n][s], "n = {n}, s = {s}");
            }
        }
    }

    #[test]
    fn published_counts() {
        for (n, s, count) in [(10, 3, 15), (100, 5, 316), (420, 10, 1316), (420, 5, 2058), (1000, 10, 3636)] {
            assert_eq!(revolve_advances(n, s), Some(count));
            assert_eq!(advances_by_split(n, s), count);
        }
        assert_eq!(revolve_advances(10, 0), None);
        assert_eq!(revolve_advances(1, 0), Some(0));
        assert_eq!(revolve_advances(10, 100), Some(9));
        assert_eq!(revolve_advances(usize::MAX, 1), Some(usize::MAX));
        assert_eq!(revolve_advances(1 << 20, usize::MAX), Some((1 << 20) - 1));
        assert!(revolve_advances(usize::MAX, 2).is_some());
    }
}
