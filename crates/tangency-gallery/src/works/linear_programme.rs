//! Transport between four points as a linear programme, with every step of its duality checked on all of its bases.

use super::draws::rows;
use super::farkas::separations;
use super::four_points::{
    Basis, COSTS, N, P, POINTS, Q, dot, ends, least, mixture, most, priced, right_side, slack,
};
use crate::figure::{Axis, Cell, Colour, Direction, Figure, Mark, Shape, Width};
use crate::row::Row;
use crate::text::{digits, typeset};
use crate::work::{Report, Work, WorkError};
use rand::SeedableRng;
use rand_pcg::Pcg64;
use tangency::faer::Mat;
use tangency::transport::{Cost, Metric, exact};

const STORY: &str = "\
Four points have masses $p$, and should have masses $q$. The unknown is a table: $\\Gamma_{ij}$ goes from $i$ to $j$. Written as \
one column $x$ of sixteen numbers, a plan is whatever solves $Ax = b$ with $x \\ge 0$, where each row of $A$ adds up what leaves \
one point, or what arrives there. The cheapest plan is a linear programme, and beside it stands another:

$$\\min_x \\lbrace c^\\top x : Ax = b, \\; x \\ge 0 \\rbrace = \\max_y \\lbrace b^\\top y : A^\\top y \\le c \\rbrace.$$

_Weak duality_ is one line, $b^\\top y = (Ax)^\\top y = x^\\top A^\\top y \\le x^\\top c$. Prices $y = (f, g)$ for picking up \
and for putting down that nowhere exceed the cost of the way earn no more than any plan costs. What they miss is \
$\\sum_{ij} \\Gamma_{ij} (c_{ij} - f_i - g_j)$, which is zero if mass goes only where no slack is left.

_Farkas' lemma_ has the other half: either $b$ lies in the cone of the columns of $A$, and there is a plan, or a plane parts it \
from the cone, and a $y$ has $A^\\top y \\le 0$ and $b^\\top y > 0$. Ask for a plan that costs $z$, one more row $c^\\top x = z$: \
where $z$ is too little, the vector that says so is $(y, -1)$, with $A^\\top y \\le c$ and $b^\\top y > z$. So prices come as near to \
the least cost as one likes: _strong duality_.

With four points nothing has to be believed. Seven of the sixteen columns make a basis in 4096 ways, and each basis has one plan \
and one list of prices, of the same value, perhaps with negative masses or negative slack. Exactly one has neither. And because \
the costs are distances, $g = -f$ loses nothing: one function is left to choose, with $f(x) - f(y) \\le d(x, y)$. With squared \
distances it would lose.";

/// Random plans, and random prices.
const DRAWS: usize = 300;

/// The work.
pub(crate) fn work() -> Work {
    Work {
        name: "linear-programme",
        title: "A programme and its shadow".into(),
        story: STORY.into(),
        run: Box::new(run),
    }
}

