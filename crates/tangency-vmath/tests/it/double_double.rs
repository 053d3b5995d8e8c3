//! The functions to about 95 bits, as sums of two doubles: a ruler finer than the marks it measures.
//!
//! Slow and plain: Taylor's series of $e^r - 1$ for $|r| < 0.022$, doubled four times; logarithms by one step of Newton's
//! method from the standard library's.

use crate::functions::Function;
use std::sync::LazyLock;

/// An unevaluated sum, the second at most half a unit in the last place of the first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair(pub(crate) f64, pub(crate) f64);

fn sum(a: f64, b: f64) -> Pair {
    let s = a + b;
    let b_seen = s - a;
    Pair(s, (a - (s - b_seen)) + (b - b_seen))
}

fn add(a: Pair, b: Pair) -> Pair {
    let (high, low) = (sum(a.0, b.0), sum(a.1, b.1));
    let Pair(s, t) = sum(high.0, high.1 + low.0);
    sum(s, t + low.1)
}

fn product(a: f64, b: f64) -> Pair {
    let p = a * b;
    Pair(p, a.mul_add(b, -p))
}

fn multiply(a: Pair, b: Pair) -> Pair {
    let Pair(p, e) = product(a.0, b.0);
    sum(p, e + (a.0 * b.1 + a.1 * b.0))
}

fn divide(a: Pair, b: Pair) -> Pair {
    let first = a.0 / b.0;
    let rest = add(a, negative(multiply(b, Pair(first, 0.0))));
    let second = rest.0 / b.0;
    let rest = add(rest, negative(multiply(b, Pair(second, 0.0))));
    add(sum(first, second), Pair(rest.0 / b.0, 0.0))
}

fn negative(a: Pair) -> Pair {
    Pair(-a.0, -a.1)
}

fn scale(a: Pair, power: f64) -> Pair {
    Pair(a.0 * power, a.1 * power)
}

const ONE: Pair = Pair(1.0, 0.0);

/// 1/2, 1/3, ..., 1/15.
static INVERSES: LazyLock<[Pair; 14]> =
    LazyLock::new(|| std::array::from_fn(|k| divide(ONE, Pair((k + 2) as f64, 0.0))));

/// $(n, e^r - 1)$ with $x = n \ln 2 + r$.
fn reduced(x: Pair) -> (i32, Pair) {
    // ln 2 in three parts; the products of the first two with n are exact.
    const PARTS: [f64; 3] = [0.6931471803691238, 1.9082149288430703e-10, 4.275175589747649e-20];
    let n = (x.0 * std::f64::consts::LOG2_E).round();
    let mut r = x;
    for part in PARTS {
        r = add(r, product(-n, part));
    }
    let r = scale(r, 0.0625);
    let mut series = ONE;
    for inverse in INVERSES.iter().rev() {
        series = add(ONE, multiply(multiply(r, series), *inverse));
    }
    let mut e = multiply(r, series);
    for _ in 0..4 {
        e = multiply(e, add(e, Pair(2.0, 0.0)));
    }
    (n as i32, e)
}

fn exp(x: Pair) -> Pair {
    let (n, e) = reduced(x);
    scale(scale(add(ONE, e), 2_f64.powi(n / 2)), 2_f64.powi(n - n / 2))
}

fn expm1(x: Pair) -> Pair {
    let (n, e) = reduced(x);
    if n == 0 { e } else { add(exp(x), negative(ONE)) }
}

/// $\ln(1 + x)$: with $y$ near it, $y + ((1 + x) e^{-y} - 1)$ up to the square of the error of $y$, which is $2^{-52}$.
fn log1p(x: Pair) -> Pair {
    let y = Pair(x.0.ln_1p(), 0.0);
    // (1 + x) e^-y - 1 = (x - (e^y - 1)) / e^y.
    add(y, divide(add(x, negative(expm1(y))), exp(y)))
}

fn ln(x: f64) -> Pair {
    if (0.5..=2.0).contains(&x) {
        return log1p(Pair(x - 1.0, 0.0)); // exact difference
    }
    let y = Pair(x.ln(), 0.0);
    add(y, add(multiply(Pair(x, 0.0), exp(negative(y))), negative(ONE)))
}

/// Whether [`evaluate`] is good at `x`: no step of it may overflow, or lose digits to underflow.
pub(crate) fn covers(function: Function, x: f64) -> bool {
    let size = x.abs();
    let range = match function {
        Function::Ln => return (1e-290..1e290).contains(&x),
        Function::Log1p => return (-1.0 < x) && (1e-250..1e290).contains(&size),
        Function::Exp | Function::Sigmoid | Function::Softplus => -640.0..700.0,
        Function::Expm1 | Function::Tanh => -300.0..300.0,
    };
    range.contains(&x) && size > 1e-250
}

/// The value at `x`, to about 2^-90 of itself.
pub(crate) fn evaluate(function: Function, x: f64) -> Pair {
    let argument = Pair(x, 0.0);
    match function {
        Function::Exp => exp(argument),
        Function::Expm1 => expm1(argument),
        Function::Ln => ln(x),
        Function::Log1p => log1p(argument),
        Function::Tanh => {
            let e = expm1(scale(argument, 2.0));
            divide(e, add(e, Pair(2.0, 0.0)))
        }
        Function::Sigmoid if x < 0.0 => divide(exp(argument), add(ONE, exp(argument))),
        Function::Sigmoid => divide(ONE, add(ONE, exp(negative(argument)))),
        Function::Softplus if x < 0.0 => log1p(exp(argument)),
        Function::Softplus => add(argument, log1p(exp(negative(argument)))),
    }
}
