//! Runs everything on real data and writes one page: the main job of the workspace.
//!
//! A [`Work`] is a question with its story, and a function that answers it with figures and with numbers, most of which are
//! held against what they have to be:
//!
//! $$ \lvert x - x_{\mathrm{expected}} \rvert \le \varepsilon. $$
//!
//! The program reads its bundled data (or a table of the user's, with `--fit`), does the works one after another, prints the
//! table of all numbers, and writes `target/gallery/index.html`, all of it or nothing. [`cli`] has the options and exit
//! statuses.
//!
//! | module | its noun |
//! |---|---|
//! | [`works`] | one file for each piece of work |
//! | [`figure`] | an SVG figure: axes, lines, points, bands, whiskers, arrows, words |
//! | [`row`] | a number and what is expected of it |
//! | [`page`], [`prose`] | the HTML page; its paragraphs, with formulas as MathML |
//! | [`summary`], [`progress`] | what the terminal shows |
//! | [`reading`], [`data`] | a table of numbers, and what can be wrong with it; the bundled ones |
//! | [`benchmarks`] | the tables of times in the documents |

mod benchmarks;
mod cli;
mod data;
mod figure;
mod page;
mod progress;
mod prose;
mod reading;
mod row;
mod summary;
mod text;
mod work;
mod works;

use cli::{Arguments, Command};
use progress::Progress;
use reading::TwoSpecies;
use std::process::ExitCode;
use work::Work;

/// A check failed, or a piece of work could not be done.
const FAILED: u8 = 1;
/// Wrong usage, unusable input, or a page that cannot be written.
const REFUSED: u8 = 2;

fn main() -> ExitCode {
    let command = match cli::parse(std::env::args_os().skip(1)) {
        Ok(command) => command,
        Err(error) => return stop(REFUSED, format_args!("{error}; --help lists the options")),
    };
    match command {
        Command::Help => print!("{}", cli::HELP),
        Command::List => {
            let works = works::all();
            let longest = works.iter().map(|work| work.name.len()).max().unwrap_or(0);
            for work in works {
                println!("{:longest$}  {}", work.name, work.title);
            }
        }
        Command::Run(arguments) => return run(&arguments),
    }
    ExitCode::SUCCESS
}

/// One line on stderr, and the status.
fn stop(status: u8, message: std::fmt::Arguments<'_>) -> ExitCode {
    eprintln!("tangency-gallery: {message}");
    ExitCode::from(status)
}

fn run(arguments: &Arguments) -> ExitCode {
    // Everything that can be refused is refused before any work is done.
    let mut selected = match select(&arguments.only, arguments.fit.is_some()) {
        Ok(selected) => selected,
        Err(unknown) => {
            return stop(
                REFUSED,
                format_args!("no piece of work is called {unknown:?}; --list lists their names"),
            );
        }
    };
    if let Some(path) = &arguments.fit {
        match TwoSpecies::read(path, works::fit::LEAST_ROWS) {
            Ok(data) => selected.push(works::fit::work(data)),
            Err(error) => return stop(REFUSED, format_args!("{error}")),
        }
    }
    if arguments.out.exists() && !arguments.out.is_dir() {
        return stop(REFUSED, format_args!("{}: is not a directory", arguments.out.display()));
    }

    let mut progress = Progress::new(selected.len());
    let mut done = Vec::with_capacity(selected.len());
    for work in selected {
        let name = work.name;
        progress.begin(&work.title);
        match work.run(&mut |fraction| progress.advance(fraction)) {
            Ok(work) => done.push(work),
            Err(error) => {
                progress.finish();
                return match &arguments.fit {
                    Some(path) if name == works::fit::NAME => {
                        stop(REFUSED, format_args!("{}: cannot be fitted: {error}", path.display()))
                    }
                    _ => stop(FAILED, format_args!("{name}: {error}")),
                };
            }
        }
    }
    progress.finish();

    print!("{}", summary::table(&done));
    match page::write(&arguments.out, &page::html(&done)) {
        Ok(path) => println!("wrote {}", path.display()),
        Err(error) => {
            return stop(REFUSED, format_args!("{}: cannot be written: {error}", arguments.out.display()));
        }
    }
    let (passed, checked) = summary::count(done.iter().flat_map(|work| &work.report.rows));
    if passed == checked { ExitCode::SUCCESS } else { ExitCode::from(FAILED) }
}

/// The works of these names, in the order of the gallery; all if there are no names. The name of the fit stands for the
/// user's own, if there is one.
fn select(names: &[String], fit: bool) -> Result<Vec<Work>, String> {
    let mut works = works::all();
    for name in names {
        if !(works.iter().any(|work| work.name == name) || fit && name == works::fit::NAME) {
            return Err(name.clone());
        }
    }
    if !names.is_empty() {
        works.retain(|work| names.iter().any(|name| name == work.name));
    }
    Ok(works)
}
