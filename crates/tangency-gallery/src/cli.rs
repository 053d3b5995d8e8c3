//! The command line.

use lexopt::prelude::*;
use std::ffi::OsString;
use std::path::PathBuf;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
Runs tangency on real data and writes one page of figures.

Usage: tangency-gallery [OPTIONS]

Options:
      --only NAME     Run only this piece of work; may be given again for more
      --fit FILE.csv  Fit the Lotka-Volterra equations to your own data and add
                      the fit to the page. The file has a header, a column t
                      (or time, or year), increasing, and two columns of positive
                      populations: the prey first, then its predator
      --out DIR       Write DIR/index.html [default: target/gallery]
      --list          List the pieces of work and exit
  -h, --help          Print this help and exit

Exit status:
  0  all checks of all results pass
  1  a check failed, or a piece of work could not be done
  2  wrong usage, unusable input, or a page that cannot be written
";

/// What the user asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    /// Print the help.
    Help,
    /// Print the names of all works.
    List,
    /// Run works and write the page.
    Run(Arguments),
}

/// What to run, and where to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// The names of the works to run; all if empty.
    pub only: Vec<String>,
    /// A table of the user's to fit.
    pub fit: Option<PathBuf>,
    /// The directory of the page. Default `target/gallery`.
    pub out: PathBuf,
}

/// Reads the command line, without the name of the program.
///
/// # Errors
///
/// An unknown option, a missing or a superfluous value.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, lexopt::Error> {
    let mut parser = lexopt::Parser::from_args(arguments);
    let mut run = Arguments { only: Vec::new(), fit: None, out: PathBuf::from("target/gallery") };
    let mut list = false;
    while let Some(argument) = parser.next()? {
        match argument {
            Long("only") => run.only.push(parser.value()?.string()?),
            Long("fit") => run.fit = Some(parser.value()?.into()),
            Long("out") => run.out = parser.value()?.into(),
            Long("list") => list = true,
            Short('h') | Long("help") => return Ok(Command::Help),
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(if list { Command::List } else { Command::Run(run) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Command, String> {
        parse(arguments.iter().map(OsString::from)).map_err(|error| error.to_string())
    }

    #[test]
    fn options_and_their_defaults() {
        let run = |only: &[&str], fit: Option<&str>, out: &str| {
            Ok(Command::Run(Arguments {
                only: only.iter().map(ToString::to_string).collect(),
                fit: fit.map(PathBuf::from),
                out: PathBuf::from(out),
            }))
        };
        assert_eq!(parsed(&[]), run(&[], None, "target/gallery"));
        assert_eq!(parsed(&["--only", "a", "--only=b", "--out", "d"]), run(&["a", "b"], None, "d"));
        assert_eq!(parsed(&["--fit", "f.csv"]), run(&[], Some("f.csv"), "target/gallery"));
        assert_eq!(parsed(&["--list"]), Ok(Command::List));
        assert_eq!(parsed(&["--only", "a", "-h"]), Ok(Command::Help));
    }

    #[test]
    fn wrong_usage_is_named() {
        assert_eq!(parsed(&["--onyl"]).unwrap_err(), "invalid option '--onyl'");
        assert_eq!(parsed(&["--fit"]).unwrap_err(), "missing argument for option '--fit'");
        assert_eq!(parsed(&["a.csv"]).unwrap_err(), "unexpected argument \"a.csv\"");
        assert!(parsed(&["--list=yes"]).is_err());
    }
}
