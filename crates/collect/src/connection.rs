//! What somebody set up: where a platform is, who we are there, whom we believe, and how often we look.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use muster_model::{ConnectionId, Platform, PveOptions, SourceId, TenantId};
use muster_outbound::{Fingerprint, Target};

/// The shortest interval of polling.
pub const MIN_INTERVAL: SignedDuration = SignedDuration::from_secs(5);

/// A connection without its secret, which whoever builds a provider adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// Whose it is.
    pub tenant: TenantId,
    /// What it leads to.
    pub platform: Platform,
    /// What people call it.
    pub name: String,
    /// Entry points of one and the same cluster, in the order of preference; at least one. Always https but for what is
    /// on this machine.
    pub endpoints: Vec<Target>,
    /// Who we are there.
    pub auth: Auth,
    /// Certificates that are believed whatever authority signed them; without any, the system's authorities decide.
    pub pins: BTreeSet<Fingerprint>,
    /// How often the bulk lane looks. A multiple of history's tick.
    pub interval: SignedDuration,
    /// Whether it is polled at all.
    pub enabled: bool,
    /// How its platform is looked at, where somebody has chosen.
    pub options: PveOptions,
}

impl Connection {
    /// The source that its reports name.
    pub fn source(&self) -> SourceId {
        self.id.source(self.platform)
    }

    /// Its interval in seconds, as it is shown: rounded up, and never 0.
    pub fn interval_seconds(&self) -> u32 {
        let rounded_up = self.interval.as_secs() + i64::from(self.interval.subsec_nanos() > 0);
        u32::try_from(rounded_up.max(1)).unwrap_or(u32::MAX)
    }

    /// Whether another connection leads to the same place as the same user, so that how it went there still counts.
    pub(crate) fn polls_the_same(&self, other: &Self) -> bool {
        let place = |it: &Self| (it.id, it.tenant.clone(), it.platform, it.endpoints.clone(), it.auth.clone());
        place(self) == place(other) && self.pins == other.pins
    }
}

/// Who we are on a platform. The secret belongs to it and stands elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Auth {
    /// An API token.
    Token {
        /// User with realm, such as `monitor@pve`.
        user: String,
        /// The token's name, such as `muster`.
        token: String,
    },
    /// A user with a password, which is exchanged for a ticket.
    Password {
        /// User with realm, such as `monitor@pve`.
        user: String,
    },
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn no_interval_is_shown_as_nothing() {
        let check = |interval, seconds| {
            let connection = Connection {
                id: ConnectionId(Uuid::nil()),
                tenant: TenantId::DEFAULT,
                platform: Platform::ProxmoxPve,
                name: "lab".to_owned(),
                endpoints: vec![],
                auth: Auth::Password { user: "monitor@pve".to_owned() },
                pins: BTreeSet::new(),
                interval,
                enabled: true,
                options: PveOptions::default(),
            };
            assert_eq!(connection.interval_seconds(), seconds, "{interval:?}");
        };
        check(SignedDuration::from_secs(10), 10);
        check(SignedDuration::from_millis(500), 1);
        check(SignedDuration::from_millis(1500), 2);
        check(SignedDuration::ZERO, 1);
        check(SignedDuration::from_secs(-5), 1);
    }
}
