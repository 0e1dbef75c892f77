//! A token that a command on the server's own machine grants itself.
//!
//! Whoever can read the data directory owns everything in it, so nothing is given away. The token lives for two minutes,
//! or for a day where the command moves files of any length, and is revoked when the command ends; what is done with it
//! stands in the audit log under its name.

use std::sync::Arc;

use jiff::SignedDuration;
use muster_model::{Role, TenantId};
use muster_runtime::{Clock, Entropy};
use muster_store::{NewToken, Store, TokenInsertError};
use secrecy::{ExposeSecret, SecretString};
use tracing::warn;
use uuid::Uuid;

use crate::auth::secret;

/// How long a command takes that grants itself a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errand {
    /// One question or change.
    Short,
    /// Files of any length.
    Long,
}

impl Errand {
    /// Longer than any such command takes; short, because a command that is killed cannot revoke.
    fn lifetime(self) -> SignedDuration {
        match self {
            Self::Short => SignedDuration::from_mins(2),
            Self::Long => SignedDuration::from_hours(24),
        }
    }
}

/// A token for one command.
pub struct TemporaryGrant {
    store: Store,
    clock: Arc<dyn Clock>,
    id: Uuid,
    secret: SecretString,
}

impl TemporaryGrant {
    /// What the names of such tokens begin with.
    pub const NAME_PREFIX: &'static str = "cli-";

    /// Writes an administrator's token into the store.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn issue(
        store: &Store,
        clock: &Arc<dyn Clock>,
        entropy: &Entropy,
        errand: Errand,
    ) -> Result<Self, TokenInsertError> {
        let now = clock.now();
        let millis = u64::try_from(now.as_millisecond()).unwrap_or_default();
        let id = uuid::Builder::from_unix_timestamp_millis(millis, &entropy.bytes()).into_uuid();
        let secret = secret::generate_token(entropy);
        let token = NewToken {
            id,
            name: format!("{}{}", Self::NAME_PREFIX, hex::encode(entropy.bytes::<4>())),
            token_hash: secret::hash(secret.expose_secret()),
            role: Role::Admin,
            scopes: Role::Admin.scopes(),
            created_at: now,
            expires_at: Some(now + errand.lifetime()),
            created_by: "cli".to_owned(),
        };
        store.token_insert(&TenantId::DEFAULT, &token).await?;
        Ok(Self { store: store.clone(), clock: Arc::clone(clock), id, secret })
    }

    /// What to send as a bearer token.
    pub fn secret(&self) -> &SecretString {
        &self.secret
    }

    /// Ends the grant.
    pub async fn revoke(self) {
        if let Err(error) = self.store.token_revoke(&TenantId::DEFAULT, self.id, self.clock.now()).await {
            warn!(error = muster_runtime::chain(&error), "a command's token could not be revoked and ends by itself");
        }
    }
}
