//! Farkas' lemma on two systems between four points that have no solution.

use super::four_points::{COSTS, N, P, Q, dot, ends, least, most};
use crate::figure::{Axis, Colour, Figure, Mark, Shape, Stroke, Width};
use crate::row::Row;
use crate::work::WorkError;
use rand::{Rng, RngExt};
use tangency::transport::{Arcs, FarkasVector, TransportError, exact};

/// Random masses.
const DRAWS: usize = 300;

/// Two systems without a solution, each with its vector.
pub(super) fn separations(rng: &mut impl Rng) -> Result<(Vec<Figure>, Vec<Row>), WorkError> {
    let mut more = Q;
    more[N - 1] += 1.0;
    let all: Vec<usize> = (0..N * N).collect();
    // Nothing crosses, and nothing goes from point 2 to point 3.
    let few: Vec<usize> = all.iter().copied().filter(|k| ![2, 6, 7, 8, 13].contains(k)).collect();
    let refused = |q: &[f64; N], arcs: &[usize]| -> Result<FarkasVector, WorkError> {
        let allowed = Arcs::new(N, N, arcs.iter().map(|&k| (k / N, k % N, COSTS[k])))?;
        match exact(&P, q, &allowed) {
            Err(TransportError::Unreachable { farkas, .. } | TransportError::MassMismatch { farkas, .. }) => {
                Ok(*farkas)
            }
            Err(error) => Err(error.into()),
            Ok(_) => Err(WorkError::Contradiction("a plan of a system without a solution")),
        }
    };
    let (mut figures, mut rows) = (Vec::new(), Vec::new());
    let systems = [
        ("masses that differ", "Point 4 asks for one more than there is", more, all, 1.0),
        ("arcs that do not reach", "Point 2 may keep its mass or send it to point 1 alone", Q, few, 2.0),
    ];
    for (name, remark, q, arcs, excess) in systems {
        let farkas = refused(&q, &arcs)?;
        let y = simplest(&farkas, &q);
        let highest = most(arcs.iter().map(|&k| y[ends(k).0] + y[ends(k).1]));
        rows.push(Row::number(&format!("{name}: largest entry of Aᵀy"), highest).at_most(0.0));
        rows.push(Row::number(&format!("{name}: bᵀy"), dot(&[P, q].concat(), &y)).near(excess, 0.0));
        figures.push(separation((name, remark), &y, &q, &arcs, rng));
    }
    Ok((figures, rows))
}

/// The vector in its simplest form: where the masses agree, a constant may go from the prices of one side to those of the other.
fn simplest(farkas: &FarkasVector, q: &[f64; N]) -> Vec<f64> {
    let agree = (dot(&P, &[1.0; N]) - dot(q, &[1.0; N])).abs() < 0.5;
    let constant = if agree { least(farkas.source.iter().copied()) } else { 0.0 };
    let y = farkas.source.iter().map(|f| f - constant).chain(farkas.target.iter().map(|g| g + constant));
    let largest = most(y.clone().map(f64::abs));
    y.map(|y| y / largest).collect()
}

/// The cone of the columns and the right side, as a vector of Farkas sees them: what it counts up against what it counts down.
fn separation(
    (name, remark): (&str, &str),
    y: &[f64],
    q: &[f64; N],
    arcs: &[usize],
    rng: &mut impl Rng,
) -> Figure {
    let seen = |b: &[f64]| {
        let side = |sign: f64| dot(b, &y.iter().map(|y| (sign * y).max(0.0)).collect::<Vec<f64>>());
        [side(-1.0), side(1.0)]
    };
    let b = seen(&[&P[..], &q[..]].concat());
    let end = 1.6 * b[0].max(b[1]);
    let mut carried = Vec::new();
    while carried.len() < DRAWS {
        let mut sums = [0.0; 2 * N];
        // What each arc carries falls off quickly, so that the cone is filled from its tip to its end.
        let scale = end * rng.random::<f64>();
        for &k in arcs {
            let mass = scale * rng.random::<f64>().powi(4);
            sums[ends(k).0] += mass;
            sums[ends(k).1] += mass;
        }
        let point = seen(&sums);
        if point[0] < end && point[1] < end {
            carried.push(point);
        }
    }
    let points = |sign: f64| {
        let of = |side: &[f64], verb: &str| {
            let who: Vec<String> = side
                .iter()
                .enumerate()
                .filter(|(_, y)| sign * **y > 0.0)
                .map(|(i, _)| (i + 1).to_string())
                .collect();
            let which = if who.len() == N {
                "all points".into()
            } else {
                format!("{} {}", if who.len() > 1 { "points" } else { "point" }, who.join(" and "))
            };
            (!who.is_empty()).then(|| format!("{verb} {which}"))
        };
        [of(&y[..N], "leaves"), of(&y[N..], "arrives at")]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(", ")
    };
    let foot = [0.5 * (b[0] + b[1]); 2];
    Figure::new(
        &format!("No plan: {name}"),
        &format!(
            "{remark}. A dot is what some masses on the arcs would make, and all of them fill the cone of the columns of $A$. None \
             is above the line, where $b^\\top y > 0$, and $b$ is."
        ),
        Width::Half,
        Axis::linear(&points(-1.0)).unit("mass").between(0.0, end),
        Axis::linear(&points(1.0)).unit("mass").between(0.0, end),
    )
    .draw(Mark::Line(vec![[0.0; 2], [end; 2]], Stroke::Fine), Colour::Muted)
    .named("any masses", Mark::Points(carried, Shape::Dot), Colour::First)
    .draw(Mark::Line(vec![foot, b], Stroke::Fine), Colour::Second)
    .named("b", Mark::Points(vec![b], Shape::Square), Colour::Second)
}
