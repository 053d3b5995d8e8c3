//! Four heaps of earth and three pits: the cheapest way to fill them, and the proof that there is none cheaper.
//!
//! The linear programme carries 10 units of earth. Its dual is a price for picking up at each heap and for putting down at
//! each pit that nowhere exceeds what the way costs: whoever pays such prices pays no more than any carrier must. Both sides come
//! to the same number, which `verify` finds again from plan, prices and costs alone. At the end one pit is cut off, and the answer is
//! the vector of Farkas' lemma.

use faer::mat;
use std::error::Error;
use std::fmt::Write;
use tangency_transport::{Arcs, Cost, Metric, TransportError, exact, verify};

pub(crate) fn run() -> Result<String, Box<dyn Error>> {
    let mut out = String::new();
    let heaps = mat![[0.0, 0.0], [4.0, 0.0], [1.0, 3.0], [5.0, 4.0]];
    let pits = mat![[0.0, 1.0], [3.0, 1.5], [7.0, 6.0]];
    let (a, b) = ([4.0, 1.0, 2.0, 3.0], [3.0, 4.5, 2.5]);
    let cost = Cost::points(heaps.as_ref(), pits.as_ref(), Metric::Euclidean);
    let found = exact(&a, &b, cost)?;

    writeln!(out, "plan")?;
    for shipment in found.plan.shipments() {
        let (i, j) = (shipment.source, shipment.target);
        writeln!(out, "  heap {i} to pit {j}: {:.3}", shipment.mass)?;
    }
    // A constant may be moved between the two sides; heap 0 is free of charge.
    let zero = found.source_potentials[0];
    writeln!(out, "price at each heap")?;
    for (i, f) in found.source_potentials.iter().enumerate() {
        writeln!(out, "  {i}: {:.6}", f - zero)?;
    }
    writeln!(out, "price at each pit")?;
    for (j, g) in found.target_potentials.iter().enumerate() {
        writeln!(out, "  {j}: {:.6}", g + zero)?;
    }
    let (f, g) = (&found.source_potentials, &found.target_potentials);
    let certificate = verify(&a, &b, cost, &found.plan, f, g)?;
    writeln!(out, "what the plan costs    {:.9}", certificate.primal)?;
    writeln!(out, "what the prices earn   {:.9}", certificate.dual)?;
    writeln!(out, "the least cost is known to 1e-13: {}", certificate.upper - certificate.lower < 1e-13)?;
    writeln!(out, "no price exceeds a cost by 1e-14: {}", certificate.dual_violation < 1e-14)?;

    let means = found.plan.barycentric_projection(pits.as_ref())?;
    writeln!(out, "where the earth of each heap goes on average")?;
    for i in 0..4 {
        writeln!(out, "  {i}: ({:.3}, {:.3})", means[(i, 0)], means[(i, 1)])?;
    }

    // The last pit can be reached from heap 3 alone, which has 3 units: enough. From heap 1 alone it is not.
    let ways = |last: usize| {
        let costs = cost.to_matrix()?;
        let ways = (0..4).flat_map(|i| (0..3).map(move |j| (i, j)));
        Arcs::new(4, 3, ways.filter(|&(i, j)| j < 2 || i == last).map(|(i, j)| (i, j, costs[(i, j)])))
    };
    writeln!(out, "the last pit from heap 3 alone: {:.9}", exact(&a, &b, &ways(3)?)?.value)?;
    let arcs = ways(1)?;
    match exact(&a, &b, &arcs) {
        Err(TransportError::Unreachable { unreachable, farkas, .. }) => {
            writeln!(out, "the last pit from heap 1 alone: {unreachable:.3} cannot be carried")?;
            writeln!(out, "  f = {:?}, g = {:?}", farkas.source, farkas.target)?;
            writeln!(
                out,
                "  sum of a f + b g = {:.3}, and f + g is nowhere positive",
                farkas.excess(&a, &b)
            )?;
        }
        other => writeln!(out, "unexpected: {other:?}")?,
    }
    Ok(out)
}

#[allow(dead_code, reason = "the tests call run")]
fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", run()?);
    Ok(())
}
