//! The area of a parallelogram in space is a determinant of a matrix that is not square.

use crate::figure::{Axis, Colour, Figure, Mark, Shape, Stroke, Width};
use crate::row::Row;
use crate::work::{Report, Work, WorkError};
use tangency::faer::{Mat, MatRef, mat};
use tangency::matrix::volume;

const STORY: &str = "\
Two columns of three numbers span no volume, but they span a parallelogram. Turn it into a plane, $B = UC$ with orthonormal \
columns in $U$, and its area is $\\lvert \\det C \\rvert$:

$$\\operatorname{vol}(B) = \\lvert \\det C \\rvert = \\sqrt{\\det B^\\top B}.$$

Its shadows on the three coordinate planes are $2 \\times 2$ determinants, and their squares add up to the square of the \
area, as the squares of the coordinates of a vector do to that of its length: the theorem of Cauchy and Binet.

The formula with $B^\\top B$ is one to prove with and not to compute with, because it squares the condition: of columns that \
nearly coincide, it loses the area altogether. A QR factorisation is the proof carried out, and loses nothing.";

/// The columns that span the parallelogram.
const FIRST: [f64; 3] = [2.0, 0.4, 0.2];
const SECOND: [f64; 3] = [0.3, 1.6, 1.6];

/// The work.
pub(crate) fn work() -> Work {
    Work {
        name: "parallelogram",
        title: "A determinant without enough rows".into(),
        story: STORY.into(),
        run: Box::new(run),
    }
}

/// A point of space on the page: x to the lower right, y to the lower left, z upwards.
fn project([x, y, z]: [f64; 3]) -> [f64; 2] {
    [0.866 * (x - y), z - 0.5 * (x + y)]
}

/// The corners of the parallelogram with some coordinates set to zero, as a closed line.
fn outline(keep: [f64; 3]) -> Vec<[f64; 2]> {
    let corner = |s: f64, t: f64| project(std::array::from_fn(|i| keep[i] * (s * FIRST[i] + t * SECOND[i])));
    vec![corner(0.0, 0.0), corner(1.0, 0.0), corner(1.0, 1.0), corner(0.0, 1.0), corner(0.0, 0.0)]
}

/// Determinant of rows `i` and `j` of the two columns.
fn minor(b: MatRef<'_, f64>, i: usize, j: usize) -> f64 {
    b[(i, 0)] * b[(j, 1)] - b[(j, 0)] * b[(i, 1)]
}

fn run(progress: &mut dyn FnMut(f64)) -> Result<Report, WorkError> {
    let b = Mat::from_fn(3, 2, |i, j| if j == 0 { FIRST[i] } else { SECOND[i] });
    let area = volume(b.as_ref())?;
    let shadows = [(0, 1), (0, 2), (1, 2)].map(|(i, j)| minor(b.as_ref(), i, j).abs());
    let by_shadows = shadows.iter().map(|s| s * s).sum::<f64>().sqrt();
    // Turning the page changes no area: a rotation of the columns by 1 radian in the x-z plane.
    let (sine, cosine) = 1.0_f64.sin_cos();
    let turned = mat![[cosine, 0.0, -sine], [0.0, 1.0, 0.0], [sine, 0.0, cosine]] * &b;
    let rows = vec![
        Row::number("area by QR", area).digits(12).near(by_shadows, 1e-14),
        Row::number("shadow on the floor", shadows[0]).digits(6),
        Row::number("shadow on the left wall", shadows[1]).digits(6),
        Row::number("shadow on the right wall", shadows[2]).digits(6),
        Row::number("root of the sum of their squares", by_shadows).digits(12),
        Row::number("area after a rotation", volume(turned.as_ref())?).digits(12).near(by_shadows, 1e-14),
    ];
    progress(0.5);
    let (figure, lauchli) = (space(area, shadows), lauchli()?);
    Ok(Report { figures: vec![figure, lauchli.0], rows: [rows, lauchli.1].concat() })
}

