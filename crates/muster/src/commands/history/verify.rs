//! `muster history verify`: everything that is stored is read, and what is damaged is named.

use muster_api::history_stats::{HistoryDamage, VerifyLine};
use muster_server::Errand;

use super::{super::CommandError, cost::name, words};
use crate::{
    cli::{OutputFormat, Target},
    commands::reach::Reach,
    output, progress,
};

/// Checks, and fails when anything is damaged.
pub(super) async fn run(target: &Target, format: OutputFormat) -> Result<(), CommandError> {
    let reach = Reach::server_for(target, Errand::Long).await?;
    let bar = progress::parts();
    let mut last = None;
    let checked = reach
        .client()
        .verify_history(|line| {
            if let VerifyLine::Progress { done, total } = line {
                bar.set_length(total);
                bar.set_position(done);
            }
            last = Some(line);
        })
        .await;
    bar.finish_and_clear();
    reach.close().await;
    checked.map_err(words::told)?;
    conclude(last, format)
}

fn conclude(last: Option<VerifyLine>, format: OutputFormat) -> Result<(), CommandError> {
    let result = match last {
        Some(result @ VerifyLine::Result { .. }) => result,
        Some(VerifyLine::Failed { detail }) => return Err(CommandError::Failed(detail)),
        Some(VerifyLine::Progress { .. }) | None => {
            return Err(CommandError::Failed("the check broke off before its result; try again".into()));
        }
    };
    output::print(format, &result, text)?;
    match result {
        VerifyLine::Result { damaged, .. } if !damaged.is_empty() => Err(CommandError::Failed(format!(
            "{} of the stored history cannot be read and shows as a gap; everything else is served",
            output::count(damaged.len() as u64, "part")
        ))),
        VerifyLine::Result { .. } | VerifyLine::Progress { .. } | VerifyLine::Failed { .. } => Ok(()),
    }
}

fn text(result: &VerifyLine) -> String {
    let VerifyLine::Result { blocks, logs, points, damaged } = result else { return String::new() };
    let sound = format!("{points} points in {blocks} blocks and {logs} files of the sweep log were read.");
    if damaged.is_empty() {
        return format!("{sound} Nothing is damaged.");
    }
    let header = ["part", "resolution", "resource", "from", "to", "what is wrong"];
    format!("{sound}\n\n{}", output::table(header, damaged.iter().map(row)))
}

fn row(damage: &HistoryDamage) -> [String; 6] {
    let none = String::new;
    match damage {
        HistoryDamage::Block { block, tier, resource_id, from, to, why } => {
            let resource = resource_id.map_or_else(|| "not known".to_owned(), |id| id.to_string());
            let tier = name(*tier).to_owned();
            [format!("block {block}"), tier, resource, from.to_string(), to.to_string(), why.clone()]
        }
        HistoryDamage::Log { file, why } => [file.clone(), none(), none(), none(), none(), why.clone()],
        HistoryDamage::Resource { number, why } => {
            [format!("resource {number}"), none(), none(), none(), none(), why.clone()]
        }
    }
}
