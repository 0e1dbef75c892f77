//! `muster audit`: the audit log as rows and as a file, and whether it is what was written.

mod export;
mod verdict;

use jiff::Timestamp;
use muster_api::audit::{AuditHeads, AuditQuery, AuditRow, AuditVerifyQuery};
use muster_client::Client;
use muster_server::Errand;

use super::{CommandError, reach::Reach, resources::ago};
use crate::{
    cli::{AuditCommand, AuditFilter, OutputFormat},
    output,
};

/// Rows of one page.
const PAGE: u32 = 500;

/// Carries out an audit command.
pub(crate) async fn run(command: AuditCommand, format: OutputFormat, now: Timestamp) -> Result<(), CommandError> {
    match command {
        AuditCommand::List { target, filter, limit } => {
            let reach = Reach::server(&target).await?;
            let rows = list(reach.client(), filter, limit).await;
            reach.close().await;
            Ok(output::print(format, &rows?, |rows| table(rows, now))?)
        }
        AuditCommand::Export { target, filter, format: wanted, file } => {
            let reach = Reach::server_for(&target, Errand::Long).await?;
            let written = export::run(reach.client(), filter, wanted, file.as_deref()).await;
            reach.close().await;
            written
        }
        AuditCommand::Head(target) => {
            let reach = Reach::server(&target).await?;
            let heads = reach.client().audit_heads().await;
            reach.close().await;
            Ok(output::print(format, &heads?, words_of_heads)?)
        }
        AuditCommand::Verify { target, anchor } => {
            let anchor = Some(anchor.join(",")).filter(|anchor| !anchor.is_empty());
            let reach = Reach::server_for(&target, Errand::Long).await?;
            let verdict = reach.client().verify_audit(&AuditVerifyQuery { anchor }).await;
            reach.close().await;
            verdict::conclude(&verdict?, format)
        }
    }
}

async fn list(client: &Client, filter: AuditFilter, limit: u32) -> Result<Vec<AuditRow>, CommandError> {
    let AuditFilter { actor, action, on, outcome, from, to, text } = filter;
    let mut query = AuditQuery { actor, action, target: on, outcome, from, to, q: text, ..AuditQuery::default() };
    let (mut rows, wanted) = (Vec::new(), usize::try_from(limit).unwrap_or(usize::MAX));
    loop {
        query.limit = Some(PAGE.min(limit));
        let page = client.audit(&query).await?;
        rows.extend(page.items);
        query.page_token = page.next_page_token.map(|token| token.0);
        if query.page_token.is_none() || rows.len() >= wanted {
            rows.truncate(wanted);
            return Ok(rows);
        }
    }
}

fn table(rows: &[AuditRow], now: Timestamp) -> String {
    let header = ["when", "actor", "action", "target", "outcome", "from"];
    let cells = |row: &AuditRow| {
        let outcome = match row.occurrences {
            1 => row.outcome.clone(),
            times => format!("{} × {times}", row.outcome),
        };
        [
            ago(row.at, now),
            row.actor.clone(),
            row.action.clone(),
            row.target.clone().unwrap_or_default(),
            outcome,
            row.remote_addr.clone().unwrap_or_default(),
        ]
    };
    output::table(header, rows.iter().map(cells))
}

/// One word a line, so that it can be stored as it is.
fn words_of_heads(heads: &AuditHeads) -> String {
    let words: Vec<&str> = heads.heads.iter().map(|head| head.head.as_str()).collect();
    words.join("\n")
}
