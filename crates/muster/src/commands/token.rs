//! `muster token`: API tokens.

use std::io::Write;

use jiff::{SignedDuration, Timestamp};
use muster_api::access::{CreatedToken, NewToken, Token, TokenRotation};
use muster_client::Client;
use uuid::Uuid;

use super::{CommandError, reach::Reach, resources::ago};
use crate::{
    cli::{OutputFormat, TokenCommand},
    config, output,
};

/// Carries out a token command.
pub(crate) async fn run(command: TokenCommand, format: OutputFormat, now: Timestamp) -> Result<(), CommandError> {
    match command {
        TokenCommand::Create { target, name, role, scopes, expires } => {
            let expires_at = expires.map(|text| parse_expiry(&text, now)).transpose()?;
            let reach = Reach::server(&target).await?;
            let scopes = scopes.map(|scopes| scopes.into_iter().collect());
            let created = reach.client().create_token(&NewToken { name, role, scopes, expires_at }).await;
            reach.close().await;
            show_secret(&created?, format)
        }
        TokenCommand::Rotate { target, name, overlap } => {
            let rotation = TokenRotation { overlap_seconds: parse_overlap(&overlap)? };
            let reach = Reach::server(&target).await?;
            let rotated = rotate(reach.client(), &name, rotation).await;
            reach.close().await;
            show_secret(&rotated?, format)
        }
        TokenCommand::List(target) => {
            let reach = Reach::server(&target).await?;
            let listed = reach.client().tokens().await;
            reach.close().await;
            let tokens: Vec<_> = listed?.items.into_iter().filter(|token| !is_granted_to_a_command(token)).collect();
            Ok(output::print(format, &tokens, |tokens| table(tokens, now))?)
        }
        TokenCommand::Revoke { target, name } => {
            let reach = Reach::server(&target).await?;
            let revoked = revoke(reach.client(), &name).await;
            reach.close().await;
            revoked
        }
    }
}

/// The secret stands alone, so that a script can take it.
fn show_secret(created: &CreatedToken, format: OutputFormat) -> Result<(), CommandError> {
    match format {
        OutputFormat::Json => output::print(format, created, |_| String::new())?,
        OutputFormat::Table => writeln!(std::io::stdout().lock(), "{}", created.secret.0)?,
    }
    Ok(())
}

async fn rotate(client: &Client, name: &str, rotation: TokenRotation) -> Result<CreatedToken, CommandError> {
    let token = find(client, name).await?;
    Ok(client.rotate_token(token.id, rotation).await?)
}

async fn revoke(client: &Client, name: &str) -> Result<(), CommandError> {
    let token = find(client, name).await?;
    Ok(client.revoke_token(token.id).await?)
}

async fn find(client: &Client, name: &str) -> Result<Token, CommandError> {
    let tokens = client.tokens().await?.items;
    let by_id: Option<Uuid> = name.parse().ok();
    let wanted =
        tokens.into_iter().find(|token| Some(token.id) == by_id || token.name.eq_ignore_ascii_case(name.trim()));
    wanted.ok_or_else(|| {
        CommandError::Failed(format!("there is no live token `{name}`; `muster token list` shows which there are"))
    })
}

/// The token that this very command runs on is none of the operator's.
fn is_granted_to_a_command(token: &Token) -> bool {
    token.name.starts_with(muster_server::TemporaryGrant::NAME_PREFIX)
}

fn parse_expiry(text: &str, now: Timestamp) -> Result<Timestamp, CommandError> {
    let after = |span: SignedDuration| now.checked_add(span).ok();
    let at = text.parse().ok().or_else(|| config::parse_span(text).and_then(after));
    at.filter(|at| *at > now).ok_or_else(|| {
        CommandError::Usage(format!(
            "--expires: expected a time to come (RFC 3339) or a span such as 30d, found `{text}`"
        ))
    })
}

fn parse_overlap(text: &str) -> Result<u32, CommandError> {
    let span = config::parse_span(text).or_else(|| (text.trim() == "0").then_some(SignedDuration::ZERO));
    let seconds = span.and_then(|span| u32::try_from(span.as_secs()).ok());
    seconds.ok_or_else(|| CommandError::Usage(format!("--overlap: expected 0 or a span such as 1d, found `{text}`")))
}

/// A role by its name, other scopes one by one.
fn allowed(token: &Token) -> String {
    let scopes = || token.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ");
    token.role.map_or_else(scopes, |role| role.to_string())
}

fn table(tokens: &[Token], now: Timestamp) -> String {
    let header = ["name", "allows", "created", "expires", "last used", "id"];
    let rows = tokens.iter().map(|token| {
        [
            token.name.clone(),
            allowed(token),
            ago(token.created_at, now),
            token.expires_at.map_or_else(|| "never".to_owned(), |at| at.to_string()),
            token.last_used_at.map_or_else(|| "never".to_owned(), |at| ago(at, now)),
            token.id.to_string(),
        ]
    });
    output::table(header, rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overlap_is_a_span_or_nothing() {
        assert_eq!(parse_overlap("1d").unwrap(), 86_400);
        assert_eq!(parse_overlap("0").unwrap(), 0);
        for bad in ["", "soon", "-1d"] {
            assert_eq!(parse_overlap(bad).unwrap_err().exit_code(), 2, "{bad}");
        }
    }

    #[test]
    fn expiry_is_a_time_or_a_span_to_come() {
        let now: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
        assert_eq!(parse_expiry("30d", now).unwrap(), "2026-07-01T00:00:00Z".parse().unwrap());
        assert_eq!(parse_expiry("2026-06-02T00:00:00Z", now).unwrap(), "2026-06-02T00:00:00Z".parse().unwrap());
        for bad in ["", "tomorrow", "2020-01-01T00:00:00Z", "-1d"] {
            assert_eq!(parse_expiry(bad, now).unwrap_err().exit_code(), 2, "{bad}");
        }
    }
}
