//! What lets people in besides passwords: the master key, and the identity provider with the client that dials it.

use std::{path::PathBuf, sync::Arc};

use muster_oidc::Provider;
use muster_outbound::{Outbound, Trust};
use muster_runtime::{Clock, Entropy};
use muster_server::{IdentityProvider, OutboundTransport};
use muster_store::Store;
use muster_vault::{KeyPlace, Vault};

use crate::{commands::CommandError, config::Config};

/// Where the master key is (D-21), whether there is one or not.
pub(crate) fn key_place(config: &Config) -> KeyPlace {
    let given = std::env::var_os("MUSTER_SECRET_KEY_FILE").filter(|path| !path.is_empty());
    match given {
        Some(path) => KeyPlace::Named(PathBuf::from(path)),
        None => KeyPlace::Kept(config.data_dir.join("secret.key")),
    }
}

/// Opens the vault. Fails where secrets are sealed and their key is not there (D-21).
pub(crate) async fn vault(config: &Config, store: &Store, entropy: &Entropy) -> Result<Vault, CommandError> {
    let sealed = store.sealed_secret_any().await.map_err(|error| CommandError::failed(&error))?;
    let opened = Vault::open(&key_place(config), sealed.as_ref(), entropy);
    opened.map_err(|error| CommandError::Failed(error.to_string()))
}

/// The identity provider, where one is configured. It is not asked yet: a provider that is away stops no start.
pub(crate) fn identity_provider(
    config: &Config,
    clock: &Arc<dyn Clock>,
) -> Result<Option<IdentityProvider>, CommandError> {
    let Some(oidc) = &config.oidc else { return Ok(None) };
    let outbound = Outbound::new(OutboundTransport::LIMITS, Trust::System, Arc::clone(clock));
    let outbound = outbound.map_err(|error| CommandError::failed(&error))?;
    let provider = Provider::new(oidc.settings.clone(), Arc::new(OutboundTransport::new(outbound)), Arc::clone(clock));
    let (label, address) = (oidc.label.clone(), oidc.address.clone());
    Ok(Some(IdentityProvider { provider: Arc::new(provider), label, address }))
}
