//! The command line of `muster infrastructure`.

use clap::{Args, Subcommand};
use muster_model::IgnorableKind;

use super::Target;

#[derive(Debug, Subcommand)]
pub(crate) enum InfrastructureCommand {
    /// List systems with the ways in which each is connected, then what is ignored.
    List(Target),
    /// Ignore a machine: what its agent, Docker engine or cluster reports leaves the picture and is refused from then on.
    Ignore(MachineArgs),
    /// Listen to an ignored machine again, from its next report on.
    Restore(MachineArgs),
}

/// Which machine.
#[derive(Debug, Args)]
pub(crate) struct MachineArgs {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Its name, host name, or the id of its connection.
    pub(crate) name: String,
    /// Which of its connections, where it has several: agent, docker or kubernetes.
    #[arg(long, value_parser = parse_kind)]
    pub(crate) kind: Option<IgnorableKind>,
}

fn parse_kind(text: &str) -> Result<IgnorableKind, String> {
    text.parse().map_err(|_| "expected agent, docker or kubernetes".to_owned())
}
