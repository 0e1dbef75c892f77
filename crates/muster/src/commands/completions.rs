//! `muster completions` and `muster man`: what a shell and `man` should know of the command line.

use std::{io, path::Path};

use clap::CommandFactory;
use clap_complete::Shell;

use super::CommandError;
use crate::cli::Cli;

/// Prints the completions for a shell.
pub(crate) fn print(shell: Shell) -> Result<(), CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "muster", &mut script);
    let written = io::Write::write_all(&mut io::stdout().lock(), &script);
    // A reader that has seen enough (`| head`) is no failure.
    Ok(written.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })?)
}

/// Writes a manual page for each command.
pub(crate) fn write_manual(directory: &Path) -> Result<(), CommandError> {
    let written = std::fs::create_dir_all(directory).and_then(|()| clap_mangen::generate_to(Cli::command(), directory));
    written.map_err(|error| CommandError::Failed(format!("writing manual pages to {}: {error}", directory.display())))
}
