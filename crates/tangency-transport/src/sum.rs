//! Sums whose error does not grow with their length.

/// The smallest positive number: a product that rounds to less may have been anything up to it.
const SMALLEST: f64 = f64::from_bits(1);

/// A running sum that keeps what each addition loses (Neumaier's form of Kahan's summation), and the sum of absolute values,
/// which bounds the error that is left.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sum {
    total: f64,
    lost: f64,
    absolute: f64,
    terms: f64,
    /// Products that were too small to be normal.
    underflows: f64,
}

impl Sum {
    /// The sum of one number.
    pub(crate) fn of(x: f64) -> Self {
        Self { total: x, lost: 0.0, absolute: x.abs(), terms: 1.0, underflows: 0.0 }
    }

    pub(crate) fn add(&mut self, x: f64) {
        let next = self.total + x;
        self.lost +=
            if self.total.abs() >= x.abs() { (self.total - next) + x } else { (x - next) + self.total };
        self.total = next;
        self.absolute += x.abs();
        self.terms += 1.0;
    }

    /// Adds a product with the rounding error of the multiplication.
    pub(crate) fn add_product(&mut self, x: f64, y: f64) {
        let product = x * y;
        self.add(product);
        if product.abs() < f64::MIN_POSITIVE && x != 0.0 && y != 0.0 {
            self.underflows += 1.0;
        }
        self.lost += x.mul_add(y, -product);
    }

    pub(crate) fn value(&self) -> f64 {
        // An infinite total makes the correction NaN.
        if self.total.is_finite() { self.total + self.lost } else { self.total }
    }

    /// The sum as an unevaluated sum of two numbers.
    pub(crate) fn parts(&self) -> (f64, f64) {
        let value = self.value();
        (value, (self.total - value) + self.lost)
    }

    /// A bound for the rounding error of [`value`](Self::value): one rounding of the result, and second-order terms.
    pub(crate) fn error(&self) -> f64 {
        f64::EPSILON * self.value().abs() + self.tail()
    }

    /// A bound for the rounding error of [`parts`](Self::parts): the terms of second order, n² u² Σ|x| with u half of
    /// [`f64::EPSILON`], and what products lose that are too small to be normal.
    pub(crate) fn tail(&self) -> f64 {
        let second_order = self.terms * f64::EPSILON;
        second_order * second_order * self.absolute + self.underflows * SMALLEST
    }
}

impl Extend<f64> for Sum {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, numbers: I) {
        for x in numbers {
            self.add(x);
        }
    }
}

/// The sum of some numbers.
pub(crate) fn sum(numbers: &[f64]) -> f64 {
    let mut sum = Sum::default();
    sum.extend(numbers.iter().copied());
    sum.value()
}
