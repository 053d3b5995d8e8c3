//! What the benches share, and our side of the comparison with Python libraries.

pub mod peers;

/// The code in the chapters of the book, run as tests of the documentation.
#[cfg(doctest)]
mod book {
    #[doc = include_str!("../../docs/book/src/determinant_of_an_exponential.md")]
    struct DeterminantOfAnExponential;
    #[doc = include_str!("../../docs/book/src/non_square_determinants.md")]
    struct NonSquareDeterminants;
    #[doc = include_str!("../../docs/book/src/f_divergences.md")]
    struct FDivergences;
    #[doc = include_str!("../../docs/book/src/transport.md")]
    struct Transport;
}
