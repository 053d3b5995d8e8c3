//! Functions of matrices in double precision.

use super::{Timing, read, write};
use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};
use tangency::faer::linalg::matmul::matmul;
use tangency::faer::sparse::{SparseColMat, Triplet};
use tangency::faer::{Accum, Mat, MatRef, Par};
use tangency::matrix::{self, ActionOptions, MatrixError};

/// Seconds of repetitions, as on the other side.
const SECONDS: f64 = 0.3;

/// The exponential: `matrix_expm`.
pub(super) fn run_expm(work: &str, folder: &Path) -> Result<Timing, Box<dyn Error>> {
    if work == "10 000 of order 2" {
        // Row-major on file; the exponential of the transpose is the transpose.
        let matrices = read(folder, "a", f64::from_le_bytes)?;
        let mut results = vec![0.0; matrices.len()];
        let mut outcome = Ok(());
        let milliseconds = best(|| {
            outcome = matrix::expm_batch(2, black_box(&matrices), &mut results);
        });
        outcome?;
        write(folder, results)?;
        return Ok(Timing { milliseconds, limit: None, megabytes: None });
    }
    let a = square(folder, "a")?;
    let milliseconds = time(&a, folder, matrix::expm)?;
    let mut workspace = matrix::ExpmWorkspace::new(a.nrows());
    matrix::expm_into(a.as_ref(), a.clone().as_mut(), &mut workspace)?;
    let limit = workspace.products_made() as f64 * product_milliseconds(a.nrows());
    Ok(Timing {
        milliseconds,
        limit: Some((limit, "products and squarings at the rate of faer's product of this order")),
        megabytes: None,
    })
}

/// Everything else: `matrix`.
pub(super) fn run(work: &str, folder: &Path) -> Result<Timing, Box<dyn Error>> {
    let name = work.split([' ', ',']).next().unwrap_or_default();
    if name == "expm_multiply" {
        return action(folder);
    }
    let a = square(folder, "a")?;
    let n = a.nrows();
    let schur_and = |products: f64| -> Result<Option<(f64, &'static str)>, Box<dyn Error>> {
        let mut failed = Ok(());
        let schur = best(|| failed = matrix::schur(black_box(a.as_ref())).map(drop));
        failed?;
        let what = if products < 5.0 { "Schur form and 4 products" } else { "Schur form and 8 products" };
        Ok(Some((schur + products * product_milliseconds(n), what)))
    };
    let (milliseconds, limit) = match name {
        "Schur" => {
            let mut form = Err(MatrixError::NotSquare { rows: 0, columns: 0 });
            let milliseconds = best(|| form = matrix::schur(black_box(a.as_ref())));
            let mut moduli: Vec<f64> = form?.eigenvalues().iter().map(|z| z.re.hypot(z.im)).collect();
            moduli.sort_by(f64::total_cmp);
            write(folder, moduli)?;
            (
                milliseconds,
                Some((12.5 * product_milliseconds(n), "25 n³ operations at the rate of faer's product")),
            )
        }
        "logm" => (time(&a, folder, matrix::logm)?, schur_and(8.0)?),
        "sqrtm" => (time(&a, folder, matrix::sqrtm)?, schur_and(4.0)?),
        "powm" => (time(&a, folder, |a| matrix::powm(a, 1.0 / 3.0))?, None),
        "cosm" => (time(&a, folder, matrix::cosm)?, None),
        "signm" => (time(&a, folder, matrix::signm)?, None),
        "log_det" => {
            let mut answer = Err(MatrixError::NotSquare { rows: 0, columns: 0 });
            let milliseconds = best(|| answer = matrix::log_det(black_box(a.as_ref())));
            let answer = answer?;
            write(folder, [answer.sign, answer.ln_abs])?;
            let lu = best(|| drop(black_box(black_box(&a).partial_piv_lu())));
            (milliseconds, Some((lu, "faer's LU factorisation")))
        }
        "expm_frechet" => {
            let e = square(folder, "e")?;
            let milliseconds =
                time(&a, folder, |a| matrix::expm_frechet(a, e.as_ref()).map(|pair| pair.derivative))?;
            (milliseconds, None)
        }
        "expm_condition" => {
            let mut answer = Ok(0.0);
            let milliseconds = best(|| answer = matrix::expm_condition(black_box(a.as_ref())));
            write(folder, [answer?])?;
            (milliseconds, None)
        }
        _ => return Err(format!("no work called {work}").into()),
    };
    Ok(Timing { milliseconds, limit, megabytes: None })
}

