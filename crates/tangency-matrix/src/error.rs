//! What can be wrong with a question about matrices.

/// Why a question about a matrix has no answer; the numbers that were given are in the fields.
///
/// An error means that the question was ill posed, or that the answer does not exist or does not fit into the number
/// type. Work that was stopped early is no error: then the result carries a status.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MatrixError {
    /// A square matrix is needed.
    #[error("the matrix must be square, and it is {rows} x {columns}")]
    NotSquare {
        /// Rows.
        rows: usize,
        /// Columns.
        columns: usize,
    },
    /// Two operands do not fit together.
    #[error("{what} must be {expected_rows} x {expected_columns}, and it is {rows} x {columns}")]
    ShapeMismatch {
        /// Which operand.
        what: &'static str,
        /// Rows that fit.
        expected_rows: usize,
        /// Columns that fit.
        expected_columns: usize,
        /// Rows given.
        rows: usize,
        /// Columns given.
        columns: usize,
    },
    /// An entry is NaN or infinite.
    #[error("entry ({row}, {column}) is NaN or infinite")]
    NotFinite {
        /// Row, from zero.
        row: usize,
        /// Column, from zero.
        column: usize,
    },
    /// An argument that is not a matrix lies outside its range.
    #[error("{what} must be {range}, and it is {value}")]
    OutOfRange {
        /// Which argument.
        what: &'static str,
        /// What is allowed.
        range: &'static str,
        /// What was given.
        value: f64,
    },
    /// The result, or something needed on the way, is larger than the largest number of the type.
    #[error("{what} overflows; ln of its norm is about {ln_norm:.4}")]
    Overflow {
        /// What overflows.
        what: &'static str,
        /// An estimate of ln of its norm.
        ln_norm: f64,
    },
    /// The matrix is singular to working precision where an inverse or a logarithm is needed.
    #[error("the matrix is singular: {what}, index {index}")]
    Singular {
        /// Where it was seen (an eigenvalue, a pivot).
        what: &'static str,
        /// Index from zero.
        index: usize,
    },
    /// The function has no primary value there: an eigenvalue lies on the branch cut or on a singularity.
    #[error("{function} has no {wanted} principal value: eigenvalue {real:e} {imaginary:+e}i, index {index}")]
    NoPrincipalValue {
        /// Which function.
        function: &'static str,
        /// Real or complex.
        wanted: &'static str,
        /// Real part of the eigenvalue.
        real: f64,
        /// Its imaginary part.
        imaginary: f64,
        /// Its index in the Schur form.
        index: usize,
    },
    /// A symmetric (Hermitian) matrix is needed.
    #[error(
        "the matrix must be Hermitian: entries ({row}, {column}) and ({column}, {row}) differ by {difference:e}"
    )]
    NotHermitian {
        /// Row, from zero.
        row: usize,
        /// Column, from zero.
        column: usize,
        /// Modulus of the difference.
        difference: f64,
    },
    /// A positive definite (or semidefinite) matrix is needed.
    #[error("the matrix must be positive {kind}, and {what} {index} is {value:e}")]
    NotPositive {
        /// "definite" or "semidefinite".
        kind: &'static str,
        /// A pivot or an eigenvalue.
        what: &'static str,
        /// Its index from zero.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// Two spectra meet, and the linear equation has no unique solution.
    #[error("the equation has no unique solution: the spectra meet, smallest separation {separation:e}")]
    SpectraMeet {
        /// Smallest distance found, relative to the norms.
        separation: f64,
    },
    /// An iteration that converges for every matrix in exact arithmetic did not.
    #[error("{what} did not converge{}", after(.iterations))]
    NoConvergence {
        /// Which iteration.
        what: &'static str,
        /// Iterations made; 0 where faer does not tell.
        iterations: usize,
    },
    /// An operator that is known by its products alone must be Hermitian.
    #[error(
        "the operator must be Hermitian: <Ax, y> and <x, Ay> differ by {difference:e} of the lengths |Ax| |y|"
    )]
    OperatorNotHermitian {
        /// $\lvert \langle Ax, y \rangle - \langle x, Ay \rangle \rvert$ relative to the lengths, for the worst pair of
        /// probes.
        difference: f64,
    },
    /// An operator made NaN or infinity out of a finite vector.
    #[error("component {row} of the operator's product {product} with a finite vector is NaN or infinite")]
    OperatorNotFinite {
        /// Component of the product, from zero.
        row: usize,
        /// How many products were taken before, in all.
        product: usize,
    },
    /// One matrix of a batch is at fault; the results before it are written.
    #[error("matrix {index} of the batch: {source}")]
    InBatch {
        /// Which one, from zero.
        index: usize,
        /// What is wrong with it.
        source: Box<Self>,
    },
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "called by the derived code")]
fn after(iterations: &usize) -> String {
    if *iterations == 0 { String::new() } else { format!(" after {iterations} iterations") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iterations_are_named_where_they_are_known() {
        let message = |iterations| MatrixError::NoConvergence { what: "QL", iterations }.to_string();
        assert_eq!(message(60), "QL did not converge after 60 iterations");
        assert_eq!(message(0), "QL did not converge");
    }
}
