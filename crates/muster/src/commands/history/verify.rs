//! `muster history verify`: everything that is stored is read, and what is damaged is named.

use muster_api::history_stats::{HistoryDamage, VerifyLine};
use muster_server::Errand;

use super::{super::CommandError, cost::name};
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
    checked?;
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
            "{} parts of the stored history are damaged; they show as gaps, everything else is served",
            damaged.len()
        ))),
        VerifyLine::Result { .. } | VerifyLine::Progress { .. } | VerifyLine::Failed { .. } => Ok(()),
    }
}

fn text(result: &VerifyLine) -> String {
    let VerifyLine::Result { blocks, points, damaged } = result else { return String::new() };
    let sound = format!("{points} points in {blocks} blocks were read.");
    if damaged.is_empty() {
        return format!("{sound} Nothing is damaged.");
    }
    let header = ["block", "resolution", "resource", "from", "to", "what is wrong"];
    let rows = damaged.iter().map(|HistoryDamage { block, tier, resource_id, from, to, why }| {
        let resource = resource_id.map_or_else(|| "not known".to_owned(), |id| id.to_string());
        [block.to_string(), name(*tier).to_owned(), resource, from.to_string(), to.to_string(), why.clone()]
    });
    format!("{sound}\n\n{}", output::table(header, rows))
}
