//! The command line of `muster identity`.

use clap::{ArgGroup, Args, Subcommand};
use muster_model::{NativeKey, RecordRef, RulingId, SourceId};
use uuid::Uuid;

use super::Target;

#[derive(Debug, Subcommand)]
pub(crate) enum IdentityCommand {
    /// List pairs that might be one thing, or a host inside a guest, with what speaks for and against it.
    Conflicts(Target),
    /// Say that two resources are one, whatever speaks against it.
    Join(PairArgs),
    /// Say that two resources are not one, or that a host does not run inside a guest.
    Distinct(PairArgs),
    /// Say that a host (named first) is the system inside a guest.
    Inside(PairArgs),
    /// Take records out of a resource, or a join apart.
    Split(SplitArgs),
    /// List what people have decided.
    Rulings(Target),
    /// Take a decision back.
    Withdraw {
        #[command(flatten)]
        target: Target,
        /// Its id, as `muster identity rulings` shows it.
        #[arg(value_parser = parse_ruling)]
        ruling: RulingId,
        #[command(flatten)]
        decision: DecisionArgs,
    },
}

/// Two resources.
#[derive(Debug, Args)]
pub(crate) struct PairArgs {
    #[command(flatten)]
    pub(crate) target: Target,
    /// One of them, by id or name.
    pub(crate) first: String,
    /// The other one, by id or name.
    pub(crate) second: String,
    #[command(flatten)]
    pub(crate) decision: DecisionArgs,
}

/// Options of every decision.
#[derive(Debug, Args)]
pub(crate) struct DecisionArgs {
    /// Why, in one line; it stands in the timeline.
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
}

/// Options of `muster identity split`.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("leaving").required(true)))]
pub(crate) struct SplitArgs {
    #[command(flatten)]
    pub(crate) target: Target,
    /// The resource, by id or name.
    pub(crate) resource: String,
    /// A former id of it, with all that came with it. It stands for itself again.
    #[arg(long, value_name = "ID", group = "leaving")]
    pub(crate) former: Option<String>,
    /// One record that leaves, by its source and the source's key; may stand there several times.
    #[arg(long, num_args = 2, value_names = ["SOURCE", "KEY"], group = "leaving")]
    pub(crate) record: Vec<String>,
    #[command(flatten)]
    pub(crate) decision: DecisionArgs,
}

impl SplitArgs {
    /// The records that were named; `Err` says which one is none.
    pub(crate) fn records(&self) -> Result<Vec<RecordRef>, String> {
        let pairs = self.record.chunks_exact(2).map(|pair| {
            let source: SourceId = pair[0].parse().map_err(|error| format!("--record: {error}"))?;
            let key = NativeKey::new(&pair[1]).map_err(|error| format!("--record: {error}"))?;
            Ok(RecordRef { source, key })
        });
        pairs.collect()
    }
}

fn parse_ruling(text: &str) -> Result<RulingId, String> {
    let id = text.trim().parse::<Uuid>();
    id.map(RulingId).map_err(|_| "expected an id as `muster identity rulings` shows it".to_owned())
}
