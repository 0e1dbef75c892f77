//! `muster identity`: pairs that might be one, and what people decide about them.

mod table;

use jiff::Timestamp;
use muster_api::{
    identity::{Decision, InsideRequest, PairRequest, SplitRequest},
    resource::ResourceQuery,
};
use muster_client::Client;
use muster_model::ResourceId;

use super::{CommandError, reach::Reach};
use crate::{
    cli::{DecisionArgs, IdentityCommand, OutputFormat, PairArgs, SplitArgs},
    output,
};

/// Carries out an identity command.
pub(crate) async fn run(command: IdentityCommand, format: OutputFormat, now: Timestamp) -> Result<(), CommandError> {
    match command {
        IdentityCommand::Conflicts(target) => {
            let reach = Reach::server(&target).await?;
            let listed = reach.client().all_conflicts().await;
            reach.close().await;
            Ok(output::print(format, &listed?, |conflicts| table::conflicts(conflicts))?)
        }
        IdentityCommand::Rulings(target) => {
            let reach = Reach::server(&target).await?;
            let listed = reach.client().all_rulings().await;
            reach.close().await;
            Ok(output::print(format, &listed?, |rulings| table::rulings(rulings, now))?)
        }
        IdentityCommand::Join(args) => decide(&args, Verdict::Join, format).await,
        IdentityCommand::Distinct(args) => decide(&args, Verdict::Distinct, format).await,
        IdentityCommand::Inside(args) => decide(&args, Verdict::Inside, format).await,
        IdentityCommand::Split(args) => {
            let reach = Reach::server(&args.target).await?;
            let split = split(reach.client(), &args).await;
            reach.close().await;
            Ok(output::print(format, &split?, table::decision)?)
        }
        IdentityCommand::Withdraw { target, ruling, decision: DecisionArgs { note } } => {
            let reach = Reach::server(&target).await?;
            let withdrawn = reach.client().withdraw_ruling(ruling, note.as_deref()).await;
            reach.close().await;
            Ok(withdrawn?)
        }
    }
}

/// What is said of two.
#[derive(Debug, Clone, Copy)]
enum Verdict {
    Join,
    Distinct,
    Inside,
}

async fn decide(args: &PairArgs, verdict: Verdict, format: OutputFormat) -> Result<(), CommandError> {
    let reach = Reach::server(&args.target).await?;
    let decided = say(reach.client(), args, verdict).await;
    reach.close().await;
    Ok(output::print(format, &decided?, table::decision)?)
}

async fn say(client: &Client, args: &PairArgs, verdict: Verdict) -> Result<Decision, CommandError> {
    let (first, second) = (find(client, &args.first).await?, find(client, &args.second).await?);
    let note = args.decision.note.clone();
    let pair = || PairRequest { first, second, note: note.clone() };
    Ok(match verdict {
        Verdict::Join => client.join_resources(&pair()).await?,
        Verdict::Distinct => client.set_resources_apart(&pair()).await?,
        Verdict::Inside => client.place_host_inside(&InsideRequest { host: first, guest: second, note }).await?,
    })
}

async fn split(client: &Client, args: &SplitArgs) -> Result<Decision, CommandError> {
    let resource = find(client, &args.resource).await?;
    let former_id = args.former.as_deref().map(|text| {
        text.parse().map_err(|error: muster_model::InvalidId| CommandError::Usage(format!("--former: {error}")))
    });
    let records = args.records().map_err(CommandError::Usage)?;
    let request = SplitRequest { former_id: former_id.transpose()?, records, note: args.decision.note.clone() };
    Ok(client.split_resource(resource, &request).await?)
}

/// The resource with this id, or the only one with this name.
async fn find(client: &Client, name: &str) -> Result<ResourceId, CommandError> {
    if let Ok(id) = name.parse() {
        return Ok(id);
    }
    let query = ResourceQuery { q: Some(name.to_owned()), fields: Some("facts".into()), ..ResourceQuery::default() };
    let (found, wanted) = (client.all_resources(&query).await?, name.trim().to_lowercase());
    let called = found.iter().filter(|it| it.canonical_identity.display_name.to_lowercase() == wanted);
    match called.map(|it| it.id).collect::<Vec<_>>()[..] {
        [only] => Ok(only),
        [one, other, ..] => Err(CommandError::Failed(format!(
            "`{name}` is the name of {one}, of {other}, and maybe of more; name it by its id"
        ))),
        [] => Err(CommandError::Failed(format!("nothing is called `{name}`; `muster resources` shows what there is"))),
    }
}
