//! The rest of the matrix functions, in all number types and in batches: `matrix_more`.

use super::matrix::{best, laplacian, square, time};
use super::{Timing, read, write};
use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use tangency::faer::{Mat, MatRef, c64};
use tangency::matrix::{self, DoubleDoubleComplex, LogDet, MatrixError, Scalar};

type Outcome = Result<Timing, Box<dyn Error>>;

pub(super) fn run(work: &str, folder: &Path) -> Outcome {
    let mut words = work.split([' ', ',']).filter(|word| !word.is_empty());
    let (name, kind) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let of = |function: fn(MatRef<'_, f64>) -> Result<Mat<f64>, MatrixError>| {
        time(&square(folder, "a")?, folder, function).map(without_limit)
    };
    match name {
        "sinm" => of(matrix::sinm),
        "sinhm" => of(matrix::sinhm),
        "coshm" => of(matrix::coshm),
        "tanhm" => of(matrix::tanhm),
        "tanm" => of(matrix::tanm),
        "funm" => of(|a| matrix::funm_derivative_free(a, DoubleDoubleComplex::cos)),
        "phi_1" => of(|a| matrix::phi_functions(a, 1).map(|mut phi| phi.swap_remove(1))),
        "powm" => of(|a| matrix::powm(a, -2.7)),
        "signm" => of(matrix::signm),
        "det_gradient" => of(matrix::det_gradient),
        "polar" => polar(folder),
        "sylvester" | "lyapunov" => equation(name, folder),
        "log_volume" => log_volume(words.nth(1).unwrap_or_default(), folder),
        "principal_angles" => angles(folder),
        "log_det_cholesky" => number(|a| matrix::log_det_cholesky(a).map(|d| d.ln_abs), folder),
        "log_det_sparse" => log_det_sparse(folder),
        "expm_frechet_adjoint" => {
            let (a, w) = (square(folder, "a")?, square(folder, "e")?);
            let function = |a: MatRef<'_, f64>| Ok(matrix::expm_frechet_adjoint(a, w.as_ref())?.derivative);
            time(&a, folder, function).map(without_limit)
        }
        "expm" if kind == "single" => narrow(folder, |re, _| re as f32, |z| [f64::from(z), 0.0]),
        "expm" => narrow(folder, c64::new, |z: c64| [z.re, z.im]),
        "log_det_batch" => log_det_batch(kind.parse()?, folder),
        "expm_batch" => batch(kind.parse()?, folder, matrix::expm_batch),
        "sqrtm_batch" => batch(kind.parse()?, folder, matrix::sqrtm_batch),
        "logm_batch" => batch(kind.parse()?, folder, matrix::logm_batch),
        _ => Err(format!("no work called {work}").into()),
    }
}

fn without_limit(milliseconds: f64) -> Timing {
    Timing { milliseconds, limit: None, megabytes: None }
}

/// Times a function that can fail, and gives its last answer to `result`.
fn timed<R, I: IntoIterator<Item = f64>>(
    folder: &Path,
    mut function: impl FnMut() -> Result<R, MatrixError>,
    result: impl Fn(R) -> I,
) -> Outcome {
    let mut answer = function()?;
    let mut outcome = Ok(());
    let milliseconds = best(|| match function() {
        Ok(value) => answer = value,
        Err(error) => outcome = Err(error),
    });
    outcome?;
    write(folder, result(answer))?;
    Ok(without_limit(milliseconds))
}

/// A matrix by rows.
fn rows(a: &Mat<f64>) -> impl Iterator<Item = f64> {
    (0..a.nrows()).flat_map(move |i| (0..a.ncols()).map(move |j| a[(i, j)]))
}

