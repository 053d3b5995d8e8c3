//! Factors of sparse matrices, as far as a determinant needs them: the pivots.

use super::buffer;
use faer::dyn_stack::MemStack;
use faer::linalg::cholesky::ldlt::factor::{LdltError, LdltRegularization};
use faer::linalg::cholesky::llt::factor::{LltError, LltRegularization};
use faer::perm::PermRef;
use faer::sparse::linalg::cholesky::supernodal::SupernodalLltRef;
use faer::sparse::linalg::cholesky::{
    CholeskySymbolicParams, SymbolicCholesky, SymbolicCholeskyRaw, SymmetricOrdering,
    factorize_symbolic_cholesky,
};
use faer::sparse::linalg::lu::simplicial::{
    SimplicialLu, factorize_simplicial_numeric_lu, factorize_simplicial_numeric_lu_scratch,
};
use faer::sparse::linalg::{LuError, colamd};
use faer::sparse::{FaerError, SparseColMatRef};
use faer::traits::ComplexField;
use faer::{Par, Side, Spec};

/// Why a sparse factorisation stopped.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(unnameable_types, reason = "part of the trait that seals `Scalar`")]
pub enum FactorError {
    /// A pivot is zero (not positive, for Cholesky), at this row of the given matrix, with this value.
    Pivot(usize, f64),
    /// The fill does not fit into memory.
    Memory,
}

impl From<FaerError> for FactorError {
    fn from(_: FaerError) -> Self {
        Self::Memory
    }
}

/// Whether a permutation is odd: n minus the number of its cycles.
fn is_odd(permutation: &[usize]) -> bool {
    let mut seen = vec![false; permutation.len()];
    let mut transpositions = 0;
    for start in 0..permutation.len() {
        let mut i = start;
        while !seen[i] {
            seen[i] = true;
            i = permutation[i];
            transpositions += usize::from(i != start);
        }
    }
    transpositions % 2 == 1
}

/// Always simplicial: faer's supernodal LU keeps its factor to itself.
pub(super) fn lu_pivots<T: ComplexField>(
    a: SparseColMatRef<'_, usize, T>,
) -> Result<(Vec<T>, bool), FactorError> {
    let n = a.ncols();
    let (mut columns, mut columns_inverse) = (vec![0; n], vec![0; n]);
    let mut memory = buffer(colamd::order_scratch::<usize>(n, n, a.compute_nnz()));
    colamd::order(
        &mut columns,
        &mut columns_inverse,
        a.symbolic(),
        colamd::Control::default(),
        MemStack::new(&mut memory),
    )?;
    let order = PermRef::new_checked(&columns, &columns_inverse, n);
    let (mut rows, mut rows_inverse) = (vec![0; n], vec![0; n]);
    let mut factor = SimplicialLu::new();
    let mut memory = buffer(factorize_simplicial_numeric_lu_scratch::<usize, T>(n, n));
    factorize_simplicial_numeric_lu(
        &mut rows,
        &mut rows_inverse,
        &mut factor,
        a,
        order,
        MemStack::new(&mut memory),
    )
    .map_err(|error| match error {
        LuError::SymbolicSingular { index } => FactorError::Pivot(columns[index], 0.0),
        LuError::Generic(_) => FactorError::Memory,
    })?;
    let u = factor.u_factor_unsorted();
    // The factorisation appends the pivot to its column last.
    let pivots = (0..n).map(|j| u.val()[u.col_ptr()[j + 1] - 1].clone()).collect();
    Ok((pivots, is_odd(&rows) != is_odd(&columns)))
}

pub(super) fn cholesky_diagonal<T: ComplexField>(
    a: SparseColMatRef<'_, usize, T>,
    indefinite: bool,
    to_f64: impl Fn(&T) -> f64,
) -> Result<Vec<T>, FactorError> {
    let symbolic = factorize_symbolic_cholesky(
        a.symbolic(),
        Side::Lower,
        SymmetricOrdering::Amd,
        CholeskySymbolicParams::default(),
    )?;
    let mut values = Vec::new();
    values.try_reserve_exact(symbolic.len_val()).map_err(|_| FactorError::Memory)?;
    values.resize(symbolic.len_val(), T::zero_impl());
    let (par, side) = (Par::Seq, Side::Lower);
    let ldlt = |values: &mut [T]| {
        let mut memory = buffer(symbolic.factorize_numeric_ldlt_scratch::<T>(par, Spec::default()));
        let stack = MemStack::new(&mut memory);
        symbolic
            .factorize_numeric_ldlt(
                values,
                a,
                side,
                LdltRegularization::default(),
                par,
                stack,
                Spec::default(),
            )
            .map(drop)
            .map_err(|LdltError::ZeroPivot { index }| place(&symbolic, index))
    };
    if indefinite {
        ldlt(&mut values).map_err(|place| FactorError::Pivot(original_index(&symbolic, place), 0.0))?;
    } else {
        let mut memory = buffer(symbolic.factorize_numeric_llt_scratch::<T>(par, Spec::default()));
        let stack = MemStack::new(&mut memory);
        let outcome = symbolic
            .factorize_numeric_llt(
                &mut values,
                a,
                side,
                LltRegularization::default(),
                par,
                stack,
                Spec::default(),
            )
            .map(drop)
            .map_err(|LltError::NonPositivePivot { index }| place(&symbolic, index));
        if let Err(place) = outcome {
            // Once more, without roots, to see the value of the pivot.
            let value = match ldlt(&mut values) {
                Err(stopped) if stopped <= place => 0.0,
                _ => to_f64(&diagonal(&symbolic, &values)[place]),
            };
            return Err(FactorError::Pivot(original_index(&symbolic, place), value));
        }
    }
    Ok(diagonal(&symbolic, &values))
}

/// The diagonal of the factor, in the order of elimination.
fn diagonal<T: ComplexField>(symbolic: &SymbolicCholesky<usize>, values: &[T]) -> Vec<T> {
    match symbolic.raw() {
        SymbolicCholeskyRaw::Simplicial(simplicial) => {
            (0..simplicial.ncols()).map(|j| values[simplicial.col_ptr()[j]].clone()).collect()
        }
        SymbolicCholeskyRaw::Supernodal(blocks) => {
            let factor = SupernodalLltRef::new(blocks, values);
            (0..blocks.n_supernodes())
                .flat_map(|s| {
                    let block = factor.supernode(s).val();
                    (0..block.ncols()).map(move |j| block[(j, j)].clone())
                })
                .collect()
        }
    }
}

/// The pivot at which faer stopped, from zero: its simplicial code counts from one.
fn place(symbolic: &SymbolicCholesky<usize>, index: usize) -> usize {
    match symbolic.raw() {
        SymbolicCholeskyRaw::Simplicial(_) => index.saturating_sub(1),
        SymbolicCholeskyRaw::Supernodal(_) => index,
    }
}

/// The row of the given matrix that became this pivot.
fn original_index(symbolic: &SymbolicCholesky<usize>, place: usize) -> usize {
    symbolic.perm().map_or(place, |order| order.arrays().0[place])
}
