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
        VerifyLine::Result { damaged_parts: parts @ 1.., .. } => Err(CommandError::Failed(format!(
            "the stored history has {}; what cannot be read shows as a gap, and everything else is served",
            output::count(parts, "damaged part")
        ))),
        VerifyLine::Result { .. } | VerifyLine::Progress { .. } | VerifyLine::Failed { .. } => Ok(()),
    }
}

fn text(result: &VerifyLine) -> String {
    let VerifyLine::Result { blocks, logs, points, damaged_parts, damaged } = result else { return String::new() };
    let [points, blocks, logs] =
        [(points, "point"), (blocks, "block"), (logs, "file")].map(|(many, one)| output::count(*many, one));
    let sound = format!("Read {points} in {blocks} and {logs} of the sweep log.");
    if *damaged_parts == 0 {
        return format!("{sound} Nothing is damaged.");
    }
    let header = ["part", "resolution", "resource", "from", "to", "what is wrong"];
    let table = output::table(header, damaged.iter().map(row));
    let more = match damaged_parts.saturating_sub(damaged.len() as u64) {
        0 => String::new(),
        unnamed => format!("\n{} more.", output::count(unnamed, "part")),
    };
    format!("{sound}\n\n{table}{more}")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_is_counted() {
        let said = |damaged_parts, named: u32| {
            let damage = |number| HistoryDamage::Resource { number, why: "torn".into() };
            let damaged = (0..named).map(damage).collect();
            text(&VerifyLine::Result { blocks: 5, logs: 1, points: 7, damaged_parts, damaged })
        };
        assert_eq!(said(0, 0), "Read 7 points in 5 blocks and 1 file of the sweep log. Nothing is damaged.");
        let all = said(2, 2);
        assert!(all.contains("resource 1") && !all.contains("more"), "{all}");
        assert!(said(5, 2).ends_with("\n3 parts more."), "{}", said(5, 2));
    }
}
