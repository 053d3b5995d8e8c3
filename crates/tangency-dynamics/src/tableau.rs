//! Coefficients of explicit Runge-Kutta methods.

/// A rational number, so that a tableau can be checked exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fraction {
    numerator: i64,
    denominator: i64,
}

impl Fraction {
    /// The nearest `f64`: one division of two integers below $2^{53}$.
    fn value(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }
}

const fn q(numerator: i64, denominator: i64) -> Fraction {
    Fraction { numerator, denominator }
}

const ZERO: Fraction = q(0, 1);
const ONE: Fraction = q(1, 1);

/// The coefficients $(A, b, c)$ of an explicit Runge-Kutta method, and $\hat b$ of an embedded one.
///
/// $$ k_i = f\Bigl(t + c_i h, \quad x + h \sum_{j < i} a_{ij} k_j\Bigr), \quad x' = x + h \sum_i b_i k_i $$
///
/// The embedded method $\hat x' = x + h \sum_i \hat b_i k_i$ has another order, so that $x' - \hat x'$ estimates the error of
/// the step. All coefficients are stored as fractions; the row sums and all order conditions are tested exactly.
///
/// | tableau | order | embedded | stages | stable for real $h\lambda$ down to |
/// |---|---|---|---|---|
/// | [`EULER`](Self::EULER) | 1 | | 1 | -2 |
/// | [`MIDPOINT`](Self::MIDPOINT) | 2 | | 2 | -2 |
/// | [`RK4`](Self::RK4) | 4 | | 4 | -2.785 |
/// | [`BOGACKI_SHAMPINE`](Self::BOGACKI_SHAMPINE) | 3 | 2 | 4, the last is the next step's first | -2.513 |
/// | [`DORMAND_PRINCE`](Self::DORMAND_PRINCE) | 5 | 4 | 7, the last is the next step's first | -3.307 |
///
/// # References
///
/// - E. Hairer, S. P. Nørsett, G. Wanner, *Solving Ordinary Differential Equations I*, 2nd ed., Springer 1993, section
///   II.1 and II.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tableau {
    name: &'static str,
    order: u32,
    embedded_order: Option<u32>,
    /// $c$.
    nodes: &'static [Fraction],
    /// $A$ below the diagonal: row $i$ has $i$ entries.
    coefficients: &'static [&'static [Fraction]],
    /// $b$.
    weights: &'static [Fraction],
    /// $\hat b$, or nothing.
    embedded: &'static [Fraction],
}

impl Tableau {
    /// Euler's method: follow the tangent.
    pub const EULER: Self = Self {
        name: "Euler",
        order: 1,
        embedded_order: None,
        nodes: &[ZERO],
        coefficients: &[&[]],
        weights: &[ONE],
        embedded: &[],
    };

    /// The explicit midpoint rule (Runge 1895).
    pub const MIDPOINT: Self = Self {
        name: "midpoint",
        order: 2,
        embedded_order: None,
        nodes: &[ZERO, q(1, 2)],
        coefficients: &[&[], &[q(1, 2)]],
        weights: &[ZERO, ONE],
        embedded: &[],
    };

    /// The classical method of four stages (Kutta 1901).
    pub const RK4: Self = Self {
        name: "RK4",
        order: 4,
        embedded_order: None,
        nodes: &[ZERO, q(1, 2), q(1, 2), ONE],
        coefficients: &[&[], &[q(1, 2)], &[ZERO, q(1, 2)], &[ZERO, ZERO, ONE]],
        weights: &[q(1, 6), q(1, 3), q(1, 3), q(1, 6)],
        embedded: &[],
    };

    /// The pair of orders 3 and 2 of Bogacki and Shampine.
    ///
    /// # References
    ///
    /// - P. Bogacki, L. F. Shampine, *A 3(2) pair of Runge-Kutta formulas*, Appl. Math. Lett. 2 (1989), 321-325.
    pub const BOGACKI_SHAMPINE: Self = Self {
        name: "Bogacki-Shampine",
        order: 3,
        embedded_order: Some(2),
        nodes: &[ZERO, q(1, 2), q(3, 4), ONE],
        coefficients: &[&[], &[q(1, 2)], &[ZERO, q(3, 4)], &[q(2, 9), q(1, 3), q(4, 9)]],
        weights: &[q(2, 9), q(1, 3), q(4, 9), ZERO],
        embedded: &[q(7, 24), q(1, 4), q(1, 3), q(1, 8)],
    };

