//! Prose with formulas, as HTML with MathML: nothing has to be fetched to read it.

use crate::text::escape;
use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::{Parser, Storage, push_mathml};

/// Paragraphs separated by empty lines as `<p>` elements.
///
/// `$..$` is a formula in the line and `$$..$$` one on its own line, both TeX; `_.._` around words is emphasis (an
/// underscore inside a word is itself).
pub(crate) fn paragraphs(text: &str) -> String {
    let mut html = String::new();
    for paragraph in text.split("\n\n").map(str::trim).filter(|p| !p.is_empty()) {
        html.push_str("<p>");
        html.push_str(&inline(paragraph));
        html.push_str("</p>\n");
    }
    html
}

/// One paragraph, without the element around it.
pub(crate) fn inline(text: &str) -> String {
    let mut html = String::new();
    for (n, piece) in text.split("$$").enumerate() {
        if n % 2 == 1 {
            html.push_str(&formula(piece, DisplayMode::Block));
            continue;
        }
        for (m, piece) in piece.split('$').enumerate() {
            match m % 2 {
                1 => html.push_str(&formula(piece, DisplayMode::Inline)),
                _ => html.push_str(&emphasised(&escape(piece))),
            }
        }
    }
    html
}

/// `_words_` as `<em>words</em>`.
fn emphasised(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    let mut open = false;
    let mut previous = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let next = rest.peek().copied().unwrap_or(' ');
        if c == '_' && !open && !previous.is_alphanumeric() && next.is_alphanumeric() {
            open = true;
            html.push_str("<em>");
        } else if c == '_' && open && !next.is_alphanumeric() {
            open = false;
            html.push_str("</em>");
        } else {
            html.push(c);
        }
        previous = c;
    }
    if open { text.to_string() } else { html }
}

/// A formula as MathML; one that cannot be read is shown as it is written.
fn formula(tex: &str, display_mode: DisplayMode) -> String {
    let storage = Storage::new();
    let events: Result<Vec<_>, _> = Parser::new(tex, &storage).collect();
    let mut html = String::new();
    let config = RenderConfig { display_mode, ..RenderConfig::default() };
    let written = events.is_ok_and(|events| {
        push_mathml(&mut html, events.into_iter().map(Ok::<_, std::fmt::Error>), config).is_ok()
    });
    if written { html } else { format!("<code>{}</code>", escape(tex)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_mathml_and_text_is_escaped() {
        let html = paragraphs("If $a < b$ & so on:\n\n$$x' = \\frac{1}{2}$$ and _so it is_, x_1 & y_2.");
        assert_eq!(html.matches("<p>").count(), 2);
        assert!(
            html.contains("<math") && html.contains("<mfrac>") && html.contains("display=\"block\""),
            "{html}"
        );
        assert!(html.contains("&amp; so on") && html.contains("<em>so it is</em>") && html.contains("x_1"));
        assert!(!html.contains('$'));
    }

    #[test]
    fn a_formula_with_an_error_is_shown_as_written() {
        assert_eq!(inline("$\\frac{1}{<$"), "<code>\\frac{1}{&lt;</code>");
    }
}
