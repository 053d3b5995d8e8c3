//! The legend: a row above the axes, so that it never lies over data.

use super::frame::FONT;
use super::mark::{Colour, Mark};
use crate::text::{escape, width};
use std::fmt::Write;

const SAMPLE: f64 = 20.0;
const LINE: f64 = 19.0;

/// Draws one entry for each named mark, left to right, wrapped at `right`; returns the height used.
pub(super) fn draw(out: &mut String, entries: &[(&str, &Mark, Colour)], right: f64) -> f64 {
    let (mut x, mut y) = (4.0, 14.0);
    for (name, mark, colour) in entries {
        let length = SAMPLE + 6.0 + width(name) * FONT;
        if x > 4.0 && x + length > right {
            x = 4.0;
            y += LINE;
        }
        mark.sample(out, x, y - 0.34 * FONT, SAMPLE, *colour);
        let _ = write!(
            out,
            "<text class=\"legend\" x=\"{:.1}\" y=\"{y:.1}\">{}</text>",
            x + SAMPLE + 6.0,
            escape(name)
        );
        x += length + 14.0;
    }
    if entries.is_empty() { 0.0 } else { y + 6.0 }
}