    /// The pair of orders 5 and 4 of Dormand and Prince: the method of `dopri5`, `ode45` and `RK45`.
    ///
    /// # References
    ///
    /// - J. R. Dormand, P. J. Prince, *A family of embedded Runge-Kutta formulae*, J. Comput. Appl. Math. 6 (1980), 19-26,
    ///   table 2.
    pub const DORMAND_PRINCE: Self = Self {
        name: "Dormand-Prince",
        order: 5,
        embedded_order: Some(4),
        nodes: &[ZERO, q(1, 5), q(3, 10), q(4, 5), q(8, 9), ONE, ONE],
        coefficients: &[
            &[],
            &[q(1, 5)],
            &[q(3, 40), q(9, 40)],
            &[q(44, 45), q(-56, 15), q(32, 9)],
            &[q(19372, 6561), q(-25360, 2187), q(64448, 6561), q(-212, 729)],
            &[q(9017, 3168), q(-355, 33), q(46732, 5247), q(49, 176), q(-5103, 18656)],
            &[q(35, 384), ZERO, q(500, 1113), q(125, 192), q(-2187, 6784), q(11, 84)],
        ],
        weights: &[q(35, 384), ZERO, q(500, 1113), q(125, 192), q(-2187, 6784), q(11, 84), ZERO],
        embedded: &[
            q(5179, 57600),
            ZERO,
            q(7571, 16695),
            q(393, 640),
            q(-92097, 339200),
            q(187, 2100),
            q(1, 40),
        ],
    };

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The order $p$: the error of one step is $O(h^{p+1})$, that of a fixed interval $O(h^p)$.
    pub fn order(&self) -> u32 {
        self.order
    }

    /// The order of the embedded method, if there is one.
    pub fn embedded_order(&self) -> Option<u32> {
        self.embedded_order
    }

    /// The number of stages.
    pub fn stages(&self) -> usize {
        self.nodes.len()
    }

    /// Whether the last stage is the first one of the next step, which then need not be evaluated again.
    ///
    /// It is so if $b$ is the last row of $A$ and $c_s = 1$.
    pub fn first_same_as_last(&self) -> bool {
        let s = self.stages();
        s > 1
            && self.nodes[s - 1] == ONE
            && self.weights[s - 1] == ZERO
            && self.coefficients[s - 1] == &self.weights[..s - 1]
    }

    /// $c$ as real numbers.
    pub fn nodes(&self) -> Vec<f64> {
        self.nodes.iter().map(|x| x.value()).collect()
    }

    /// $a_{ij}$ for $j < i$, row after row: row $i$ begins at $i (i - 1) / 2$.
    pub fn coefficients(&self) -> Vec<f64> {
        self.coefficients.iter().copied().flatten().map(|x| x.value()).collect()
    }

    /// $b$ as real numbers.
    pub fn weights(&self) -> Vec<f64> {
        self.weights.iter().map(|x| x.value()).collect()
    }

