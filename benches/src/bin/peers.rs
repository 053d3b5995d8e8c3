//! Our side of the comparison with Python libraries: `peers AREA WORK FOLDER`.
//!
//! Reads the inputs that `benches/peers/compare.py` wrote to the folder, does the work repeatedly, writes the result there
//! as `ours` (raw `f64`), and prints one JSON object with the best time and the physical limit, in milliseconds.

use std::path::Path;
use std::process::ExitCode;
use tangency_benches::peers;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [area, work, folder] = &arguments[..] else {
        eprintln!("usage: peers AREA WORK FOLDER");
        return ExitCode::from(2);
    };
    match peers::run(area, work, Path::new(folder)) {
        Ok(timing) => {
            println!("{timing}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("peers {area} {work}: {error}");
            ExitCode::FAILURE
        }
    }
}
