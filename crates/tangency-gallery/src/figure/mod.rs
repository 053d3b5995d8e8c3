//! Figures as SVG: axes, lines, points, whiskers, bands, arrows, words, flows, cells and regions.
//!
//! A figure is drawn in user units and scales to the width that the page gives it. It names colours by role
//! ([`Colour`]) and leaves it to the page's style sheet to say which they are, so the same drawing serves light and
//! dark. Each figure has a `<title>` and a `<desc>`, and each point a `<title>` with its numbers.

mod area;
mod axis;
mod contour;
mod frame;
mod legend;
mod mark;
mod scale;

pub(crate) use area::Cell;
pub(crate) use axis::Axis;
pub(crate) use contour::Grid;
pub(crate) use mark::{Colour, Direction, Mark, Shape, Stroke};
pub(crate) use scale::{minus, superscript};

use crate::text::escape;
use frame::Frame;
use std::fmt::Write;

/// How much of the page's width a figure takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Width {
    /// Half of it: two figures side by side where there is room.
    Half,
    /// All of it.
    Full,
}

impl Width {
    fn size(self) -> (f64, f64) {
        match self {
            Self::Half => (500.0, 350.0),
            Self::Full => (1020.0, 400.0),
        }
    }
}

/// One drawing with its caption.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Figure {
    /// What it shows, in a few words.
    pub title: String,
    /// What is to be seen in it, in a sentence or two (prose of the page: `$..$` for formulas).
    pub caption: String,
    /// How wide it is.
    pub width: Width,
    x: Axis,
    y: Axis,
    height: Option<f64>,
    undistorted: bool,
    series: Vec<(String, Mark, Colour)>,
}

impl Figure {
    /// An empty figure between two axes.
    pub(crate) fn new(title: &str, caption: &str, width: Width, x: Axis, y: Axis) -> Self {
        Self {
            title: title.to_string(),
            caption: caption.to_string(),
            width,
            x,
            y,
            height: None,
            undistorted: false,
            series: Vec::new(),
        }
    }

    /// With this height instead of the usual 350 (half width) or 400 (full), in units of which the widths are 500 and 1020.
    pub(crate) fn height(self, height: f64) -> Self {
        Self { height: Some(height), ..self }
    }

    /// With a unit of x as long as one of y, as distances in a plane need it.
    pub(crate) fn undistorted(self) -> Self {
        Self { undistorted: true, ..self }
    }

    /// Draws `mark` above what is there, without an entry in the legend.
    pub(crate) fn draw(self, mark: Mark, colour: Colour) -> Self {
        self.named("", mark, colour)
    }

    /// Draws `mark` above what is there, and enters it in the legend as `name`.
    pub(crate) fn named(mut self, name: &str, mark: Mark, colour: Colour) -> Self {
        self.series.push((name.to_string(), mark, colour));
        self
    }

    /// The figure as an `<svg>` element; `id`, unique in the page, names its parts.
    pub(crate) fn svg(&self, id: &str) -> String {
        let (wide, usual) = self.width.size();
        let size = (wide, self.height.unwrap_or(usual));
        let mut out = format!(
            "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">\
             <title id=\"{id}-t\">{}</title><desc id=\"{id}-d\">{}</desc>",
            size.0,
            size.1,
            escape(&self.title),
            escape(&self.caption)
        );
        let entries: Vec<_> = self
            .series
            .iter()
            .filter(|(name, ..)| !name.is_empty())
            .map(|(name, mark, colour)| (name.as_str(), mark, *colour))
            .collect();
        let top = legend::draw(&mut out, &entries, size.0 - 8.0);
        let extent: Vec<_> = self.series.iter().flat_map(|(_, mark, _)| mark.extent()).collect();
        let laid_out = if self.undistorted { Frame::undistorted } else { Frame::new };
        let frame = laid_out(size, top, &self.x, &self.y, &extent);
        // A region that goes on beyond the axes ends at them.
        let regions = self.series.iter().any(|(_, mark, _)| matches!(mark, Mark::Region(_)));
        frame.clip(&mut out, &format!("{id}-c"), if regions { 0.0 } else { 5.0 });
        frame.draw(&mut out);
        let _ = write!(out, "<g clip-path=\"url(#{id}-c)\">");
        for (name, mark, colour) in &self.series {
            mark.draw(&mut out, &frame, *colour, name);
        }
        out.push_str("</g></svg>\n");
        out
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "these results are exact")]
mod tests {
    use super::*;

    fn figure() -> Figure {
        Figure::new(
            "A < B & \"C\"",
            "caption",
            Width::Half,
            Axis::linear("t").unit("years"),
            Axis::log("loss"),
        )
        .named("fit", Mark::Line(vec![[0.0, 1.0], [1.0, 10.0], [2.0, 100.0]], Stroke::Solid), Colour::First)
        .named("data", Mark::Points(vec![[0.0, 1.0], [2.0, 100.0]], Shape::Disc), Colour::Second)
    }

