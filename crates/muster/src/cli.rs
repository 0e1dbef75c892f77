//! The command line.

mod audit;
mod connections;
mod identity;
mod infrastructure;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use muster_model::{Role, Scope};

pub(crate) use audit::{AuditCommand, AuditFilter, AuditFormat};
pub(crate) use connections::{AddArgs, ConnectionsCommand, EditArgs, SecretArgs};
pub(crate) use identity::{DecisionArgs, IdentityCommand, PairArgs, SplitArgs};
pub(crate) use infrastructure::{InfrastructureCommand, MachineArgs};

/// Muster knows what an IT estate really consists of.
#[derive(Debug, Parser)]
#[command(name = "muster", version, about, propagate_version = true)]
pub(crate) struct Cli {
    /// How results are printed.
    #[arg(long, global = true, value_enum, default_value_t = OutputFormat::Table)]
    pub(crate) output: OutputFormat,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// For people.
    Table,
    /// For programs: the API's own JSON.
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server.
    Serve(ServeArgs),
    /// Show how the server and its sources are doing.
    Status(Target),
    /// List resources.
    Resources(ResourcesArgs),
    /// Platforms that are polled: list, add, test, examine, change and remove them.
    #[command(subcommand)]
    Connections(ConnectionsCommand),
    /// What is connected in which way; machines that are ignored.
    #[command(subcommand)]
    Infrastructure(InfrastructureCommand),
    /// Who is who: pairs that might be one, and what people decided.
    #[command(subcommand)]
    Identity(IdentityCommand),
    /// What metrics history holds and costs; history as a file.
    #[command(subcommand)]
    History(HistoryCommand),
    /// Write all that the server holds into one file, while it runs.
    Backup(BackupArgs),
    /// Make a data directory of a backup.
    Restore(RestoreArgs),
    /// Examine the server: what is in force, where it comes from, and what is not as it should be.
    Doctor(DoctorArgs),
    /// Have the running server read its configuration again.
    Reload(Target),
    /// Print what a shell should know of this command line.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Write manual pages.
    Man {
        /// Where to.
        directory: PathBuf,
    },
    /// Who did what: rows, a file of them, and whether the log is what was written.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Create, list, rotate and revoke API tokens.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Create, list, change and remove users.
    #[command(subcommand)]
    User(UserCommand),
}

/// Options of `muster serve`. Each wins over the environment and the configuration file.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Configuration file (TOML).
    #[arg(long, value_name = "FILE", env = "MUSTER_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Where state and history are kept; created with mode 0700 when absent.
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Address and port to listen on.
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) listen: Option<String>,
    /// PostgreSQL URL for the state, instead of the file in the data directory.
    #[arg(long, value_name = "URL", hide_env_values = true)]
    pub(crate) database_url: Option<String>,
    /// Watch this very machine (the default).
    #[arg(long, overrides_with = "no_local_agent")]
    pub(crate) local_agent: bool,
    /// Do not watch this machine.
    #[arg(long)]
    pub(crate) no_local_agent: bool,
}

/// Which server or data directory a command works on.
#[derive(Debug, Clone, Args)]
pub(crate) struct Target {
    /// Data directory of a server on this machine, running or not. Also `MUSTER_DATA_DIR`.
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// PostgreSQL URL of that server's state, where it is not in the data directory. Also `MUSTER_DATABASE__URL`.
    #[arg(long, value_name = "URL")]
    pub(crate) database_url: Option<String>,
    /// Address of a running server. Also `MUSTER_URL`.
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// API token for that server.
    #[arg(long, value_name = "TOKEN", env = "MUSTER_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ResourcesArgs {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Only these kinds, separated by commas; `host` means every host.
    #[arg(long, value_name = "KINDS")]
    pub(crate) kind: Option<String>,
    /// Only these statuses, separated by commas.
    #[arg(long, value_name = "STATUSES")]
    pub(crate) status: Option<String>,
    /// Only what these sources report, separated by commas.
    #[arg(long, value_name = "SOURCES")]
    pub(crate) source: Option<String>,
    /// Only what carries all of these tags, separated by commas.
    #[arg(long, value_name = "TAGS")]
    pub(crate) tag: Option<String>,
    /// Only what contains this text in a name, address, serial number or id.
    #[arg(value_name = "TEXT")]
    pub(crate) text: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum HistoryCommand {
    /// Show what is stored, what it costs a day and a year, and what another retention would change.
    Stats {
        #[command(flatten)]
        target: Target,
        /// What if every sample were kept for so long, such as `14d`?
        #[arg(long, value_name = "SPAN")]
        raw: Option<String>,
        /// What if buckets of a minute were kept for so long, such as `90d`?
        #[arg(long, value_name = "SPAN")]
        minute: Option<String>,
        /// What if buckets of ten minutes were kept for so long, such as `2y`?
        #[arg(long, value_name = "SPAN")]
        ten_minutes: Option<String>,
        /// What if buckets of an hour were kept for so long, such as `10y`?
        #[arg(long, value_name = "SPAN")]
        hour: Option<String>,
    },
    /// Write history as a file.
    Export(ExportArgs),
    /// Take in history from a file: what is missing is written, what is there stays as it is.
    Import {
        #[command(flatten)]
        target: Target,
        /// The file; `-` for standard input.
        file: PathBuf,
        /// What it is; otherwise `.csv` means csv, `.prom` and `.txt` mean prometheus.
        #[arg(long, value_enum)]
        format: Option<HistoryFormat>,
        /// The resource that samples belong to which name none, or one that the server does not know.
        #[arg(long, value_name = "ID")]
        resource: Option<String>,
    },
    /// Read everything that is stored and name what is damaged; exit code 1 when anything is.
    Verify(Target),
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    pub(crate) target: Target,
    /// What to write.
    #[arg(long, value_enum, default_value_t = HistoryFormat::Csv)]
    pub(crate) format: HistoryFormat,
    /// Only so much of the past, such as `30d`; everything if neither it nor `--from` is given.
    #[arg(long, value_name = "SPAN", conflicts_with_all = ["from", "to"])]
    pub(crate) range: Option<String>,
    /// Only from this time on (RFC 3339).
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Only up to this time (RFC 3339).
    #[arg(long, value_name = "TIME", requires = "from")]
    pub(crate) to: Option<String>,
    /// Only these resources, by id, separated by commas.
    #[arg(long, value_name = "IDS")]
    pub(crate) resources: Option<String>,
    /// Only these metrics, separated by commas.
    #[arg(long, value_name = "METRICS")]
    pub(crate) metrics: Option<String>,
    /// Where to write it; standard output if absent. It appears when it is whole.
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}

/// The formats of history as a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum HistoryFormat {
    /// Comma-separated values.
    Csv,
    /// Prometheus' text format with timestamps.
    Prometheus,
}

