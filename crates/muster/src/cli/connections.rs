//! The command line of `muster connections`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use muster_model::Platform;

use super::Target;

#[derive(Debug, Subcommand)]
pub(crate) enum ConnectionsCommand {
    /// List connections and how polling of each goes.
    List(Target),
    /// Try a connection, show what would be trusted, and make it.
    Add(AddArgs),
    /// Look at a connection now; exit code 1 when that fails.
    Test {
        #[command(flatten)]
        target: Target,
        /// Its name or id.
        name: String,
    },
    /// Show each call that is made, whether it is allowed, what stays empty without it, and the command that grants it.
    Doctor {
        #[command(flatten)]
        target: Target,
        /// Its name or id.
        name: String,
    },
    /// Show why the memory of each node and guest is the number that it is: the source that was chosen, and why nothing
    /// better was there. JSON has what was read, too.
    Memory {
        #[command(flatten)]
        target: Target,
        /// Its name or id.
        name: String,
        /// Only the guest of this number.
        #[arg(long, value_name = "VMID")]
        guest: Option<u32>,
    },
    /// Change a connection.
    Edit(EditArgs),
    /// Remove a connection. What it reported leaves the picture; history and timeline stay.
    Remove {
        #[command(flatten)]
        target: Target,
        /// Its name or id.
        name: String,
    },
}

/// Options of `muster connections add`.
#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    #[command(flatten)]
    pub(crate) target: Target,
    /// What to call it.
    pub(crate) name: String,
    /// Addresses of nodes of one cluster, the preferred one first, such as `pve1.example.org`.
    #[arg(required = true, value_name = "ADDRESS")]
    pub(crate) addresses: Vec<String>,
    /// Who we are there: `monitor@pve!muster` for an API token, `monitor@pve` for a user with a password.
    #[arg(long, value_name = "USER@REALM[!TOKEN]")]
    pub(crate) user: String,
    #[command(flatten)]
    pub(crate) secret: SecretArgs,
    /// SHA-256 of a certificate to believe whoever signed it; may stand there several times.
    #[arg(long, value_name = "FINGERPRINT")]
    pub(crate) pin: Vec<String>,
    /// How often its resources are looked at, 10s to 1h.
    #[arg(long, value_name = "SPAN", default_value = "10s")]
    pub(crate) interval: String,
    /// How it is looked at, such as `guest-agent.retries=0`; may stand there several times.
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) option: Vec<String>,
    /// Do not poll it yet.
    #[arg(long)]
    pub(crate) disabled: bool,
    /// Make it without trying it first.
    #[arg(long)]
    pub(crate) no_probe: bool,
    /// What it leads to.
    #[arg(long, value_parser = parse_platform, default_value = "proxmox-pve")]
    pub(crate) platform: Platform,
}

/// Options of `muster connections edit`. What is left out stays as it is.
#[derive(Debug, Args)]
pub(crate) struct EditArgs {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Its name or id.
    pub(crate) name: String,
    /// Another name.
    #[arg(long, value_name = "NAME")]
    pub(crate) rename: Option<String>,
    /// Other addresses in the place of those before; may stand there several times.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) address: Vec<String>,
    /// Another user or token.
    #[arg(long, value_name = "USER@REALM[!TOKEN]")]
    pub(crate) user: Option<String>,
    #[command(flatten)]
    pub(crate) secret: SecretArgs,
    /// Ask for another secret.
    #[arg(long)]
    pub(crate) new_secret: bool,
    /// Other fingerprints in the place of those before; may stand there several times.
    #[arg(long, value_name = "FINGERPRINT", conflicts_with = "no_pins")]
    pub(crate) pin: Vec<String>,
    /// Believe only what the system's authorities vouch for.
    #[arg(long)]
    pub(crate) no_pins: bool,
    /// Another interval.
    #[arg(long, value_name = "SPAN")]
    pub(crate) interval: Option<String>,
    /// How it is looked at, such as `guest-agent.retries=0`, or `guest-agent.retries=` as if nobody had chosen; may stand
    /// there several times.
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) option: Vec<String>,
    /// Poll it.
    #[arg(long, conflicts_with = "disable")]
    pub(crate) enable: bool,
    /// Do not poll it.
    #[arg(long)]
    pub(crate) disable: bool,
}

/// Where the secret comes from. It is never an argument itself, which other users of the machine could see.
#[derive(Debug, Args)]
pub(crate) struct SecretArgs {
    /// A file of this machine with the token's secret or the password; otherwise it is asked for, or read as one line from
    /// standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "secret_reference")]
    pub(crate) secret_file: Option<PathBuf>,
    /// Where the server is to read the secret: `file:/…` or `env:…`, below the roots of its configuration.
    #[arg(long, value_name = "REFERENCE")]
    pub(crate) secret_reference: Option<String>,
}

fn parse_platform(text: &str) -> Result<Platform, String> {
    text.parse().map_err(|error: muster_model::InvalidPlatform| error.to_string())
}