/// The five-point Laplacian of a square grid, without the division by the square of the step.
pub(super) fn laplacian(side: usize) -> Result<SparseColMat<usize, f64>, Box<dyn Error>> {
    let mut entries = Vec::with_capacity(5 * side * side);
    let at = |i: usize, j: usize| i * side + j;
    for i in 0..side {
        for j in 0..side {
            entries.push(Triplet::new(at(i, j), at(i, j), -4.0));
            if i + 1 < side {
                entries.push(Triplet::new(at(i, j), at(i + 1, j), 1.0));
                entries.push(Triplet::new(at(i + 1, j), at(i, j), 1.0));
            }
            if j + 1 < side {
                entries.push(Triplet::new(at(i, j), at(i, j + 1), 1.0));
                entries.push(Triplet::new(at(i, j + 1), at(i, j), 1.0));
            }
        }
    }
    SparseColMat::try_new_from_triplets(side * side, side * side, &entries)
        .map_err(|error| format!("{error:?}").into())
}

fn action(folder: &Path) -> Result<Timing, Box<dyn Error>> {
    let sizes = read(folder, "t", f64::from_le_bytes)?;
    let [t, side] = sizes[..] else { return Err("t has not two numbers".into()) };
    let a = laplacian(side as usize)?;
    let b = read(folder, "b", f64::from_le_bytes)?;
    let (b, options) = (Mat::from_fn(b.len(), 1, |i, _| b[i]), ActionOptions::default());
    let mut answer = Err(MatrixError::NotSquare { rows: 0, columns: 0 });
    let milliseconds =
        best(|| answer = matrix::expm_multiply(black_box(&(&a).into()), t, b.as_ref(), &options));
    let answer = answer?;
    write(folder, (0..b.nrows()).map(|i| answer.value[(i, 0)]))?;
    // What one product must read and write: five numbers and five indices a row, the vector twice.
    let bytes = a.as_ref().compute_nnz() * 16 + b.nrows() * 24;
    let pass = super::copy_milliseconds::<u64>(bytes / 16);
    Ok(Timing {
        milliseconds,
        limit: Some((
            answer.report.products as f64 * pass,
            "reading the matrix and the vectors once for each product",
        )),
        megabytes: None,
    })
}

/// A square matrix on file, row-major.
pub(super) fn square(folder: &Path, name: &str) -> Result<Mat<f64>, Box<dyn Error>> {
    let numbers = read(folder, name, f64::from_le_bytes)?;
    let n = numbers.len().isqrt();
    Ok(Mat::from_fn(n, n, |i, j| numbers[i * n + j]))
}

/// Best time of a function from a matrix to a matrix; the result goes to the comparison.
pub(super) fn time(
    a: &Mat<f64>,
    folder: &Path,
    function: impl Fn(MatRef<'_, f64>) -> Result<Mat<f64>, MatrixError>,
) -> Result<f64, Box<dyn Error>> {
    let mut result = Ok(Mat::new());
    let milliseconds = best(|| result = function(black_box(a.as_ref())));
    let result = result?;
    write(
        folder,
        (0..result.nrows()).flat_map(|i| (0..result.ncols()).map(move |j| (i, j))).map(|at| result[at]),
    )?;
    Ok(milliseconds)
}

/// Milliseconds of faer's product of two matrices of this order, on one thread or on all, whichever is quicker.
fn product_milliseconds(n: usize) -> f64 {
    let a = Mat::<f64>::from_fn(n, n, |i, j| ((3 * i + 5 * j) % 7) as f64 - 3.0);
    let mut product = Mat::<f64>::zeros(n, n);
    let mut go = |par| {
        best(|| {
            matmul(product.as_mut(), Accum::Replace, black_box(a.as_ref()), black_box(a.as_ref()), 1.0, par);
        })
    };
    go(Par::Seq).min(go(Par::rayon(0)))
}

/// Milliseconds of the best of at least five runs and [`SECONDS`], after a warm-up.
pub(super) fn best(mut work: impl FnMut()) -> f64 {
    work();
    let (start, mut best, mut runs) = (Instant::now(), Duration::MAX, 0);
    while runs < 5 || start.elapsed() < Duration::from_secs_f64(SECONDS) {
        let begin = Instant::now();
        work();
        best = best.min(begin.elapsed());
        runs += 1;
    }
    1e3 * best.as_secs_f64()
}
