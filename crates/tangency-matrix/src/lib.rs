#![doc = include_str!("../README.md")]

mod action;
mod determinant;
mod error;
mod exponential;
mod frechet;
mod function;
mod identities;
mod kernels;
mod logarithm;
mod magnus;
mod norm;
mod operator;
mod parallel;
mod phi;
mod polar;
mod positive_definite;
mod power;
mod product;
mod quasi_triangular;
mod reduction;
mod scalar;
mod schur;
mod series;
mod sign;
mod square_root;
mod subspace;
mod sylvester;
pub mod trace;
mod trigonometric;
mod volume;

pub use action::{
    Action, ActionGrid, ActionMethod, ActionOptions, ActionReport, ActionStatus, LinearOperator,
    expm_multiply, expm_multiply_grid,
};
pub use determinant::{
    LogDet, LogDetReport, LogDetWorkspace, adjugate, det_derivative, det_gradient, log_det, log_det_batch,
    log_det_cholesky, log_det_derivative, log_det_gradient, log_det_hermitian, log_det_of_exp,
    log_det_report, log_det_sparse, log_det_sparse_cholesky, log_det_sparse_ldlt, log_det_with,
};
pub use error::MatrixError;
pub use exponential::{
    ExpmReport, ExpmWorkspace, expm, expm_batch, expm_condition, expm_frechet, expm_frechet_adjoint,
    expm_into, expm_report, expm1m,
};
pub use frechet::Frechet;
pub use function::{DoubleDouble, DoubleDoubleComplex, funm, funm_derivative_free};
pub use identities::{IdentityReport, exp_trace_identity, liouville_identity, log_trace_identity};
pub use logarithm::{
    LogmReport, LogmWorkspace, log1pm, logm, logm_batch, logm_condition, logm_frechet, logm_frechet_adjoint,
    logm_into, logm_report,
};
pub use magnus::{MagnusOrder, magnus_propagator};
pub use norm::operator_norm_1;
pub use operator::ClosureOperator;
pub use phi::phi_functions;
pub use polar::{Polar, polar};
pub use positive_definite::{
    affine_invariant_distance, affine_invariant_geodesic, bures_distance, bures_geodesic, bures_squared,
    bures_transport, log_euclidean_distance,
};
pub use power::{powm, powm_condition, powm_frechet, powm_frechet_adjoint, rootm};
pub use scalar::{Precision, RealScalar, Scalar};
pub use schur::{Schur, schur};
pub use series::{CoefficientBound, PowerSeries, SeriesOptions, SeriesStatus, power_series};
pub use sign::signm;
pub use square_root::{
    SqrtmReport, SqrtmWorkspace, sqrtm, sqrtm_batch, sqrtm_condition, sqrtm_frechet, sqrtm_frechet_adjoint,
    sqrtm_into, sqrtm_report,
};
pub use subspace::principal_angles;
pub use sylvester::{solve_lyapunov, solve_sylvester};
pub use trigonometric::{
    coshm, cosm, cosm_condition, cosm_frechet, cosm_frechet_adjoint, sincosm, sinhm, sinm, sinm_condition,
    sinm_frechet, sinm_frechet_adjoint, tanhm, tanm,
};
pub use volume::{
    PseudoLogDet, RankVolume, log_volume, log_volume_factor, log_volume_gradient, pseudo_log_det,
    pushforward_log_density, rank_volume, volume,
};