    /// Every start tag has its end tag, in order: what an XML parser would ask.
    fn balanced(svg: &str) -> bool {
        let mut open = Vec::new();
        for tag in svg.split('<').skip(1) {
            let Some((tag, _)) = tag.split_once('>') else { return false };
            if let Some(name) = tag.strip_prefix('/') {
                if open.pop() != Some(name) {
                    return false;
                }
            } else if !tag.ends_with('/') {
                open.push(tag.split(' ').next().unwrap_or_default());
            }
        }
        open.is_empty()
    }

    #[test]
    fn text_is_escaped_and_elements_are_balanced() {
        let svg = figure().svg("x");
        assert!(svg.contains("<title id=\"x-t\">A &lt; B &amp; &quot;C&quot;</title>"));
        assert!(balanced(&svg), "{svg}");
        assert!(svg.contains(">t (years)<") && svg.contains(">loss<"));
    }

    #[test]
    fn what_cannot_be_shown_interrupts_a_line_and_never_reaches_the_file() {
        let points =
            vec![[0.0, 1.0], [1.0, f64::NAN], [2.0, -3.0], [3.0, 0.0], [4.0, 2.0], [5.0, f64::INFINITY]];
        let svg = figure()
            .draw(Mark::Line(points.clone(), Stroke::Solid), Colour::Third)
            .draw(Mark::Points(points.clone(), Shape::Circle), Colour::Third)
            .draw(Mark::Whiskers(points.clone(), vec![f64::NAN; 6], Direction::Vertical), Colour::Third)
            .draw(Mark::Stems(points.clone()), Colour::Third)
            .draw(Mark::Flows(points.iter().map(|p| ([*p, [1.0, 1.0]], f64::NAN)).collect()), Colour::Third)
            .draw(Mark::Discs(points.iter().map(|p| (*p, p[1])).collect()), Colour::Third)
            .draw(Mark::Region(vec![points.clone()]), Colour::Third)
            .draw(
                Mark::Cells(
                    points.iter().map(|p| Cell { centre: *p, shade: p[1], text: "x".into() }).collect(),
                    [1.0; 2],
                ),
                Colour::Third,
            )
            .svg("x");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        assert!(balanced(&svg));
    }

    #[test]
    fn a_figure_without_data_is_still_a_figure() {
        let svg = Figure::new("", "", Width::Full, Axis::linear(""), Axis::linear("")).svg("x");
        assert!(balanced(&svg) && !svg.contains("NaN"));
    }

    #[test]
    fn points_land_where_the_axes_say() {
        let frame = Frame::new(
            (500.0, 350.0),
            0.0,
            &Axis::linear("").between(0.0, 10.0),
            &Axis::linear("").between(0.0, 1.0),
            &[],
        );
        let ([x0, y0], [x1, y1], [x, y]) = (
            frame.place([0.0, 0.0]).unwrap(),
            frame.place([10.0, 1.0]).unwrap(),
            frame.place([2.5, 0.75]).unwrap(),
        );
        assert!((x - (0.75 * x0 + 0.25 * x1)).abs() < 1e-9 && (y - (0.25 * y0 + 0.75 * y1)).abs() < 1e-9);
        assert!(x0 < x1 && y0 > y1, "y grows upwards");
        assert_eq!((y0, x1), (350.0 - 46.0, 500.0 - 16.0));
    }

    #[test]
    fn an_undistorted_figure_has_one_unit_for_both_axes_and_shows_everything() {
        for (high, wide) in [(1.0, 9.0), (9.0, 1.0), (1e3, 2e3)] {
            let extent = [[0.0, 0.0], [wide, high]];
            let frame =
                Frame::undistorted((500.0, 350.0), 0.0, &Axis::linear("x"), &Axis::linear("y"), &extent);
            let [[x0, y0], [x1, y1]] = extent.map(|point| frame.place(point).unwrap());
            let units = ((x1 - x0) / wide, (y0 - y1) / high);
            assert!((units.0 / units.1 - 1.0).abs() < 1e-3, "{units:?}");
            assert!(x0 > 0.0 && x1 <= 484.0 && y1 >= 32.0 && y0 <= 304.0);
        }
    }

    #[test]
    fn a_legend_wraps_before_the_right_edge() {
        let mark = Mark::Line(Vec::new(), Stroke::Solid);
        let long = "a rather long name of a curve";
        let entries = vec![(long, &mark, Colour::First); 5];
        let mut out = String::new();
        let height = legend::draw(&mut out, &entries, 492.0);
        assert!(height > 3.0 * 19.0);
        let ends = out.split("class=\"legend\" x=\"").skip(1).map(|rest| {
            let x: f64 = rest.split('"').next().unwrap().parse().unwrap();
            x + crate::text::width(long) * frame::FONT
        });
        assert!(ends.into_iter().all(|end| end <= 492.0));
    }
}
