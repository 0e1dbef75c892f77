//! `muster connections`: platforms that are polled, how that goes, and what we may see there.

mod add;
mod edit;
mod memory;
mod option;
mod secret;
mod table;

use jiff::{SignedDuration, Timestamp};
use muster_api::connection::{Connection, ConnectionAuth, ProbeRequest, ProbeResult};
use muster_client::Client;

use super::{CommandError, reach::Reach};
use crate::{
    cli::{ConnectionsCommand, OutputFormat},
    config, output,
};

/// Carries out a connections command.
pub(crate) async fn run(command: ConnectionsCommand, format: OutputFormat, now: Timestamp) -> Result<(), CommandError> {
    match command {
        ConnectionsCommand::List(target) => {
            let reach = Reach::server(&target).await?;
            let listed = reach.client().connections().await;
            reach.close().await;
            Ok(output::print(format, &listed?.items, |connections| table::connections(connections, now))?)
        }
        // It asks several times: too large a future for every command to carry.
        ConnectionsCommand::Add(args) => Box::pin(add::run(args, format, now)).await,
        ConnectionsCommand::Edit(args) => Box::pin(edit::run(args, format, now)).await,
        ConnectionsCommand::Test { target, name } => {
            let reach = Reach::server(&target).await?;
            let tested = test(reach.client(), &name).await;
            reach.close().await;
            let connection = tested?;
            output::print(format, &connection, |connection| table::connections(std::slice::from_ref(connection), now))?;
            conclude_test(&connection)
        }
        ConnectionsCommand::Doctor { target, name } => {
            let reach = Reach::server(&target).await?;
            let probed = doctor(reach.client(), &name).await;
            reach.close().await;
            let result = probed?;
            output::print(format, &result, table::probe)?;
            conclude_probe(&result)
        }
        ConnectionsCommand::Memory { target, name, guest } => {
            let reach = Reach::server(&target).await?;
            let decisions = memory::decisions(reach.client(), &name, guest).await;
            reach.close().await;
            Ok(output::print(format, &decisions?, memory::table)?)
        }
        ConnectionsCommand::Remove { target, name } => {
            let reach = Reach::server(&target).await?;
            let removed = remove(reach.client(), &name).await;
            reach.close().await;
            removed
        }
    }
}

async fn test(client: &Client, name: &str) -> Result<Connection, CommandError> {
    let connection = find(client, name).await?;
    Ok(client.test_connection(connection.id).await?)
}

/// Asks with the stored secret.
async fn doctor(client: &Client, name: &str) -> Result<ProbeResult, CommandError> {
    let Connection { id, platform, endpoints, auth, pins, .. } = find(client, name).await?;
    let probe = ProbeRequest { platform, endpoints, auth: Some(auth), secret: None, pins, connection: Some(id) };
    Ok(client.probe_connection(&probe).await?)
}

async fn remove(client: &Client, name: &str) -> Result<(), CommandError> {
    let connection = find(client, name).await?;
    Ok(client.delete_connection(connection.id).await?)
}

async fn find(client: &Client, name: &str) -> Result<Connection, CommandError> {
    let connections = client.connections().await?.items;
    let (id, wanted) = (name.parse().ok(), name.trim().to_lowercase());
    let is_it = |connection: &Connection| Some(connection.id) == id || connection.name.to_lowercase() == wanted;
    connections.into_iter().find(is_it).ok_or_else(|| {
        CommandError::Failed(format!(
            "there is no connection `{name}`; `muster connections list` shows which there are"
        ))
    })
}

fn conclude_test(connection: &Connection) -> Result<(), CommandError> {
    match &connection.poll.last_error {
        None => Ok(()),
        Some(error) => Err(CommandError::Failed(format!("{}: {}", connection.name, error.message))),
    }
}

fn conclude_probe(result: &ProbeResult) -> Result<(), CommandError> {
    match trouble(result) {
        None => Ok(()),
        Some(trouble) => Err(CommandError::Failed(trouble)),
    }
}

/// Why a connection cannot be used. A right that is missing is no reason: the rest is seen.
fn trouble(result: &ProbeResult) -> Option<String> {
    if let Some(failure) = &result.failure {
        return Some(failure.message.clone());
    }
    let failed = |endpoint: &muster_api::connection::EndpointProbe| endpoint.failure.is_some();
    let first = result.endpoints.iter().find_map(|endpoint| endpoint.failure.as_ref());
    first.filter(|_| result.endpoints.iter().all(failed)).map(|failure| failure.message.clone())
}

/// Reads `monitor@pve!muster` or `monitor@pve`. What is wrong with either, the server says.
fn parse_user(text: &str) -> ConnectionAuth {
    match text.split_once('!') {
        Some((user, token)) => ConnectionAuth::Token { user: user.to_owned(), token: token.to_owned() },
        None => ConnectionAuth::Password { user: text.to_owned() },
    }
}

fn parse_interval(text: &str) -> Result<u32, CommandError> {
    let seconds = config::parse_span(text).map(SignedDuration::unsigned_abs).map(|span| span.as_secs());
    seconds.and_then(|seconds| u32::try_from(seconds).ok()).ok_or_else(|| {
        CommandError::Usage(format!("--interval: expected a span from 10s to 1h, such as 30s, found `{text}`"))
    })
}

#[cfg(test)]
mod tests {
    use muster_api::connection::{EndpointProbe, PollError};

    use super::*;

    #[test]
    fn a_user_with_a_token_is_told_from_one_without() {
        let token = ConnectionAuth::Token { user: "monitor@pve".into(), token: "muster".into() };
        assert_eq!(parse_user("monitor@pve!muster"), token);
        assert_eq!(parse_user("monitor@pve"), ConnectionAuth::Password { user: "monitor@pve".into() });
    }

    #[test]
    fn one_dead_node_of_several_is_no_reason_to_give_up() {
        let endpoint = |failure: Option<&str>| EndpointProbe {
            endpoint: "https://pve1:8006".into(),
            failure: failure.map(error),
            certificate: None,
        };
        let result = |failures: &[Option<&str>], failure: Option<&str>| ProbeResult {
            endpoints: failures.iter().copied().map(endpoint).collect(),
            version: None,
            cluster: None,
            nodes: vec![],
            failure: failure.map(error),
            calls: vec![],
        };
        assert_eq!(trouble(&result(&[None, Some("down")], None)), None);
        assert_eq!(trouble(&result(&[Some("down"), Some("gone")], None)), Some("down".into()));
        assert_eq!(trouble(&result(&[None], Some("wrong token"))), Some("wrong token".into()));
    }

    fn error(message: &str) -> PollError {
        PollError { at: Timestamp::UNIX_EPOCH, category: "unreachable".into(), message: message.into() }
    }
}
