//! The command line of `muster audit`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Target;

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// List rows, newest first.
    List {
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        filter: AuditFilter,
        /// At most so many rows.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        limit: u32,
    },
    /// Write rows as a file, newest first.
    Export {
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        filter: AuditFilter,
        /// What to write.
        #[arg(long, value_enum, default_value_t = AuditFormat::Jsonl)]
        format: AuditFormat,
        /// Where to write it; standard output if absent. It appears when it is whole.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Print the ends of the log's chains: note them elsewhere, to see later whether the log was rewritten.
    Head(Target),
    /// Recompute the whole chain and name what is wrong; exit code 1 when anything is.
    Verify {
        #[command(flatten)]
        target: Target,
        /// A head that was noted before; may stand there several times.
        #[arg(long, value_name = "HEAD")]
        anchor: Vec<String>,
    },
}

/// Which rows.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct AuditFilter {
    /// Only by this actor, such as `user:anna`.
    #[arg(long)]
    pub(crate) actor: Option<String>,
    /// Only this action, or a whole group of them, such as `token`.
    #[arg(long)]
    pub(crate) action: Option<String>,
    /// Only on this target.
    #[arg(long, value_name = "NAME")]
    pub(crate) on: Option<String>,
    /// Only `ok`, only `refused`, or only one problem code.
    #[arg(long)]
    pub(crate) outcome: Option<String>,
    /// Only from this time on (RFC 3339).
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Only before this time (RFC 3339).
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
    /// Only rows with this text somewhere.
    #[arg(value_name = "TEXT")]
    pub(crate) text: Option<String>,
}

/// The formats of the audit log as a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AuditFormat {
    /// One JSON object a line.
    Jsonl,
    /// Comma-separated values.
    Csv,
}

impl AuditFormat {
    /// Its name in a query.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
        }
    }
}
