//! The rectangle between the axes, and the ticks around it.

use super::axis::{Axis, AxisKind};
use super::scale::{Kind, Scale, Tick, superscript};
use crate::text::{digits, escape, typeset, width};
use std::fmt::Write;

/// Size of the text at ticks and axes, in user units of the figure.
pub(super) const FONT: f64 = 12.5;

/// A rectangle of the figure with a scale along each side.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Frame {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    x: Scale,
    y: Scale,
    x_ticks: Vec<Tick>,
    y_ticks: Vec<Tick>,
    x_title: String,
    y_title: String,
    /// Whether a category stands at each tick of y: then lines lead to them and no ticks do.
    categories: bool,
    /// Whether nothing is drawn along x.
    bare: bool,
}

impl Frame {
    /// Lays the axes out in `size` (width, height) below `top`, for data that reach over `extent`.
    pub(super) fn new(size: (f64, f64), top: f64, x: &Axis, y: &Axis, extent: &[[f64; 2]]) -> Self {
        let bare = x.kind == AxisKind::Hidden;
        let bottom = size.1 - if bare { 8.0 } else { 46.0 };
        // The title of y stands above its axis, where it reads without turning the head.
        let top = top + if y.title.is_empty() { 8.0 } else { 32.0 };
        let (y_scale, y_ticks, y_exponent) = layout(y, extent.iter().map(|p| p[1]), 0.05, bottom - top, 46.0);
        let widest = y_ticks.iter().map(|t| width(&t.label)).fold(0.0, f64::max);
        let left = 12.0 + widest * FONT;
        let right = size.0 - 16.0;
        let room = if y.kind == AxisKind::Categories { 0.05 } else { 0.02 };
        let (x_scale, x_ticks, x_exponent) = layout(x, extent.iter().map(|p| p[0]), room, right - left, 74.0);
        Self {
            left,
            right,
            top,
            bottom,
            x: x_scale,
            y: y_scale,
            x_ticks,
            y_ticks,
            x_title: title(x, x_exponent),
            y_title: title(y, y_exponent),
            categories: y.kind == AxisKind::Categories,
            bare,
        }
    }

    /// As [`new`](Self::new), with a unit of x as long as a unit of y: one of the two intervals is widened around its middle.
    pub(super) fn undistorted(size: (f64, f64), top: f64, x: &Axis, y: &Axis, extent: &[[f64; 2]]) -> Self {
        let mut frame = Self::new(size, top, x, y, extent);
        // Wider labels leave less room, so once is not enough.
        for _ in 0..3 {
            let ((x0, x1), (y0, y1)) = frame.ends();
            let (wide, high) = (frame.right - frame.left, frame.bottom - frame.top);
            let unit = ((x1 - x0) / wide).max((y1 - y0) / high);
            let around = |axis: &Axis, low: f64, high: f64, length: f64| {
                let (middle, half) = (0.5 * (low + high), 0.5 * unit * length);
                axis.clone().between(middle - half, middle + half)
            };
            frame = Self::new(size, top, &around(x, x0, x1, wide), &around(y, y0, y1, high), extent);
        }
        frame
    }

    /// Where a point of the data lies; none if the axes cannot show it. Far away is cut off by the clip path, but
    /// brought near first: huge coordinates make some renderers stumble.
    pub(super) fn place(&self, [x, y]: [f64; 2]) -> Option<[f64; 2]> {
        let (u, v) = (self.x.fraction(x), self.y.fraction(y));
        (u.is_finite() && v.is_finite()).then(|| {
            let (u, v) = (u.clamp(-9.0, 10.0), v.clamp(-9.0, 10.0));
            [self.left + u * (self.right - self.left), self.bottom - v * (self.bottom - self.top)]
        })
    }

    /// The data at the ends of the two axes.
    pub(super) fn ends(&self) -> ((f64, f64), (f64, f64)) {
        (self.x.ends(), self.y.ends())
    }

    /// The right end of the rectangle.
    pub(super) fn right(&self) -> f64 {
        self.right
    }

    /// A point in words, for a pointer that rests on it.
    pub(super) fn describe(&self, [x, y]: [f64; 2]) -> [String; 2] {
        let brief = |value: f64| typeset(value, digits(value).min(6));
        let category =
            if self.categories { self.y_ticks.iter().find(|t| (t.value - y).abs() < 0.5) } else { None };
        [brief(x), category.map_or_else(|| brief(y), |tick| escape(&tick.label))]
    }