fn space(area: f64, shadows: [f64; 3]) -> Figure {
    let axis = |end: [f64; 3]| Mark::Line(vec![project([0.0; 3]), project(end)], Stroke::Fine);
    let middle = |keep: [f64; 3]| project(std::array::from_fn(|i| keep[i] * 0.5 * (FIRST[i] + SECOND[i])));
    let (floor, left, right) = ([1.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 1.0]);
    let label = |keep, value: f64| (middle(keep), format!("{value:.2}"));
    let words = vec![
        label([1.0; 3], area),
        label(floor, shadows[0]),
        label(left, shadows[1]),
        label(right, shadows[2]),
        (project([2.9, 0.0, 0.0]), "x".to_string()),
        (project([0.0, 2.6, 0.0]), "y".to_string()),
        (project([0.0, 0.0, 2.3]), "z".to_string()),
    ];
    Figure::new(
        "A parallelogram and its shadows",
        "Two columns of three numbers span a parallelogram in space (bold); its shadows on the three coordinate planes have \
         the areas of the $2 \\times 2$ minors. The squares of the three add up to the square of its own.",
        Width::Half,
        Axis::linear("seen from above and in front"),
        Axis::linear(""),
    )
    .draw(axis([2.9, 0.0, 0.0]), Colour::Muted)
    .draw(axis([0.0, 2.6, 0.0]), Colour::Muted)
    .draw(axis([0.0, 0.0, 2.3]), Colour::Muted)
    .named("shadows", Mark::Line(outline(floor), Stroke::Fine), Colour::Second)
    .draw(Mark::Line(outline(left), Stroke::Fine), Colour::Second)
    .draw(Mark::Line(outline(right), Stroke::Fine), Colour::Second)
    .named("parallelogram", Mark::Line(outline([1.0; 3]), Stroke::Solid), Colour::First)
    .draw(Mark::Words(words), Colour::Ink)
}

/// Läuchli's matrix: three columns that differ by ε only.
fn lauchli() -> Result<(Figure, Vec<Row>), WorkError> {
    let (mut by_qr, mut by_gram) = (Vec::new(), Vec::new());
    for k in 2..=40 {
        let epsilon = 10.0_f64.powf(-0.25 * f64::from(k));
        let b = Mat::from_fn(4, 3, |i, j| match i {
            0 => 1.0,
            _ if i == j + 1 => epsilon,
            _ => 0.0,
        });
        let exact = epsilon * epsilon * (3.0 + epsilon * epsilon).sqrt();
        let gram = b.transpose() * &b;
        let determinant = gram[(0, 0)] * minor3(&gram, 1, 2)
            - gram[(0, 1)] * (gram[(1, 0)] * gram[(2, 2)] - gram[(1, 2)] * gram[(2, 0)])
            + gram[(0, 2)] * (gram[(1, 0)] * gram[(2, 1)] - gram[(1, 1)] * gram[(2, 0)]);
        let error = |v: f64| ((v / exact - 1.0).abs()).max(1e-17);
        by_qr.push([epsilon, error(volume(b.as_ref())?)]);
        by_gram.push([epsilon, error(determinant.max(0.0).sqrt())]);
    }
    let largest = by_qr.iter().map(|p| p[1]).fold(0.0, f64::max);
    let lost = by_gram.iter().filter(|p| p[0] < 1e-9).map(|p| p[1]).fold(f64::INFINITY, f64::min);
    let figure = Figure::new(
        "Nearly the same column three times",
        "Läuchli's matrix, whose columns differ by $\\varepsilon$: relative error of its volume by the determinant of \
         $B^\\top B$ and by QR. A point that would be at zero is drawn at the bottom.",
        Width::Half,
        Axis::log("ε"),
        Axis::log("relative error"),
    )
    .named("det BᵀB", Mark::Points(by_gram, Shape::Circle), Colour::Second)
    .named("QR", Mark::Points(by_qr, Shape::Disc), Colour::First);
    let rows = vec![
        Row::number("largest error by QR, Läuchli", largest).digits(2).at_most(2e-15),
        Row::number("smallest error by the Gram matrix for ε < 1e-9", lost).digits(2).between(0.5, 1e9),
    ];
    Ok((figure, rows))
}

/// Determinant of the rows and columns `i` and `j`.
fn minor3(a: &Mat<f64>, i: usize, j: usize) -> f64 {
    a[(i, i)] * a[(j, j)] - a[(i, j)] * a[(j, i)]
}
