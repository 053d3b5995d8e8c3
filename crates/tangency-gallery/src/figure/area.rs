//! Marks whose width, size or shade is a number: flows, discs, cells, and regions.

use super::frame::Frame;
use crate::text::{escape, width};
use std::fmt::Write;

/// A rectangle around a point, with a shade, and perhaps words in it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cell {
    /// Its middle, in data.
    pub centre: [f64; 2],
    /// From 0, which shows nothing, to 1, the full colour.
    pub shade: f64,
    /// What stands in it; it shrinks to fit.
    pub text: String,
}

/// The largest width of a line that stands for an amount, in units of the figure.
const WIDEST: f64 = 6.0;
/// The radius of the largest disc that stands for an amount.
const LARGEST: f64 = 8.0;

/// Lines as wide as their amounts, the largest with the full width.
pub(super) fn flows(out: &mut String, frame: &Frame, flows: &[([[f64; 2]; 2], f64)]) {
    let largest = flows.iter().map(|flow| flow.1).fold(0.0, f64::max);
    for ([from, to], amount) in flows {
        let thickness = (WIDEST * amount / largest).max(0.4);
        if let (Some([x0, y0]), Some([x1, y1])) = (frame.place(*from), frame.place(*to)) {
            let _ = write!(
                out,
                "<path class=\"flow\" stroke-width=\"{thickness:.2}\" d=\"M{x0:.1} {y0:.1}L{x1:.1} {y1:.1}\"/>"
            );
        }
    }
}

/// Discs whose areas are in the ratio of their amounts.
pub(super) fn discs(out: &mut String, frame: &Frame, discs: &[([f64; 2], f64)], name: &str) {
    let largest = discs.iter().map(|disc| disc.1).fold(0.0, f64::max);
    for (centre, amount) in discs {
        let radius = (LARGEST * (amount / largest).sqrt()).max(1.2);
        let title = crate::text::typeset(*amount, 3);
        if let Some([x, y]) = frame.place(*centre) {
            let _ = write!(
                out,
                "<circle class=\"amount\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\"><title>{}: {title}</title></circle>",
                escape(name)
            );
        }
    }
}

/// Rectangles of this size in data.
pub(super) fn cells(out: &mut String, frame: &Frame, cells: &[Cell], [w, h]: [f64; 2]) {
    const SIZE: f64 = 11.5;
    for Cell { centre: [x, y], shade, text } in cells {
        let corners = (frame.place([x - w / 2.0, y - h / 2.0]), frame.place([x + w / 2.0, y + h / 2.0]));
        let (Some([x0, y0]), Some([x1, y1])) = corners else { continue };
        let (left, top, wide, high) = (x0.min(x1), y0.min(y1), (x1 - x0).abs(), (y1 - y0).abs());
        // A shade that cannot be seen is left out.
        if *shade > 0.003 {
            let _ = write!(
                out,
                "<rect class=\"cell\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{wide:.1}\" height=\"{high:.1}\" \
                 fill-opacity=\"{:.3}\"/>",
                shade.min(1.0)
            );
        }
        if !text.is_empty() {
            let size = SIZE.min(wide / width(text));
            let _ = write!(
                out,
                "<text class=\"in-cell\" style=\"font-size:{size:.1}px\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                left + wide / 2.0,
                top + high / 2.0 + 0.36 * size,
                escape(text)
            );
        }
    }
}

/// The inside of closed lines: where one lies within another, the inner one is a hole.
pub(super) fn region(out: &mut String, frame: &Frame, loops: &[Vec<[f64; 2]>]) {
    out.push_str("<path class=\"region\" d=\"");
    for closed in loops {
        let mut pen: Option<[f64; 2]> = None;
        for [x, y] in closed.iter().filter_map(|point| frame.place(*point)) {
            match pen {
                Some([px, py]) if (x - px).hypot(y - py) < 1.2 => continue,
                Some(_) => out.push('L'),
                None => out.push('M'),
            }
            let _ = write!(out, "{x:.1} {y:.1}");
            pen = Some([x, y]);
        }
        if pen.is_some() {
            out.push('Z');
        }
    }
    out.push_str("\"/>");
}
