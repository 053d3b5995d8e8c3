//! Costs of all pairs, as the simplex method reads them.

use super::Costs;
use super::pricing::{Screened, bounds, least_of_row, narrow, near};
use super::tree::Tree;
use crate::error::TransportError;
use crate::parallel::{map_parts, map_parts_mut, rows_of_a_part, rows_of_a_sixteenth};
use crate::rows::Rows;
use std::ops::Range;

/// Costs with the least of each row and then of each column taken off, times a power of two that brings the largest near 1.
///
/// A large part that all costs have in common would leave nothing of their differences in single precision. Costs that are
/// computed when they are read stay as they are, but for the power of two.
#[derive(Debug)]
pub(super) struct Dense<'a> {
    pub(super) rows: &'a Rows<'a>,
    pub(super) source_offset: Vec<f64>,
    pub(super) target_offset: Vec<f64>,
    pub(super) scale: f64,
    /// What the first phase searches; none if it is to be left out.
    pub(super) screened: Option<Screened>,
    buffer: Vec<f64>,
    near: Vec<u32>,
    largest: f64,
}

/// How the costs are searched first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Search {
    /// In a copy in single precision.
    Copy,
    /// In single precision, computed from points at each search.
    Compute,
    /// In double precision.
    Double,
}

impl<'a> Dense<'a> {
    /// Reads all costs once or twice, on all threads, and refuses those that are not finite.
    pub(super) fn new(rows: &'a Rows<'a>, turned: bool, search: Search) -> Result<Self, TransportError> {
        let (n, m) = (rows.len(), rows.columns());
        // Each part has column minima of its own.
        let parts = map_parts(n, rows_of_a_sixteenth(n, m), |part: Range<usize>| {
            let mut buffer = rows.buffer();
            let mut columns = vec![f64::INFINITY; m];
            let mut of_rows = Vec::with_capacity(part.len());
            for i in part {
                let of_row = bounds(rows.row(i, &mut buffer), &mut columns);
                if !of_row.1.is_finite() {
                    rows.checked(i, turned, &mut buffer)?;
                }
                of_rows.push(of_row);
            }
            Ok::<_, TransportError>((of_rows, columns))
        });
        let mut target_offset = vec![f64::INFINITY; m];
        let mut of_rows = Vec::with_capacity(n);
        for part in parts {
            let (part_rows, columns) = part?;
            of_rows.extend(part_rows);
            target_offset.iter_mut().zip(columns).for_each(|(least, c)| *least = least.min(c));
        }
        let mut source_offset: Vec<f64> = of_rows.iter().map(|row: &(f64, f64)| row.0).collect();
        let largest = of_rows.iter().fold(0.0, |most: f64, row| most.max(row.0.abs()).max(row.1.abs()));
        let buffer = vec![0.0; m];
        if search == Search::Compute
            && let Rows::Points(points) = rows
            && let (points, scale) = points.to_single()
            && (1e-290..1e290).contains(&scale)
            && largest * scale <= 1e290
        {
            source_offset.fill(0.0);
            target_offset.fill(0.0);
            let screened = Some(Screened::Computed(Box::new(points)));
            return Ok(Self {
                rows,
                source_offset,
                target_offset,
                scale,
                screened,
                buffer,
                near: Vec::new(),
                largest,
            });
        }
        let widest = of_rows.iter().fold(0.0, |most: f64, row| most.max(row.1 - row.0));
        let exponent = if widest > 0.0 { -widest.log2().ceil() } else { 0.0 };
        let scale = exponent.clamp(-1000.0, 1000.0).exp2();
        if search != Search::Copy {
            return Ok(Self {
                rows,
                source_offset,
                target_offset,
                scale,
                screened: None,
                buffer,
                near: Vec::new(),
                largest,
            });
        }
        let mut copy = vec![0.0_f32; n * m];
        let height = rows_of_a_part(m);
        map_parts_mut(&mut copy, height * m, |part, out| {
            let mut buffer = rows.buffer();
            for (k, out) in out.chunks_mut(m).enumerate() {
                let i = part * height + k;
                narrow(rows.row(i, &mut buffer), source_offset[i], &target_offset, scale, out);
            }
        });
        let screened = Some(Screened::Stored(copy));
        Ok(Self { rows, source_offset, target_offset, scale, screened, buffer, near: Vec::new(), largest })
    }

    /// Source `i`'s costs in the units of the tree, in single precision, for a start.
    pub(super) fn coarse_row<'b>(
        &'b self,
        i: usize,
        buffer: &'b mut [f32],
        wide: &'b mut [f64],
    ) -> &'b [f32] {
        match &self.screened {
            Some(Screened::Stored(all)) => &all[i * buffer.len()..(i + 1) * buffer.len()],
            Some(Screened::Computed(points)) => {
                points.row(i, buffer);
                buffer
            }
            None => {
                narrow(
                    self.rows.row(i, wide),
                    self.source_offset[i],
                    &self.target_offset,
                    self.scale,
                    buffer,
                );
                buffer
            }
        }
    }

    /// u of a source, in the units of the costs that were given.
    pub(super) fn raw_source(&self, i: usize, potential: f64) -> f64 {
        potential / self.scale + self.source_offset[i]
    }

    /// v of a target, in the units of the costs that were given; u + v ≤ c.
    pub(super) fn raw_target(&self, j: usize, potential: f64) -> f64 {
        self.target_offset[j] - potential / self.scale
    }
}

impl Costs for Dense<'_> {
    fn entry(&self, source: usize, target: usize) -> f64 {
        let c = self.rows.entry(source, target);
        (c - self.source_offset[source] - self.target_offset[target]) * self.scale
    }

    fn least(&mut self, source: usize, tree: &Tree) -> Option<(usize, f64)> {
        let potentials = &tree.exact;
        if let Some(Screened::Stored(copy)) = &self.screened {
            // Half the memory to read: only what is near zero in single precision is looked at in double.
            let own = tree.source_potential(source);
            let m = self.target_offset.len();
            let row = &copy[source * m..(source + 1) * m];
            let rounding = 4.0 * f32::EPSILON * (1.0 + tree.bound as f32);
            self.near.clear();
            near(row, &tree.mirror[..m], own as f32 + rounding, &mut self.near);
            let mut best: Option<(usize, f64)> = None;
            for &j in &self.near {
                let j = j as usize;
                let x = self.entry(source, j) + potentials[j];
                if best.is_none_or(|(_, least)| x < least) {
                    best = Some((j, x));
                }
            }
            return best;
        }
        let row = self.rows.row(source, &mut self.buffer);
        let (target, best) = least_of_row(row, &self.target_offset, self.scale, potentials);
        Some((target, best - self.source_offset[source] * self.scale))
    }

    fn arcs_of(&self, _: usize) -> usize {
        self.target_offset.len()
    }

    fn block(&self) -> usize {
        1
    }

    fn largest(&self) -> f64 {
        self.largest * self.scale
    }

    fn scale(&self) -> f64 {
        self.scale
    }

    fn offset_cost(&self, supply: &[i64], demand: &[i64], units: f64) -> f64 {
        let sides = [(supply, &self.source_offset), (demand, &self.target_offset)];
        sides.iter().flat_map(|(mass, c)| mass.iter().zip(*c)).map(|(&mass, c)| mass as f64 / units * c).sum()
    }
}
