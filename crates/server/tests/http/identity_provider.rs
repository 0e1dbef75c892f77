//! An identity provider as a server under test knows it.

use std::sync::Arc;

use muster_model::Role;
use muster_oidc::{Provider, RoleMapping, Settings};
use muster_outbound::{Outbound, Trust};
use muster_runtime::Clock;
use muster_server::{CALLBACK_PATH, IdentityProvider, OutboundTransport};

/// An identity provider whose groups `staff`, `ops` and `root` make the three roles.
pub(crate) fn identity_provider(
    issuer: &str,
    address: &str,
    clock: Arc<dyn Clock>,
    client_id: &str,
    client_secret: &str,
) -> IdentityProvider {
    let address: url::Url = address.parse().unwrap();
    let roles = [("staff", Role::Viewer), ("ops", Role::Operator), ("root", Role::Admin)];
    let settings = Settings {
        issuer: issuer.to_owned(),
        client_id: client_id.to_owned(),
        client_secret: Some(client_secret.into()),
        redirect_uri: address.join(CALLBACK_PATH).unwrap(),
        scopes: vec!["openid".to_owned(), "profile".to_owned()],
        group_claim: "groups".to_owned(),
        roles: RoleMapping::new(roles.map(|(group, role)| (group.to_owned(), role))),
        audience: client_id.to_owned(),
    };
    settings.check().unwrap();
    let outbound = Outbound::new(OutboundTransport::LIMITS, Trust::System, clock.clone()).unwrap();
    let provider = Provider::new(settings, Arc::new(OutboundTransport::new(outbound)), clock);
    IdentityProvider { provider: Arc::new(provider), label: "Company".to_owned(), address }
}
