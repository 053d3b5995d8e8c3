//! f(A) for a Hermitian operator, by Lanczos.

use super::LanczosOptions;
use super::lanczos::{Basis, Process, lanczos};
use super::quadrature::{End, Rule, Tridiagonal, logarithm_error};
use super::target::{Form, Target};
use crate::MatrixError;
use crate::operator::{BLOCK, Counted};
use crate::scalar::{RealScalar, Scalar};
use faer::prelude::ReborrowMut;
use faer::{Accum, Conj, Mat, MatMut, MatRef};
use rand::Rng;

/// Steps between two looks at the quadrature.
const LOOK: usize = 8;

/// A function on the spectrum, and how closely it is to be approximated.
pub(super) struct Function<'a, R> {
    pub(super) f: &'a dyn Fn(R) -> R,
    /// Whether f is ln: then nodes must be positive, and one end of the spectrum suffices for a bracket.
    pub(super) logarithm: bool,
    pub(super) options: LanczosOptions<R>,
}

/// A quadrature of $e_1^\top f(T) e_1$.
struct Quadrature<R> {
    value: R,
    /// Half the width of the bracket that `value` is the middle of, if enough is known of the spectrum.
    half_width: Option<R>,
    /// Weighted mean of |f|: what the tolerance is relative to.
    scale: R,
}

/// The last value and the last change of a quadrature.
#[derive(Clone, Copy)]
struct History<R>(Option<R>, Option<R>);

