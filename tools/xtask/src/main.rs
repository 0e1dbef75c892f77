//! Repository chores: generating checked-in files and checking what no compiler checks.
//!
//! Run by `make lint` and by hand as `cargo run -p xtask -- <command>`. It writes only below `openapi/`, and it is no
//! part of what is shipped.

mod check;
mod metrics;
mod openapi;
mod packages;
mod tree;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::{check::Finding, tree::Tree};

/// Chores of this repository.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check manifests, file headers and lengths, links and words.
    Check,
    /// Write `openapi/muster.json` from the server's routes.
    Openapi {
        /// Only compare, and fail when the file is stale.
        #[arg(long)]
        check: bool,
    },
    /// Write the table of metric families in the documentation.
    Metrics {
        /// Only compare, and fail when the table is stale.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> Result<ExitCode> {
    match Arguments::parse().command {
        Command::Check => Ok(report(&check::all(&Tree::of_repository()?)?)),
        Command::Openapi { check: true } => openapi::check().map(|()| ExitCode::SUCCESS),
        Command::Openapi { check: false } => openapi::write().map(|()| ExitCode::SUCCESS),
        Command::Metrics { check: true } => metrics::check().map(|()| ExitCode::SUCCESS),
        Command::Metrics { check: false } => metrics::write().map(|()| ExitCode::SUCCESS),
    }
}

#[expect(clippy::print_stdout, reason = "findings are this program's result")]
fn report(findings: &[Finding]) -> ExitCode {
    for finding in findings {
        println!("{finding}");
    }
    println!("repository checks: {} findings", findings.len());
    if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
