//! `muster token`: API tokens.

use std::io::Write;

use jiff::{SignedDuration, Timestamp};
use muster_api::access::{NewToken, Token};
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
        TokenCommand::Create { target, name, role, expires } => {
            let expires_at = expires.map(|text| parse_expiry(&text, now)).transpose()?;
            let reach = Reach::server(&target).await?;
            let created = reach.client().create_token(&NewToken { name, role, expires_at }).await;
            reach.close().await;
            let created = created?;
            match format {
                OutputFormat::Json => output::print(format, &created, |_| String::new())?,
                OutputFormat::Table => writeln!(std::io::stdout().lock(), "{}", created.secret.0)?,
            }
            Ok(())
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

async fn revoke(client: &Client, name: &str) -> Result<(), CommandError> {
    let tokens = client.tokens().await?.items;
    let by_id: Option<Uuid> = name.parse().ok();
    let wanted = tokens.iter().find(|token| Some(token.id) == by_id || token.name.eq_ignore_ascii_case(name.trim()));
    let token = wanted.ok_or_else(|| {
        CommandError::Failed(format!("there is no live token `{name}`; `muster token list` shows which there are"))
    })?;
    Ok(client.revoke_token(token.id).await?)
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

fn table(tokens: &[Token], now: Timestamp) -> String {
    let header = ["name", "role", "created", "expires", "last used", "id"];
    let rows = tokens.iter().map(|token| {
        [
            token.name.clone(),
            token.role.to_string(),
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
    fn expiry_is_a_time_or_a_span_to_come() {
        let now: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
        assert_eq!(parse_expiry("30d", now).unwrap(), "2026-07-01T00:00:00Z".parse().unwrap());
        assert_eq!(parse_expiry("2026-06-02T00:00:00Z", now).unwrap(), "2026-06-02T00:00:00Z".parse().unwrap());
        for bad in ["", "tomorrow", "2020-01-01T00:00:00Z", "-1d"] {
            assert_eq!(parse_expiry(bad, now).unwrap_err().exit_code(), 2, "{bad}");
        }
    }
}