impl<R: RealScalar> Function<'_, R> {
    /// The sums of f and of |f| over a rule.
    fn sum(&self, rule: &Rule<R>) -> Result<(R, R), MatrixError> {
        let (mut sum, mut scale) = (R::ZERO, R::ZERO);
        for (&node, &weight) in rule.nodes.iter().zip(&rule.weights) {
            let value = self.at(node)?;
            sum += weight * value;
            scale += weight * value.modulus();
        }
        Ok((sum, scale))
    }

    fn at(&self, node: R) -> Result<R, MatrixError> {
        let value = (self.f)(node);
        if value.finite() {
            return Ok(value);
        }
        Err(MatrixError::OutOfRange {
            what: "the argument of f, a Ritz value,",
            range: "where f is finite",
            value: node.to_f64(),
        })
    }

    fn check_positive(&self, nodes: &[R]) -> Result<(), MatrixError> {
        let limit = R::UNIT_ROUNDOFF * largest_modulus(nodes);
        match nodes.iter().position(|&node| node <= limit) {
            Some(index) if self.logarithm => Err(MatrixError::NotPositive {
                kind: "definite",
                what: "Ritz value",
                index,
                value: nodes[index].to_f64(),
            }),
            _ => Ok(()),
        }
    }

    /// `Err` for a given end of the spectrum that a Ritz value violates by more than rounding.
    fn check_ends(&self, nodes: &[R], slack: R) -> Result<(), MatrixError> {
        let refused = |what, range, end: R| Err(MatrixError::OutOfRange { what, range, value: end.to_f64() });
        match (self.options.smallest_eigenvalue, self.options.largest_eigenvalue) {
            (Some(a), _) if nodes.iter().any(|&node| node < a - slack) => {
                refused("smallest_eigenvalue", "at most every Ritz value", a)
            }
            (_, Some(b)) if nodes.iter().any(|&node| node > b + slack) => {
                refused("largest_eigenvalue", "at least every Ritz value", b)
            }
            _ => Ok(()),
        }
    }

    /// The Gauss-Radau sum with a node at an end of the spectrum, moved outwards by what rounding may do to a Ritz value
    /// that has converged to it.
    fn radau(&self, t: &Tridiagonal<R>, slack: R, end: End, at: R) -> Result<R, MatrixError> {
        let (what, range, moved) = match end {
            End::Smallest if self.logarithm => {
                let half = at * R::from_f64(0.5);
                ("smallest_eigenvalue", "at most every Ritz value", at - RealScalar::min(slack, half))
            }
            End::Smallest => ("smallest_eigenvalue", "at most every Ritz value", at - slack),
            End::Largest => ("largest_eigenvalue", "at least every Ritz value", at + slack),
        };
        match t.radau(end, moved)? {
            Some(rule) => Ok(self.sum(&rule)?.0),
            None => Err(MatrixError::OutOfRange { what, range, value: at.to_f64() }),
        }
    }

    fn quadrature(&self, t: &Tridiagonal<R>) -> Result<Quadrature<R>, MatrixError> {
        let rule = t.gauss()?;
        self.check_positive(&rule.nodes)?;
        let (gauss, scale) = self.sum(&rule)?;
        let slack = slack(t.order(), &rule.nodes);
        self.check_ends(&rule.nodes, slack)?;
        let bracket = match (self.options.smallest_eigenvalue, self.options.largest_eigenvalue) {
            _ if t.invariant => Some((gauss, gauss)),
            (Some(a), _) if self.logarithm => Some((self.radau(t, slack, End::Smallest, a)?, gauss)),
            (Some(a), Some(b)) => {
                Some((self.radau(t, slack, End::Smallest, a)?, self.radau(t, slack, End::Largest, b)?))
            }
            _ => None,
        };
        let half = R::from_f64(0.5);
        Ok(match bracket {
            Some((x, y)) => {
                Quadrature { value: (x + y) * half, half_width: Some((x - y).modulus() * half), scale }
            }
            None => Quadrature { value: gauss, half_width: None, scale },
        })
    }

    fn converged(
        &self,
        t: &Tridiagonal<R>,
        history: &mut History<R>,
        tolerance: R,
    ) -> Result<bool, MatrixError> {
        if tolerance == R::ZERO || !t.order().is_multiple_of(LOOK) {
            return Ok(false);
        }
        let q = self.quadrature(t)?;
        let History(last, old) = *history;
        let new = last.map(|last| (q.value - last).modulus());
        *history = History(Some(q.value), new);
        let allowed = tolerance * q.scale;
        Ok(match (q.half_width, new, old) {
            (Some(width), _, _) => width <= allowed,
            // Changes that fall like a geometric sequence leave new²/(old - new).
            (None, Some(new), Some(old)) => {
                new == R::ZERO || (new < old && new * (new / (old - new)) <= allowed)
            }
            _ => false,
        })
    }

    /// $f(T) e_1$ and the eigenvalues of T.
    fn first_column(&self, t: &Tridiagonal<R>) -> Result<(Vec<R>, Vec<R>), MatrixError> {
        let k = t.order();
        let dense = Mat::from_fn(k, k, |i, j| match i.abs_diff(j) {
            0 => t.diagonal[i],
            1 => t.couplings[i.min(j)],
            _ => R::ZERO,
        });
        let (values, vectors) = R::hermitian_eigen(dense.as_ref()).ok_or(MatrixError::NoConvergence {
            what: "the eigenvalues of a tridiagonal matrix",
            iterations: k,
        })?;
        self.check_positive(&values)?;
        let mut column = vec![R::ZERO; k];
        for (j, &value) in values.iter().enumerate() {
            let weight = self.at(value)? * vectors[(0, j)];
            for (i, x) in column.iter_mut().enumerate() {
                *x += weight * vectors[(i, j)];
            }
        }
        Ok((column, values))
    }
}

/// What rounding may do to a Ritz value of a process with so many steps.
fn slack<R: RealScalar>(steps: usize, ritz: &[R]) -> R {
    R::from_f64(20.0 * steps as f64) * R::UNIT_ROUNDOFF * largest_modulus(ritz)
}

fn largest_modulus<R: RealScalar>(x: &[R]) -> R {
    x.iter().fold(R::ZERO, |m, x| RealScalar::max(m, x.modulus()))
}

/// f(A) as a target.
pub(super) struct FunctionOf<'a, T: Scalar> {
    operator: Counted<'a, T>,
    function: Function<'a, T::RealPart>,
    /// Whether the operator has been found Hermitian.
    checked: bool,
    steps: usize,
}

impl<'a, T: Scalar> FunctionOf<'a, T> {
    pub(super) fn new(operator: Counted<'a, T>, function: Function<'a, T::RealPart>) -> Self {
        Self { operator, function, checked: false, steps: 0 }
    }

    /// The processes of at most [`BLOCK`] columns.
    fn run(
        &mut self,
        x: MatRef<'_, T>,
        keep: Basis,
        tolerance: T::RealPart,
    ) -> Result<Vec<Process<T>>, MatrixError> {
        let mut histories = [History(None, None); BLOCK];
        let steps = self.products_per_column();
        let check = !std::mem::replace(&mut self.checked, true);
        let function = &self.function;
        let processes = lanczos(&mut self.operator, x, steps, keep, check, |column, t| {
            function.converged(t, &mut histories[column], tolerance)
        })?;
        let longest = processes.iter().map(|p| p.tridiagonal.order()).max().unwrap_or(0);
        self.steps = self.steps.max(longest);
        Ok(processes)
    }

