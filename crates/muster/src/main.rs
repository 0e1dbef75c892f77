//! Muster: one binary that knows what an IT estate really consists of.
//!
//! This is the composition root: only here are real clocks, files, sockets and databases put together.

mod access;
mod audit_retention;
mod cli;
mod collecting;
mod commands;
mod config;
mod data_dir;
mod doctor;
mod housekeeping;
mod local_agent;
mod operations;
mod output;
mod progress;
mod reload;
mod remote_history;
mod serve;

use std::process::ExitCode;

use clap::Parser;
use muster_runtime::{Clock, SystemClock};

use cli::{Cli, Command};
use commands::CommandError;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&CommandError::Failed(format!("starting worker threads: {error}"))),
    };
    match runtime.block_on(run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&error),
    }
}

async fn run(cli: Cli) -> Result<(), CommandError> {
    let Cli { output, command } = cli;
    let now = SystemClock::new().now();
    match command {
        Command::Serve(args) => serve::run(args).await,
        Command::Status(target) => commands::status::run(&target, output, now).await,
        Command::Resources(args) => commands::resources::run(args, output, now).await,
        Command::Connections(command) => commands::connections::run(command, output, now).await,
        Command::Infrastructure(command) => commands::infrastructure::run(command, output, now).await,
        Command::Identity(command) => commands::identity::run(command, output, now).await,
        Command::History(command) => commands::history::run(command, output, now).await,
        Command::Audit(command) => commands::audit::run(command, output, now).await,
        Command::Backup(args) => commands::backup::run(args, output).await,
        Command::Restore(args) => commands::restore::run(args, output).await,
        Command::Doctor(args) => commands::doctor::run(args, output, now).await,
        Command::Reload(target) => commands::reload::run(&target, output).await,
        Command::Completions { shell } => commands::completions::print(shell),
        Command::Man { directory } => commands::completions::write_manual(&directory),
        Command::Token(command) => commands::token::run(command, output, now).await,
        Command::User(command) => commands::user::run(command, output).await,
    }
}

#[expect(clippy::print_stderr, reason = "the one place where a failed command says why")]
fn complain(error: &CommandError) -> ExitCode {
    eprintln!("muster: {}", output::plain(&error.to_string()));
    ExitCode::from(error.exit_code())
}