fn number(function: fn(MatRef<'_, f64>) -> Result<f64, MatrixError>, folder: &Path) -> Outcome {
    let a = square(folder, "a")?;
    timed(folder, || function(black_box(a.as_ref())), |x| [x])
}

fn polar(folder: &Path) -> Outcome {
    let a = square(folder, "a")?;
    let both = |p: matrix::Polar<f64>| rows(&p.unitary).chain(rows(&p.hermitian)).collect::<Vec<_>>();
    timed(folder, || matrix::polar(black_box(a.as_ref())), both)
}

fn equation(name: &str, folder: &Path) -> Outcome {
    let (a, b, c) = (square(folder, "a")?, square(folder, "b")?, square(folder, "c")?);
    let solve = || match name {
        "sylvester" => matrix::solve_sylvester(black_box(a.as_ref()), b.as_ref(), c.as_ref()),
        _ => matrix::solve_lyapunov(black_box(a.as_ref()), c.as_ref()),
    };
    timed(folder, solve, |x| rows(&x).collect::<Vec<_>>())
}

/// A matrix of so many columns on file, by rows.
fn tall(folder: &Path, name: &str, columns: usize) -> Result<Mat<f64>, Box<dyn Error>> {
    let numbers = read(folder, name, f64::from_le_bytes)?;
    Ok(Mat::from_fn(numbers.len() / columns, columns, |i, j| numbers[i * columns + j]))
}

fn log_volume(columns: &str, folder: &Path) -> Outcome {
    let a = tall(folder, "a", columns.parse()?)?;
    timed(folder, || matrix::log_volume(black_box(a.as_ref())), |x| [x])
}

fn angles(folder: &Path) -> Outcome {
    let (a, b) = (tall(folder, "a", 20)?, tall(folder, "b", 20)?);
    let sorted = |mut angles: Vec<f64>| {
        angles.sort_by(f64::total_cmp);
        angles
    };
    timed(folder, || matrix::principal_angles(black_box(a.as_ref()), b.as_ref()), sorted)
}

fn log_det_sparse(folder: &Path) -> Outcome {
    let side = read(folder, "a", f64::from_le_bytes)?;
    let a = laplacian(side.first().map_or(0, |&side| side as usize))?;
    timed(folder, || matrix::log_det_sparse(black_box(a.as_ref())), |d| [d.ln_abs])
}

/// The exponential in another number type; real and imaginary parts are compared.
fn narrow<T: Scalar>(
    folder: &Path,
    convert: impl Fn(f64, f64) -> T,
    parts: impl Fn(T) -> [f64; 2],
) -> Outcome {
    let numbers = read(folder, "a", f64::from_le_bytes)?;
    let n = (numbers.len() / 2).isqrt();
    let a = Mat::from_fn(n, n, |i, j| convert(numbers[i * n + j], numbers[n * n + i * n + j]));
    let compared = |x: Mat<T>| {
        let part = |k: usize| (0..n * n).map(|at| parts(x[(at / n, at % n)])[k]).collect::<Vec<_>>();
        [part(0), part(1)].concat()
    };
    timed(folder, || matrix::expm(black_box(a.as_ref())), compared)
}

fn log_det_batch(order: usize, folder: &Path) -> Outcome {
    // Row-major on file; the determinant of the transpose is the same.
    let matrices = read(folder, "a", f64::from_le_bytes)?;
    let mut results = vec![LogDet::default(); matrices.len() / (order * order)];
    let mut ln_abs = Vec::new();
    timed(
        folder,
        || {
            matrix::log_det_batch(order, black_box(&matrices), &mut results)?;
            ln_abs = results.iter().map(|d| d.ln_abs).collect();
            Ok(())
        },
        |()| [],
    )
    .and_then(|timing| write(folder, ln_abs.iter().copied()).map(|()| timing))
}

fn batch(
    order: usize,
    folder: &Path,
    function: impl Fn(usize, &[f64], &mut [f64]) -> Result<(), MatrixError>,
) -> Outcome {
    // Row-major on file; the function of the transpose is the transpose.
    let matrices = read(folder, "a", f64::from_le_bytes)?;
    let mut results = vec![0.0; matrices.len()];
    let timing = timed(folder, || function(order, black_box(&matrices), &mut results), |()| [])?;
    write(folder, results)?;
    Ok(timing)
}