    /// `y = f(A) x` for one column, from its process, and a bound of the error.
    fn assemble(&self, process: &Process<T>, y: MatMut<'_, T>) -> Result<Option<T::RealPart>, MatrixError> {
        let t = &process.tridiagonal;
        let (n, k) = (y.nrows(), t.order());
        let (column, values) = self.function.first_column(t)?;
        let column: Vec<T> = column.iter().map(|&c| T::from_real(c * t.length)).collect();
        let v = MatRef::from_column_major_slice(&process.basis[..n * k], n, k);
        let c = MatRef::from_column_major_slice(&column, k, 1);
        T::product(y, Accum::Replace, (v, Conj::No), (c, Conj::No), T::ONE);
        let slack = slack(k, &values);
        self.function.check_ends(&values, slack)?;
        Ok(match self.function.options.smallest_eigenvalue {
            _ if t.invariant => Some(T::RealPart::ZERO),
            Some(a) if self.function.logarithm => {
                let below = a - RealScalar::min(slack, a * T::RealPart::from_f64(0.5));
                Some(logarithm_error(t, &values, below) * t.length)
            }
            _ => None,
        })
    }
}

impl<T: Scalar> Target<T> for FunctionOf<'_, T> {
    fn order(&self) -> usize {
        self.operator.order()
    }

    fn apply(
        &mut self,
        x: MatRef<'_, T>,
        mut y: MatMut<'_, T>,
    ) -> Result<Option<Vec<T::RealPart>>, MatrixError> {
        let options = self.function.options;
        let keep = if options.reorthogonalise { Basis::Orthogonalised } else { Basis::Kept };
        // The error of the vector is about the root of the error of its quadratic form.
        let floor = T::RealPart::from_f64(4.0) * T::RealPart::UNIT_ROUNDOFF;
        let tolerance = match options.tolerance {
            zero if zero == T::RealPart::ZERO => zero,
            tolerance => RealScalar::max(tolerance * tolerance, floor),
        };
        let mut bounds = Vec::with_capacity(x.ncols());
        for start in (0..x.ncols()).step_by(BLOCK) {
            let part = x.subcols(start, BLOCK.min(x.ncols() - start));
            for (j, process) in self.run(part, keep, tolerance)?.iter().enumerate() {
                let mut column = y.rb_mut().subcols_mut(start + j, 1);
                if process.tridiagonal.order() == 0 {
                    column.fill(T::ZERO);
                    bounds.push(Some(T::RealPart::ZERO));
                } else {
                    bounds.push(self.assemble(process, column)?);
                }
            }
        }
        Ok(bounds.into_iter().collect())
    }

    fn forms(
        &mut self,
        x: MatRef<'_, T>,
        forms: &mut Vec<Form<T>>,
        _: &mut dyn Rng,
    ) -> Result<(), MatrixError> {
        let options = self.function.options;
        let keep = if options.reorthogonalise { Basis::Orthogonalised } else { Basis::Forgotten };
        for start in (0..x.ncols()).step_by(BLOCK) {
            let part = x.subcols(start, BLOCK.min(x.ncols() - start));
            for process in self.run(part, keep, options.tolerance)? {
                let t = &process.tridiagonal;
                forms.push(if t.order() == 0 {
                    Form { value: T::ZERO, bias: Some(T::RealPart::ZERO) }
                } else {
                    let q = self.function.quadrature(t)?;
                    let square = t.length * t.length;
                    let bias = q.half_width.map(|width| width * square);
                    Form { value: T::from_real(q.value * square), bias }
                });
            }
        }
        Ok(())
    }

    fn products(&self) -> usize {
        self.operator.products()
    }

    fn products_per_column(&self) -> usize {
        let steps = self.function.options.steps;
        // With orthogonal vectors the process ends after n steps.
        if self.function.options.reorthogonalise { steps.min(self.order()) } else { steps }
    }

    fn steps(&self) -> usize {
        self.steps
    }

    /// By pairs of probes; and columns that are approximated need not show it to half the digits.
    fn checks_symmetry(&self) -> bool {
        true
    }
}