#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Where to write it; `-` for standard output. It appears when it is whole, readable by its owner alone.
    pub(crate) file: PathBuf,
    /// Put the master key into it: whoever has the file can then read every stored secret.
    #[arg(long)]
    pub(crate) with_key: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// The backup.
    pub(crate) file: PathBuf,
    /// The data directory to make; it must be empty or not exist.
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Configuration file (TOML) that the server is started with, where none runs.
    #[arg(long, value_name = "FILE", env = "MUSTER_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// List the settings that have their default too.
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Create a token and print it, and nothing else, on standard output. It is never shown again.
    Create {
        #[command(flatten)]
        target: Target,
        /// What to call it.
        #[arg(long)]
        name: String,
        /// What it may do: the scopes of a role.
        #[arg(long, value_parser = parse_role, required_unless_present = "scopes")]
        role: Option<Role>,
        /// What it may do: scopes one by one, separated by commas.
        #[arg(long, value_name = "SCOPES", value_parser = parse_scope, value_delimiter = ',', conflicts_with = "role")]
        scopes: Option<Vec<Scope>>,
        /// When it stops working: a date or time (RFC 3339), or a span such as `30d`.
        #[arg(long, value_name = "WHEN")]
        expires: Option<String>,
    },
    /// List tokens.
    List(Target),
    /// Give a token another secret and print it, and nothing else, on standard output.
    Rotate {
        #[command(flatten)]
        target: Target,
        /// Its name or id.
        name: String,
        /// How long the secret until now works on, such as `1d`; at most `30d`.
        #[arg(long, value_name = "SPAN", default_value = "1d")]
        overlap: String,
    },
    /// Revoke a token.
    Revoke {
        #[command(flatten)]
        target: Target,
        /// Its name or id.
        name: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Create a user. The password is read from standard input.
    Add {
        #[command(flatten)]
        target: Target,
        /// The user's name.
        name: String,
        /// What the user may do.
        #[arg(long, value_parser = parse_role, default_value = "viewer")]
        role: Role,
    },
    /// List users.
    List(Target),
    /// Set a new password, read from standard input; ends the user's sessions.
    Password {
        #[command(flatten)]
        target: Target,
        /// The user's name.
        name: String,
    },
    /// Give a user another role; ends the user's sessions.
    Role {
        #[command(flatten)]
        target: Target,
        /// The user's name.
        name: String,
        /// What the user may do.
        #[arg(value_parser = parse_role)]
        role: Role,
    },
    /// Keep a user out; ends the user's sessions.
    Disable {
        #[command(flatten)]
        target: Target,
        /// The user's name.
        name: String,
    },
    /// Let a disabled user in again.
    Enable {
        #[command(flatten)]
        target: Target,
        /// The user's name.
        name: String,
    },
    /// List a user's sessions, or end them all.
    Sessions {
        #[command(flatten)]
        target: Target,
        /// The user's name.
        name: String,
        /// End them all.
        #[arg(long)]
        end: bool,
    },
    /// Take away the second factor of a user who has lost authenticator and recovery codes.
    ResetSecondFactor {
        #[command(flatten)]
        target: Target,
        /// The user's name.
        name: String,
    },
    /// Remove a user.
    Remove {
        #[command(flatten)]
        target: Target,
        /// The user's name.
        name: String,
    },
}

fn parse_role(text: &str) -> Result<Role, String> {
    text.trim().to_ascii_lowercase().parse().map_err(|_| "expected viewer, operator or admin".to_owned())
}

fn parse_scope(text: &str) -> Result<Scope, String> {
    let known = || Scope::ALL.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", ");
    text.trim().parse().map_err(|_| format!("expected one of {}", known()))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