    /// The rectangle as a clip path, with some room around it for the rims of points on the ends.
    pub(super) fn clip(&self, out: &mut String, id: &str, room: f64) {
        let _ = write!(
            out,
            "<clipPath id=\"{id}\"><rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"/></clipPath>",
            self.left - room,
            self.top - room,
            self.right - self.left + 2.0 * room,
            self.bottom - self.top + 2.0 * room
        );
    }

    /// Grid, ticks, labels and titles.
    pub(super) fn draw(&self, out: &mut String) {
        let baseline = self.bottom + 18.0;
        for tick in &self.y_ticks {
            let y = self.bottom - self.y.fraction(tick.value) * (self.bottom - self.top);
            let class = if tick.label.is_empty() { "grid minor" } else { "grid" };
            let _ = write!(out, "<path class=\"{class}\" d=\"M{:.1} {y:.1}H{:.1}\"/>", self.left, self.right);
            let _ = write!(
                out,
                "<text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                self.left - 7.0,
                y + 0.34 * FONT,
                escape(&tick.label)
            );
        }
        for tick in &self.x_ticks {
            let x = self.left + self.x.fraction(tick.value) * (self.right - self.left);
            let length = if tick.label.is_empty() { 3.0 } else { 5.0 };
            let _ = write!(out, "<path class=\"axis\" d=\"M{x:.1} {:.1}v{length}\"/>", self.bottom);
            if !tick.label.is_empty() {
                // Labels at the very ends are nudged inside.
                let half = width(&tick.label) * FONT / 2.0;
                let x = x.min(self.right + 14.0 - half);
                let _ = write!(
                    out,
                    "<text class=\"tick\" x=\"{x:.1}\" y=\"{baseline:.1}\" text-anchor=\"middle\">{}</text>",
                    escape(&tick.label)
                );
            }
        }
        if !self.bare {
            let _ = write!(
                out,
                "<path class=\"axis\" d=\"M{:.1} {:.1}H{:.1}\"/>",
                self.left, self.bottom, self.right
            );
        }
        let _ = write!(
            out,
            "<text class=\"axis-title\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            self.right,
            self.bottom + 38.0,
            escape(&self.x_title)
        );
        if !self.y_title.is_empty() {
            let _ = write!(
                out,
                "<text class=\"axis-title\" x=\"4\" y=\"{:.1}\">{}</text>",
                self.top - 12.0,
                escape(&self.y_title)
            );
        }
    }
}

/// Scale, ticks and common power of ten of an axis that is `length` long, with ticks about `apart`.
fn layout(
    axis: &Axis,
    data: impl Iterator<Item = f64>,
    room: f64,
    length: f64,
    apart: f64,
) -> (Scale, Vec<Tick>, i32) {
    let kind = if axis.kind == AxisKind::Log { Kind::Log } else { Kind::Linear };
    if axis.kind == AxisKind::Categories {
        let names = &axis.names;
        // Category n stands at n, the first on top.
        let scale = Scale::new(kind, names.len() as f64 - 0.5, -0.5);
        let ticks =
            names.iter().enumerate().map(|(n, name)| Tick { value: n as f64, label: name.clone() }).collect();
        return (scale, ticks, 0);
    }
    let scale = match axis.ends {
        Some((low, high)) => Scale::new(kind, low, high),
        None => Scale::around(kind, data, room),
    };
    if axis.kind == AxisKind::Hidden {
        return (scale, Vec::new(), 0);
    }
    let (ticks, exponent) = scale.ticks((length / apart).round() as usize);
    (scale, ticks, exponent)
}

/// "title (unit)", with the power of ten that the labels leave out.
fn title(axis: &Axis, exponent: i32) -> String {
    let power = if exponent == 0 { String::new() } else { format!("10{}", superscript(exponent)) };
    match (power.is_empty(), axis.unit.is_empty()) {
        (true, true) => axis.title.clone(),
        (true, false) => format!("{} ({})", axis.title, axis.unit),
        (false, true) => format!("{} (in {power})", axis.title),
        (false, false) => format!("{} ({power} {})", axis.title, axis.unit),
    }
}
