//! What a stored secret is bound to: where it may be sent, as whom, and to whom with which certificate (D-20).
//!
//! It is the context that the secret is sealed for. Change any of it, in a request or in the database, and what was sealed
//! does not open any more: somebody who may edit connections cannot have the secret sent to an address of their own.

use muster_collect::{Auth, Connection};
use muster_model::{ConnectionId, TenantId};

use super::written;

/// Where a secret may be sent, as one text. The order of addresses and pins does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binding(String);

impl Binding {
    /// That of a connection as it is now.
    pub(super) fn of(connection: &Connection) -> Self {
        let mut endpoints: Vec<String> = connection.endpoints.iter().map(written).collect();
        endpoints.sort_unstable();
        let (user, token) = match &connection.auth {
            Auth::Token { user, token } => (user, Some(token)),
            Auth::Password { user } => (user, None),
        };
        let pins: Vec<String> = connection.pins.iter().map(ToString::to_string).collect();
        let parts = (connection.platform.as_str(), endpoints, user, token, pins);
        Self(serde_json::to_string(&parts).expect("texts can be written as JSON"))
    }

    /// What the vault seals a connection's secret for: this connection alone, and these places alone.
    pub(super) fn context(&self, tenant: &TenantId, id: ConnectionId) -> String {
        format!("connection/{tenant}/{id}/{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::SignedDuration;
    use muster_model::{Platform, PveOptions};
    use muster_outbound::Fingerprint;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn whatever_decides_where_a_secret_goes_binds_it() {
        // D-20: scheme, host, port, pin; and the user, whose secret it is.
        let before = Binding::of(&connection());
        let mut others: Vec<Connection> = Vec::new();
        for endpoints in [
            &["http://127.0.0.1:8006", "https://10.0.0.9:8006"][..],
            &["https://10.0.0.7:8006", "https://10.0.0.9:8006"],
            &["https://127.0.0.1:8007", "https://10.0.0.9:8006"],
            &["https://127.0.0.1:8006"],
            &["https://127.0.0.1:8006", "https://10.0.0.9:8006", "https://10.0.0.8:8006"],
        ] {
            let endpoints = endpoints.iter().map(|text| text.parse().unwrap()).collect();
            others.push(Connection { endpoints, ..connection() });
        }
        for pins in
            [BTreeSet::new(), [Fingerprint::of(b"b")].into(), [Fingerprint::of(b"a"), Fingerprint::of(b"b")].into()]
        {
            others.push(Connection { pins, ..connection() });
        }
        let token = |user: &str, token: &str| Auth::Token { user: user.into(), token: token.into() };
        for auth in [token("a@pve", "u"), token("b@pve", "t"), Auth::Password { user: "a@pve".into() }] {
            others.push(Connection { auth, ..connection() });
        }
        for other in others {
            assert_ne!(Binding::of(&other), before, "{other:?}");
        }
    }

    #[test]
    fn what_does_not_decide_it_does_not() {
        let before = Binding::of(&connection());
        let mut reordered = connection();
        reordered.endpoints.reverse();
        let renamed = Connection { name: "other".into(), ..connection() };
        let slower = Connection { interval: SignedDuration::from_mins(1), enabled: false, ..connection() };
        for other in [reordered, renamed, slower] {
            assert_eq!(Binding::of(&other), before, "{other:?}");
        }
        let id = |number| ConnectionId(Uuid::from_u128(number));
        assert_ne!(before.context(&TenantId::DEFAULT, id(1)), before.context(&TenantId::DEFAULT, id(2)));
    }

    fn connection() -> Connection {
        Connection {
            id: ConnectionId(Uuid::from_u128(1)),
            tenant: TenantId::DEFAULT,
            platform: Platform::ProxmoxPve,
            name: "lab".to_owned(),
            endpoints: vec!["https://127.0.0.1:8006".parse().unwrap(), "https://10.0.0.9:8006".parse().unwrap()],
            auth: Auth::Token { user: "a@pve".into(), token: "t".into() },
            pins: [Fingerprint::of(b"a")].into(),
            interval: SignedDuration::from_secs(10),
            enabled: true,
            options: PveOptions::default(),
        }
    }
}
