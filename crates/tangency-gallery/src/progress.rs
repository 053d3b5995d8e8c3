//! How far along the work is: a bar on a terminal, a line for each piece of work elsewhere. All on stderr.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;

/// Steps of the bar for one piece of work.
const STEPS: u64 = 1000;

/// Shows progress through a number of works.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    works: usize,
    begun: usize,
}

impl Progress {
    /// Begins to show progress through `works` pieces of work.
    pub(crate) fn new(works: usize) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{bar:30} {percent:>3}%  {msg}");
            ProgressBar::new(works as u64 * STEPS)
                .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━╸─"))
        });
        Self { bar, works, begun: 0 }
    }

    /// Begins the next piece of work.
    pub(crate) fn begin(&mut self, title: &str) {
        self.begun += 1;
        match &self.bar {
            Some(bar) => bar.set_message(title.to_string()),
            None => eprintln!("[{}/{}] {title}", self.begun, self.works),
        }
        self.advance(0.0);
    }

    /// Says that this fraction, from 0 to 1, of the present piece of work is done.
    pub(crate) fn advance(&self, fraction: f64) {
        if let Some(bar) = &self.bar {
            let within = (fraction.clamp(0.0, 1.0) * STEPS as f64) as u64;
            bar.set_position(self.begun.saturating_sub(1) as u64 * STEPS + within);
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
