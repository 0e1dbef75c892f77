//! `muster history`: what metrics history holds and costs, and history as a file.

mod cost;
mod outcome;
mod remote;
mod transfer;
mod value_lines;
mod verify;
mod words;

use jiff::Timestamp;
use muster_api::history_stats::HistoryStatsQuery;
use muster_client::FileFormat;

use super::{CommandError, reach::Reach};
use crate::{
    cli::{HistoryCommand, HistoryFormat, OutputFormat},
    output,
};

pub(crate) use remote::line as remote;

/// Carries out a history command.
pub(crate) async fn run(command: HistoryCommand, format: OutputFormat, now: Timestamp) -> Result<(), CommandError> {
    match command {
        HistoryCommand::Stats { target, raw, minute, ten_minutes, hour } => {
            let query = HistoryStatsQuery { raw, minute, ten_minutes, hour };
            let reach = Reach::server(&target).await?;
            let stats = reach.client().history_stats(&query).await;
            reach.close().await;
            Ok(output::print(format, &stats.map_err(words::told)?, |stats| cost::text(stats, now))?)
        }
        HistoryCommand::Export(args) => transfer::export(args, format).await,
        HistoryCommand::Import { target, file, format: given, resource } => {
            transfer::import(&target, &file, given.map(FileFormat::from), resource, format).await
        }
        HistoryCommand::Verify(target) => verify::run(&target, format).await,
    }
}

impl From<HistoryFormat> for FileFormat {
    fn from(format: HistoryFormat) -> Self {
        match format {
            HistoryFormat::Csv => Self::Csv,
            HistoryFormat::Prometheus => Self::Prometheus,
        }
    }
}
