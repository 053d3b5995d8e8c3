//! Determinants that no floating-point number holds, singular ones, sparse ones, and those of matrices that are not square.
//!
//! A determinant is kept as a sign and a logarithm. Each comes with a bound of its error; the gradient exists where the
//! matrix is singular and the logarithm does not; and a matrix with more rows than columns has a volume.

use faer::sparse::{SparseColMat, Triplet};
use faer::{Mat, mat};
use std::error::Error;
use std::fmt::Write;
use tangency_matrix::{
    adjugate, log_det_report, log_det_sparse_cholesky, log_volume, principal_angles, pushforward_log_density,
    rank_volume,
};

/// 4 on the diagonal and −1 between neighbours on a grid of k x k points.
fn grid(k: usize) -> Result<SparseColMat<usize, f64>, Box<dyn Error>> {
    let mut entries = Vec::new();
    for at in 0..k * k {
        entries.push(Triplet::new(at, at, 4.0));
        if (at + 1) % k != 0 {
            entries.push(Triplet::new(at + 1, at, -1.0));
        }
        if at + k < k * k {
            entries.push(Triplet::new(at + k, at, -1.0));
        }
    }
    Ok(SparseColMat::try_new_from_triplets(k * k, k * k, &entries)?)
}

pub(crate) fn run() -> Result<String, Box<dyn Error>> {
    let mut out = String::new();
    writeln!(out, "{:<22} {:>5} {:>16} {:>18}", "matrix", "sign", "ln |det|", "known to")?;
    let cases = [
        ("0.1 I, order 400", Mat::from_fn(400, 400, |i, j| if i == j { 0.1 } else { 0.0 })),
        ("Hilbert, order 6", Mat::from_fn(6, 6, |i, j| 1.0 / (i + j + 1) as f64)),
        ("1e300 and 1e-300", mat![[1e300, 1.0], [1.0, 3e-300]]),
        ("cyclic shift, order 4", Mat::from_fn(4, 4, |i, j| if (i + 1) % 4 == j { 1.0 } else { 0.0 })),
        ("ones, order 4", Mat::ones(4, 4)),
    ];
    for (name, a) in &cases {
        let report = log_det_report(a.as_ref())?;
        let (sign, ln_abs) = (report.log_det.sign, report.log_det.ln_abs);
        let known = if report.error_bound.is_finite() {
            format!("1e{:.0}", report.error_bound.log10().ceil())
        } else {
            "singular".to_owned()
        };
        writeln!(out, "{name:<22} {sign:>5} {ln_abs:>16.8} {known:>18}")?;
    }

    writeln!(
        out,
        "\nthe adjugate of a singular matrix of rank 2: the gradient of its determinant, transposed"
    )?;
    let adjugate = adjugate(mat![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]].as_ref())?;
    for i in 0..3 {
        writeln!(out, "{:>8.3} {:>8.3} {:>8.3}", adjugate[(i, 0)], adjugate[(i, 1)], adjugate[(i, 2)])?;
    }

    // The values of the grid are those of two sums of cosines; per point the logarithm tends to 4/π times Catalan's constant.
    writeln!(out, "\nln det per point of a grid, by sparse Cholesky; the limit is 1.16624361")?;
    for k in [10, 40, 160] {
        let per_point = log_det_sparse_cholesky(grid(k)?.as_ref())?.ln_abs / (k * k) as f64;
        writeln!(out, "{k:>4} x {k:<4} {per_point:.8}")?;
    }

    writeln!(out, "\narea of two columns in space, where the Gram matrix has lost it")?;
    for e in [1e-4_f64, 1e-8, 1e-12] {
        let b = mat![[1.0, 1.0], [e, 0.0], [0.0, e]];
        let gram = 0.5 * (b.transpose() * &b).determinant().max(0.0_f64).ln();
        let (volume, angles) = (log_volume(b.as_ref())?, principal_angles(b.get(.., ..1), b.get(.., 1..))?);
        writeln!(out, "e = {e:<6e} QR {volume:>12.6}   Gram {gram:>12.6}   angle {:.6e}", angles[0])?;
    }
    let flat = rank_volume::<f64>(mat![[1.0, 0.0, 1.0], [0.0, 1.0, 1.0], [0.0, 0.0, 0.0]].as_ref(), None)?;
    writeln!(out, "three vectors in a plane: rank {}, volume in it {:.6}", flat.rank, flat.ln_volume.exp())?;

    // (u, v) ↦ (u, v, u² + v²), uniform on the unit square.
    writeln!(out, "\ndensity on a paraboloid of a uniform point (u, v), with respect to area")?;
    for (u, v) in [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)] {
        let jacobian = mat![[1.0, 0.0], [0.0, 1.0], [2.0 * u, 2.0 * v]];
        let density: f64 = pushforward_log_density(0.0, jacobian.as_ref())?;
        writeln!(out, "({u:.1}, {v:.1}) {:.6}", density.exp())?;
    }
    Ok(out)
}

#[allow(dead_code, reason = "the test includes this file for `run`")]
fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", run()?);
    Ok(())
}
