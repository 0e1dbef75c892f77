//! `muster connections edit`: changes what was named and leaves the rest.

use jiff::Timestamp;
use muster_api::{
    ProblemCode,
    connection::{Connection, ConnectionChange},
};
use muster_client::{Client, ClientError};

use super::{find, option, parse_interval, parse_user, secret, table};
use crate::{
    cli::{EditArgs, OutputFormat},
    commands::{CommandError, reach::Reach},
    output,
};

/// Carries out the command.
pub(super) async fn run(args: EditArgs, format: OutputFormat, now: Timestamp) -> Result<(), CommandError> {
    let reach = Reach::server(&args.target).await?;
    let edited = edit(reach.client(), args).await;
    reach.close().await;
    Ok(output::print(format, &edited?, |connection| table::connections(std::slice::from_ref(connection), now))?)
}

async fn edit(client: &Client, args: EditArgs) -> Result<Connection, CommandError> {
    let before = find(client, &args.name).await?;
    let (id, name) = (before.id, before.name.clone());
    let mut change = changed(before, args)?;
    match client.update_connection(id, &change).await {
        // The secret was meant for the places before (D-20).
        Err(ClientError::Problem { problem, .. }) if problem.code == ProblemCode::SecretRequired => {
            output::note(&problem.detail);
            change.secret = Some(secret::ask(&name)?);
            Ok(client.update_connection(id, &change).await?)
        }
        edited => Ok(edited?),
    }
}

fn changed(before: Connection, args: EditArgs) -> Result<ConnectionChange, CommandError> {
    let EditArgs {
        target: _,
        name: _,
        rename,
        address,
        user,
        secret,
        new_secret,
        pin,
        no_pins,
        interval,
        option,
        enable,
        disable,
    } = args;
    let given = match (secret::named(&secret)?, new_secret) {
        (None, true) => Some(secret::ask(&before.name)?),
        (given, _) => given,
    };
    let interval_seconds = interval.as_deref().map(parse_interval).transpose()?;
    let replaced = |new: Vec<String>, old: Vec<String>| if new.is_empty() { old } else { new };
    Ok(ConnectionChange {
        name: rename.unwrap_or(before.name),
        endpoints: replaced(address, before.endpoints),
        auth: user.as_deref().map_or(before.auth, parse_user),
        secret: given,
        pins: if no_pins { vec![] } else { replaced(pin, before.pins) },
        interval_seconds: interval_seconds.unwrap_or(before.interval_seconds),
        enabled: (before.enabled || enable) && !disable,
        options: Some(option::chosen(before.options, &option)?),
        version: before.version,
    })
}
