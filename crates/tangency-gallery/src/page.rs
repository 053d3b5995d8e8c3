//! The page: one HTML file that needs nothing else.

use crate::figure::Width;
use crate::prose::{inline, paragraphs};
use crate::row::Row;
use crate::summary::count;
use crate::text::escape;
use crate::work::Done;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Colours, fonts and measures, for light and dark.
const STYLE: &str = include_str!("page.css");

/// A curve and its tangent.
const MARK: &str = "<svg class=\"mark\" viewBox=\"0 0 136 52\" aria-hidden=\"true\">\
    <path d=\"M6 47C40 47 62 40 84 24S118 6 130 5\" stroke=\"var(--ink)\"/>\
    <path d=\"M38 57L128 -8\" stroke=\"var(--accent)\" stroke-dasharray=\"1 6\"/>\
    <circle cx=\"84\" cy=\"24\" r=\"5\" fill=\"var(--accent)\"/></svg>";

/// The page that shows `works`.
pub(crate) fn html(works: &[Done]) -> String {
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"generator\" content=\"tangency-gallery {version}\">\n\
         <title>tangency: the gallery</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <header>\n{MARK}\n<h1>The gallery of tangency</h1>\n\
         <p class=\"lead\">Follow the tangent, and iterate. Each piece below is a system that runs: its story, its \
         figures, and its numbers beside what they have to be.</p>\n",
        version = env!("CARGO_PKG_VERSION"),
    );
    tally(&mut page, works);
    contents(&mut page, works);
    page.push_str("</header>\n<main>\n");
    for (n, work) in works.iter().enumerate() {
        section(&mut page, n + 1, work);
    }
    let _ = write!(
        page,
        "</main>\n<footer>Written by tangency-gallery {}. Values rest on the data in the repository; \
         &#8220;expected&#8221; comes from published tables, independent programs or exact mathematics.</footer>\n\
         </body>\n</html>\n",
        env!("CARGO_PKG_VERSION")
    );
    page
}

/// Writes `html` to `directory/index.html`, all of it or nothing: to a file beside it first, which then takes its name.
///
/// # Errors
///
/// What the file system says.
pub(crate) fn write(directory: &Path, html: &str) -> io::Result<PathBuf> {
    std::fs::create_dir_all(directory)?;
    let path = directory.join("index.html");
    // The process's number keeps two runs at once apart.
    let temporary = directory.join(format!(".index.html.{}", std::process::id()));
    let written = std::fs::File::create(&temporary)
        .and_then(|mut file| file.write_all(html.as_bytes()).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&temporary, &path));
    if written.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    written.map(|()| path)
}

fn rows(works: &[Done]) -> impl Iterator<Item = &Row> {
    works.iter().flat_map(|work| &work.report.rows)
}

fn tally(page: &mut String, works: &[Done]) {
    let (passed, checked) = count(rows(works));
    let figures: usize = works.iter().map(|work| work.report.figures.len()).sum();
    let _ = writeln!(
        page,
        "<p class=\"tally\"><b>{}</b> {}, <b>{figures}</b> figures, <b>{passed}</b> of <b>{checked}</b> \
         checks pass</p>",
        works.len(),
        if works.len() == 1 { "piece of work" } else { "pieces of work" }
    );
}

fn contents(page: &mut String, works: &[Done]) {
    page.push_str("<nav aria-label=\"Contents\"><ol>\n");
    for (n, work) in works.iter().enumerate() {
        let (passed, checked) = count(&work.report.rows);
        let _ = writeln!(
            page,
            "<li><a href=\"#{}\"><span class=\"number\">{}</span><span class=\"name\">{}</span>\
             <span class=\"state {}\">{passed} of {checked}</span></a></li>",
            work.name,
            n + 1,
            inline(&work.title),
            if passed == checked { "" } else { "fail" },
        );
    }
    page.push_str("</ol></nav>\n");
}

fn section(page: &mut String, number: usize, work: &Done) {
    let _ = write!(
        page,
        "<section id=\"{}\">\n<h2><span class=\"number\">{number}</span>{}</h2>\n<div class=\"story\">\n{}</div>\n",
        work.name,
        inline(&work.title),
        paragraphs(&work.story)
    );
    if !work.report.figures.is_empty() {
        page.push_str("<div class=\"figures\">\n");
        for (n, figure) in work.report.figures.iter().enumerate() {
            let class = if figure.width == Width::Full { "full" } else { "half" };
            let _ = write!(
                page,
                "<figure class=\"{class}\"><figcaption><strong>{}</strong>{}</figcaption>\n<div class=\"plot\">{}</div></figure>\n",
                inline(&figure.title),
                inline(&figure.caption),
                figure.svg(&format!("{}-{}", work.name, n + 1))
            );
        }
        page.push_str("</div>\n");
    }
    if !work.report.rows.is_empty() {
        page.push_str(
            "<div class=\"results\"><table>\n<thead><tr><th>Quantity</th><th>Found</th><th>Expected</th>\
             <th>Check</th></tr></thead>\n<tbody>\n",
        );
        for row in &work.report.rows {
            let check = match row.passes() {
                None => "",
                Some(true) => "<span class=\"pass\">✓ pass</span>",
                Some(false) => "<span class=\"fail\">✗ fail</span>",
            };
            let _ = writeln!(
                page,
                "<tr><td>{}</td><td class=\"number\">{}</td><td class=\"wanted\">{}</td><td class=\"check\">{check}</td></tr>",
                escape(&row.quantity),
                escape(&row.got(true)),
                escape(&row.wanted(true)),
            );
        }
        page.push_str("</tbody>\n</table></div>\n");
    }
    page.push_str("</section>\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::{Axis, Figure};
    use crate::work::Report;

    fn done() -> Done {
        let figure = Figure::new("title", "caption $x^2$", Width::Half, Axis::linear("t"), Axis::linear("x"));
        let rows = vec![Row::number("a <b>", 1.0).near(1.0, 0.0), Row::number("c", 2.0).at_most(1.0)];
        Done {
            name: "work",
            title: "Work & play".into(),
            story: "One.\n\nTwo $a_1$.".into(),
            report: Report { figures: vec![figure], rows },
        }
    }

    #[test]
    fn the_page_asks_nothing_of_the_network() {
        let page = html(&[done()]);
        for word in ["http://", "https://", "<script", "@import", "url(", "src=", "<link"] {
            let allowed = if word == "url(" { page.matches("url(#").count() } else { 0 };
            assert_eq!(page.matches(word).count(), allowed, "{word}");
        }
    }

    #[test]
    fn text_is_escaped_and_checks_are_shown() {
        let page = html(&[done()]);
        assert!(page.contains("a &lt;b&gt;") && page.contains("Work &amp; play"));
        assert_eq!((page.matches("✓ pass").count(), page.matches("✗ fail").count()), (1, 1));
        assert!(page.contains("<b>1</b> of <b>2</b>"));
        assert!(page.contains("id=\"work-1-t\"") && page.contains("href=\"#work\""));
    }
}