    /// $b - \hat b$ as real numbers, each rounded once; empty if nothing is embedded.
    pub fn error_weights(&self) -> Vec<f64> {
        // Subtracted as fractions: as rounded numbers they would not sum to zero well.
        self.weights
            .iter()
            .zip(self.embedded)
            .map(|(b, e)| {
                let numerator = b.numerator * e.denominator - e.numerator * b.denominator;
                q(numerator, b.denominator * e.denominator).value()
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact arithmetic; an overflow panics, it cannot pass unseen.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    struct Exact(i128, i128);

    impl Exact {
        fn new(n: i128, d: i128) -> Self {
            let (mut a, mut b) = (n.abs(), d.abs());
            while b != 0 {
                (a, b) = (b, a % b);
            }
            let sign = d.signum();
            Self(sign * n / a.max(1), sign * d / a.max(1))
        }
        fn of(f: Fraction) -> Self {
            Self::new(f.numerator.into(), f.denominator.into())
        }
        fn add(self, o: Self) -> Self {
            let n = self.0.checked_mul(o.1).unwrap().checked_add(o.0.checked_mul(self.1).unwrap()).unwrap();
            Self::new(n, self.1.checked_mul(o.1).unwrap())
        }
        fn mul(self, o: Self) -> Self {
            let (a, b) = (Self::new(self.0, o.1), Self::new(o.0, self.1));
            Self::new(a.0.checked_mul(b.0).unwrap(), a.1.checked_mul(b.1).unwrap())
        }
        fn sum(terms: impl Iterator<Item = Self>) -> Self {
            terms.fold(Self(0, 1), Self::add)
        }
    }

    /// A rooted tree, as the multiset of the trees that hang from its root.
    #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
    struct Tree(Vec<Self>);

    impl Tree {
        fn nodes(&self) -> usize {
            1 + self.0.iter().map(Self::nodes).sum::<usize>()
        }
        /// $\gamma(\tau)$: the number of nodes times the densities of the branches.
        fn density(&self) -> i128 {
            self.nodes() as i128 * self.0.iter().map(Self::density).product::<i128>()
        }
        /// All trees of `n` nodes.
        fn all(n: usize) -> Vec<Self> {
            fn forests(n: usize, least: Option<&Tree>) -> Vec<Vec<Tree>> {
                if n == 0 {
                    return vec![vec![]];
                }
                let mut out = vec![];
                for first in (1..=n).flat_map(Tree::all) {
                    if least.is_none_or(|l| *l <= first) {
                        for mut rest in forests(n - first.nodes(), Some(&first)) {
                            rest.insert(0, first.clone());
                            out.push(rest);
                        }
                    }
                }
                out
            }
            forests(n - 1, None).into_iter().map(Tree).collect()
        }
        /// The product over the branches of $A$ times the branch's own vector: one number a stage.
        fn stage_weights(&self, a: &[&[Fraction]]) -> Vec<Exact> {
            let mut out = vec![Exact(1, 1); a.len()];
            for branch in &self.0 {
                let inner = branch.stage_weights(a);
                for (o, row) in out.iter_mut().zip(a) {
                    *o = o.mul(Exact::sum(row.iter().zip(&inner).map(|(&a, &w)| Exact::of(a).mul(w))));
                }
            }
            out
        }
        /// Whether $\sum_i b_i \Phi_i(\tau) = 1 / \gamma(\tau)$.
        fn holds(&self, a: &[&[Fraction]], b: &[Fraction]) -> bool {
            let phi = self.stage_weights(a);
            Exact::sum(b.iter().zip(phi).map(|(&b, w)| Exact::of(b).mul(w))) == Exact(1, self.density())
        }
    }

    const ALL: [Tableau; 5] =
        [Tableau::EULER, Tableau::MIDPOINT, Tableau::RK4, Tableau::BOGACKI_SHAMPINE, Tableau::DORMAND_PRINCE];

    #[test]
    fn trees_are_counted() {
        let counts: Vec<_> = (1..=6).map(|n| Tree::all(n).len()).collect();
        assert_eq!(counts, [1, 1, 2, 4, 9, 20]);
    }

    #[test]
    fn row_sums_are_the_nodes() {
        for t in ALL {
            assert_eq!((t.coefficients.len(), t.weights.len()), (t.stages(), t.stages()), "{}", t.name);
            for (i, (row, &c)) in t.coefficients.iter().zip(t.nodes).enumerate() {
                assert_eq!(row.len(), i, "{}", t.name);
                assert_eq!(Exact::sum(row.iter().map(|&a| Exact::of(a))), Exact::of(c), "{} row {i}", t.name);
            }
        }
    }

    #[test]
    fn order_conditions_hold_exactly_up_to_the_order_and_not_beyond() {
        let order_of = |a: &[&[Fraction]], b: &[Fraction]| {
            (1..=6).take_while(|&n| Tree::all(n).iter().all(|tree| tree.holds(a, b))).count() as u32
        };
        for t in ALL {
            assert_eq!(order_of(t.coefficients, t.weights), t.order, "{}", t.name);
            if let Some(embedded) = t.embedded_order {
                assert_eq!(order_of(t.coefficients, t.embedded), embedded, "{} embedded", t.name);
            }
            assert_eq!(t.embedded_order.is_some(), !t.embedded.is_empty());
        }
    }

    #[test]
    fn first_same_as_last() {
        assert_eq!(ALL.map(|t| t.first_same_as_last()), [false, false, false, true, true]);
    }

    #[test]
    fn error_weights_are_rounded_once() {
        // b - b̂ of the Dormand-Prince pair, Hairer, Nørsett, Wanner, code DOPRI5: E1, E3, ..., E7.
        let e = [
            71.0 / 57600.0,
            0.0,
            -71.0 / 16695.0,
            71.0 / 1920.0,
            -17253.0 / 339200.0,
            22.0 / 525.0,
            -1.0 / 40.0,
        ];
        for (got, want) in Tableau::DORMAND_PRINCE.error_weights().iter().zip(e) {
            assert!((got - want).abs() <= f64::EPSILON * want.abs(), "{got} {want}");
        }
        assert!(Tableau::RK4.error_weights().is_empty());
    }
}