fn run(progress: &mut dyn FnMut(f64)) -> Result<Report, WorkError> {
    let b = right_side();
    let bases: Vec<Basis> =
        (0_u32..1 << (N * N)).filter(|arcs| arcs.count_ones() == 7).filter_map(Basis::new).collect();
    let plans: Vec<&Basis> = bases.iter().filter(|basis| basis.is_plan()).collect();
    let prices: Vec<&Basis> = bases.iter().filter(|basis| basis.is_priced()).collect();
    let both: Vec<&Basis> = plans.iter().copied().filter(|basis| basis.is_priced()).collect();
    let [best, ..] = both[..] else {
        return Err(WorkError::Contradiction("no basis is a plan and prices at once"));
    };
    progress(0.5);

    let cost = Mat::from_fn(N, N, |i, j| COSTS[N * i + j]);
    let drawn =
        Cost::points(rows(&POINTS).as_ref(), rows(&POINTS).as_ref(), Metric::Euclidean).to_matrix()?;
    let found = exact(&P, &Q, &cost)?;
    let plan = found.plan.to_dense();
    let mut rng = Pcg64::seed_from_u64(4);
    let some: Vec<f64> = (0..DRAWS).map(|_| dot(&COSTS, &mixture(&plans, &mut rng))).collect();
    let asked: Vec<f64> = (0..DRAWS).map(|_| dot(&b, &priced(&mut rng))).collect();
    let differ = bases.iter().map(|basis| (basis.value() - dot(&b, &basis.y)).abs());
    let wasted = (0..N * N).map(|k| best.x[k] * slack(&best.y, k));
    let tight = (0..N * N).filter(|&k| slack(&best.y, k) <= 0.0);
    let squared = Mat::from_fn(N, N, |i, j| cost[(i, j)].powi(2));
    let mut rows = vec![
        Row::number(
            "largest difference of a cost and its distance",
            most((0..N * N).map(|k| (drawn[(k / N, k % N)] - COSTS[k]).abs())),
        )
        .digits(2)
        .at_most(2e-15),
        Row::count("bases, of 11440 choices of seven columns", bases.len()).near(4096.0, 0.0),
        Row::number("largest difference of the two values of a basis", most(differ)).near(0.0, 0.0),
        Row::count("bases without negative mass: plans", plans.len()),
        Row::count("bases without negative slack: prices", prices.len()),
        Row::count("bases that are both", both.len()).near(1.0, 0.0),
        Row::number("cost of the cheapest plan of a basis", least(plans.iter().map(|p| p.value())))
            .near(34.0, 0.0),
        Row::number("value of the best prices of a basis", most(prices.iter().map(|p| p.value())))
            .near(34.0, 0.0),
        Row::number("least cost of 300 random plans", least(some.iter().copied())).between(34.0, 80.0),
        Row::number("largest value of 300 random prices", most(asked.iter().copied())).at_most(34.0),
        Row::count("arcs without slack", tight.clone().count()).near(7.0, 0.0),
        Row::number("mass times slack, summed", wasted.sum()).near(0.0, 0.0),
        Row::number("network simplex: cost", found.value).near(34.0, 0.0),
        Row::number("network simplex: gap", found.certificate.gap).near(0.0, 0.0),
        Row::number(
            "network simplex: largest difference from the plan of the basis",
            most((0..N * N).map(|k| (plan[(k / N, k % N)] - best.x[k]).abs())),
        )
        .near(0.0, 0.0),
        Row::number("(y, −1) against a plan that costs 33: bᵀy − 33", dot(&b, &best.y) - 33.0).near(1.0, 0.0),
        Row::number("best with g = −f, distances", with_one_function(&cost)?).near(34.0, 0.0),
        Row::number("least cost, squared distances", exact(&P, &Q, &squared)?.value).near(183.0, 0.0),
        Row::number("best with g = −f, squared distances", with_one_function(&squared)?).near(168.0, 0.0),
    ];
    let (parted, proofs) = separations(&mut rng)?;
    rows.extend(proofs);
    let tight: Vec<usize> = tight.collect();
    let figures = [tableau(best, &tight), map(best), values(&bases, &some, &asked)];
    Ok(Report { figures: figures.into_iter().chain(parted).collect(), rows })
}

/// The largest $\sum_i (p_i - q_i) f_i$ with $f_i - f_j \le c_{ij}$: the least cost when mass may stop over on its way.
fn with_one_function(cost: &Mat<f64>) -> Result<f64, WorkError> {
    let mut shortest = cost.clone();
    for via in 0..N {
        for i in 0..N {
            for j in 0..N {
                shortest[(i, j)] = shortest[(i, j)].min(shortest[(i, via)] + shortest[(via, j)]);
            }
        }
    }
    Ok(exact(&P, &Q, &shortest)?.value)
}

/// The whole programme as a table.
fn tableau(best: &Basis, tight: &[usize]) -> Figure {
    let b = right_side();
    // Arcs of the same source stand together.
    let at = |k: usize| k as f64 + 0.4 * (k / N) as f64;
    let cell =
        |x: f64, row: usize, shade: f64, text: String| Cell { centre: [x, -(row as f64)], shade, text };
    let number = |v: f64| typeset(v, digits(v));
    let (mut columns, mut ones, mut plain, mut wide) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for k in 0..N * N {
        plain.push(cell(at(k), 0, 0.0, format!("{}→{}", k / N + 1, k % N + 1)));
        plain.push(cell(at(k), 1, 0.0, format!("{}", COSTS[k])));
        for r in 0..2 * N {
            let one = ends(k).0 == r || ends(k).1 == r;
            if one { &mut ones } else { &mut plain }.push(cell(
                at(k),
                2 + r,
                0.32 * f64::from(u8::from(one)),
                if one { "1" } else { "·" }.into(),
            ));
        }
        plain.push(cell(at(k), 10, 0.0, if best.x[k] > 0.0 { number(best.x[k]) } else { "·".into() }));
        plain.push(cell(at(k), 11, 0.0, number(slack(&best.y, k))));
    }
    for &k in tight {
        columns.extend((0..12).map(|row| cell(at(k), row, 0.2, String::new())));
    }
    for r in 0..2 * N {
        let name = if r < N { format!("leaves {}", r + 1) } else { format!("arrives at {}", r - N + 1) };
        wide.push(cell(-2.2, 2 + r, 0.0, name));
        plain.push(cell(18.2, 2 + r, 0.0, number(b[r])));
        plain.push(cell(19.5, 2 + r, 0.0, number(best.y[r])));
    }
    for (row, name) in [(0, "arc"), (1, "cost c"), (10, "mass x"), (11, "slack c − Aᵀy")] {
        wide.push(cell(-2.2, row, 0.0, name.into()));
    }
    plain.extend([cell(18.2, 0, 0.0, "b".into()), cell(19.5, 0, 0.0, "y".into())]);
    Figure::new(
        "The programme, whole, and its solution",
        "The matrix $A$, with the costs above it, the right side $b$ and the prices $y = (f, g)$ beside it, the masses and the slack \
         below. Mass moves on seven arcs, and these are the ones without slack. The costs of the masses add up to 34; so do the \
         products of $b$ and $y$.",
        Width::Full,
        Axis::hidden(),
        Axis::hidden(),
    )
    .named("arcs of the best basis", Mark::Cells(columns, [1.0, 1.0]), Colour::Third)
    .draw(Mark::Cells(ones, [1.0, 1.0]), Colour::First)
    .draw(Mark::Cells(plain, [1.0, 1.0]), Colour::Ink)
    .draw(Mark::Cells(wide, [3.2, 1.0]), Colour::Ink)
}

