//! Side-by-side benchmarks: what Muster does, measured in one run beside what a user would have instead.
//!
//! Run by `make bench`. It prints a table with ratios, writes `bench/results/latest.json`, and fails when a bar does not
//! hold or a group cannot be measured, which keeps no other group from being measured. Named groups (`muster-bench inventory`) are measured alone and write no file. `muster-bench record SECONDS` makes
//! the recording that one of the data sets is. It measures release builds only; a
//! debug build refuses to run, since its numbers would mislead.

mod child;
mod data;
mod disk;
mod http;
mod machine;
mod nowhere;
mod peers;
mod platform;
mod process;
mod program;
mod punctuality;
mod record;
mod result;
mod rows;
mod site;
mod table;
mod timing;
mod visitor;

use std::{fs, path::Path, process::ExitCode};

use anyhow::{Context, Result, ensure};

use crate::{machine::Machine, peers::exporter, result::Results, rows::Measured, timing::Stopwatch};

const RESULTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/results/latest.json");

fn main() -> Result<ExitCode> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    match wanted.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["record", seconds] => record::record(seconds).map(|()| ExitCode::SUCCESS),
        [platform::ARGUMENT, clusters] => platform::simulate(clusters).map(|()| ExitCode::SUCCESS),
        [exporter::ARGUMENT, job] => exporter::run(job).map(|found| print(&found)).map(|()| ExitCode::SUCCESS),
        [child::ARGUMENT, job] => child::work(job).map(|found| print(&found)).map(|()| ExitCode::SUCCESS),
        _ => measure(&wanted),
    }
}

fn measure(wanted: &[String]) -> Result<ExitCode> {
    ensure!(!cfg!(debug_assertions), "a debug build measures nothing of use; run `make bench`");
    let Measured { rows, failures } = rows::measure(wanted, &Stopwatch::start())?;
    let results = Results { machine: Machine::this_one(Path::new("/proc"))?, rows, failures };
    print(&table::render(&results));
    if wanted.is_empty() {
        write(&results)?;
    }
    print(&table::failed(&results));
    Ok(if results.hold() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Writes the results beside the last ones and then puts them in their place, so that the file is always whole.
fn write(results: &Results) -> Result<()> {
    let text = serde_json::to_string_pretty(results).context("writing the results as JSON")?;
    let unfinished = format!("{RESULTS}.unfinished");
    fs::write(&unfinished, text + "\n").with_context(|| format!("writing {unfinished}"))?;
    fs::rename(&unfinished, RESULTS).with_context(|| format!("putting {unfinished} in place of {RESULTS}"))
}

#[expect(clippy::print_stdout, reason = "the table is this program's result")]
fn print(text: &str) {
    println!("{text}");
}