/// The points, and what moves.
fn map(best: &Basis) -> Figure {
    let moves: Vec<usize> = (0..N * N).filter(|&k| k / N != k % N && best.x[k] > 0.0).collect();
    let line = |k: usize| [POINTS[k / N], POINTS[k % N]];
    let on_the_way = |k: usize, t: f64| {
        let [from, to] = line(k);
        [0, 1].map(|c| from[c] + t * (to[c] - from[c]))
    };
    let beside = |[x, y]: [f64; 2]| [x + 0.12, y - 0.1];
    let carried = |k: &usize| (beside(on_the_way(*k, 0.7)), format!("{} at {}", best.x[*k], COSTS[*k]));
    // Below the lower points, where no line is.
    let names = (0..N).map(|i| {
        let [x, y] = POINTS[i];
        let word = format!("{}: {} → {}, f = {}", i + 1, P[i], Q[i], best.y[i]);
        ([x, if y > 0.0 { y } else { y - 0.75 }], word)
    });
    Figure::new(
        "What the cheapest plan moves",
        "Four points, what each has and should have, and the price $f$ of picking up there; on each way how much moves, and at what \
         cost. Along a way the price falls by its length.",
        Width::Half,
        Axis::linear("x").between(-0.8, 9.3),
        Axis::linear("y").between(-1.0, 5.2),
    )
    .undistorted()
    .draw(Mark::Flows(moves.iter().map(|&k| (line(k), best.x[k])).collect()), Colour::First)
    .draw(Mark::Arrows(moves.iter().map(|&k| [on_the_way(k, 0.5), line(k)[1]]).collect()), Colour::First)
    .draw(Mark::Points(POINTS.to_vec(), Shape::Disc), Colour::Ink)
    .draw(Mark::Words(names.chain(moves.iter().map(carried)).collect()), Colour::Ink)
}

/// The values of all bases, of random plans and of random prices.
fn values(bases: &[Basis], some: &[f64], asked: &[f64]) -> Figure {
    // A place across the strip from the golden ratio, which spreads any number of points evenly.
    let across = |values: Vec<f64>, strip: f64| -> Vec<[f64; 2]> {
        let place = |n: usize| strip + 0.7 * ((n as f64 * 0.6180339887498949).fract() - 0.5);
        values.into_iter().enumerate().map(|(n, value)| [value, place(n)]).collect()
    };
    let of = |plan: bool, priced: bool| -> Vec<f64> {
        let kind = bases.iter().filter(|basis| basis.is_plan() == plan && basis.is_priced() == priced);
        let mut kind: Vec<&Basis> = kind.collect();
        if plan {
            // Several bases may be the same plan, with different ways that carry nothing.
            let masses = |basis: &&Basis| basis.x.map(|mass| mass as u32);
            kind.sort_by_key(masses);
            kind.dedup_by_key(|basis| masses(basis));
        }
        kind.into_iter().map(Basis::value).collect()
    };
    Figure::new(
        "Plans cost more, prices earn less",
        "The value of each basis: of those that are plans, of those that are prices (discs), and of the others, which prove nothing. \
         Small dots are 300 random plans and 300 random prices. The two sides meet in the one basis that is both (squares).",
        Width::Half,
        Axis::linear("value"),
        Axis::categories(["plans", "neither", "prices"]),
    )
    .draw(Mark::Rule(34.0, Direction::Vertical), Colour::Muted)
    .draw(Mark::Points(across(of(false, false), 1.0), Shape::Dot), Colour::Muted)
    .draw(Mark::Points(across(some.to_vec(), 0.0), Shape::Dot), Colour::First)
    .draw(Mark::Points(across(asked.to_vec(), 2.0), Shape::Dot), Colour::Second)
    .draw(Mark::Points(across(of(true, false), 0.0), Shape::Disc), Colour::First)
    .draw(Mark::Points(across(of(false, true), 2.0), Shape::Disc), Colour::Second)
    .draw(Mark::Points(vec![[34.0, 0.0], [34.0, 2.0]], Shape::Square), Colour::Ink)
}
