//! What a request says about a connection, checked; and what the store says, read back.
//!
//! A wrong value is refused with the field that it stands in and what would be right. Values are never repeated: people
//! put secrets into the wrong field.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use muster_api::{ProblemCode, connection::ConnectionAuth};
use muster_collect::{Auth, Connection};
use muster_model::{ConnectionId, Platform, PveOptions, TenantId};
use muster_outbound::{Fingerprint, Target};
use muster_store::{ConnectionBody, Login, StoredConnection};

use super::{address, binding::Binding, written};
use crate::{auth::login::check_name, problem::ApiError};

/// Entry points of one connection: as many as a cluster has nodes that anybody would ask.
const MOST_ENDPOINTS: usize = 16;

/// Certificates that one connection believes: each node's, and those that replace them.
const MOST_PINS: usize = 32;

/// Characters of a user's or a token's name.
const NAME_CHARACTERS: usize = 128;

/// The interval where a request names none, in seconds.
pub(super) const DEFAULT_INTERVAL: u32 = 10;

/// What a request wants of a connection.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) platform: Platform,
    pub(crate) name: String,
    pub(crate) endpoints: Vec<String>,
    pub(crate) auth: ConnectionAuth,
    pub(crate) pins: Vec<String>,
    pub(crate) interval_seconds: Option<u32>,
    pub(crate) is_enabled: bool,
    pub(crate) options: PveOptions,
}

/// A connection that may be stored and polled, yet without an id.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    platform: Platform,
    name: String,
    endpoints: Vec<Target>,
    auth: Auth,
    pins: BTreeSet<Fingerprint>,
    interval_seconds: u32,
    is_enabled: bool,
    options: PveOptions,
}

impl Draft {
    /// Checks what a request wants.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub(crate) fn check(wanted: Wanted) -> Result<Self, ApiError> {
        let Wanted { platform, name, endpoints, auth, pins, interval_seconds, is_enabled, options } = wanted;
        Ok(Self {
            name: check_name("/name", &name)?,
            endpoints: check_endpoints(platform, &endpoints)?,
            auth: check_auth(auth)?,
            pins: check_pins(&pins)?,
            interval_seconds: check_interval(interval_seconds.unwrap_or(DEFAULT_INTERVAL))?,
            platform,
            is_enabled,
            options,
        })
    }

    /// Reads back what was stored. An address or a pin that this version would not take is left out: the secret does not
    /// open for what remains, so that nothing is dialled until somebody has looked at it.
    pub(crate) fn of(stored: &StoredConnection) -> Self {
        let ConnectionBody { name, endpoints, login, pins, interval_seconds, is_enabled, options } = &stored.body;
        Self {
            platform: stored.platform,
            name: name.clone(),
            endpoints: endpoints.iter().filter_map(|text| text.parse().ok()).collect(),
            auth: match login.clone() {
                Login::Token { user, token } => Auth::Token { user, token },
                Login::Password { user } => Auth::Password { user },
            },
            pins: pins.iter().filter_map(|text| text.parse().ok()).collect(),
            interval_seconds: *interval_seconds,
            is_enabled: *is_enabled,
            options: *options,
        }
    }

    /// What is stored of it.
    pub(crate) fn body(&self) -> ConnectionBody {
        ConnectionBody {
            name: self.name.clone(),
            endpoints: self.endpoints.iter().map(written).collect(),
            login: match self.auth.clone() {
                Auth::Token { user, token } => Login::Token { user, token },
                Auth::Password { user } => Login::Password { user },
            },
            pins: self.pins.iter().map(ToString::to_string).collect(),
            interval_seconds: self.interval_seconds,
            is_enabled: self.is_enabled,
            options: self.options,
        }
    }

    /// What is polled.
    pub(crate) fn connection(&self, tenant: &TenantId, id: ConnectionId) -> Connection {
        Connection {
            id,
            tenant: tenant.clone(),
            platform: self.platform,
            name: self.name.clone(),
            endpoints: self.endpoints.clone(),
            auth: self.auth.clone(),
            pins: self.pins.clone(),
            interval: SignedDuration::from_secs(self.interval_seconds.into()),
            enabled: self.is_enabled,
            options: self.options,
        }
    }

    /// What its secret is sealed for.
    pub(crate) fn context(&self, tenant: &TenantId, id: ConnectionId) -> String {
        Binding::of(&self.connection(tenant, id)).context(tenant, id)
    }

    /// Whether a secret that was given for one may be sent where the other leads (D-20).
    pub(crate) fn sends_where(&self, other: &Self) -> bool {
        let nobody = (TenantId::DEFAULT, ConnectionId(uuid::Uuid::nil()));
        let binding = |draft: &Self| Binding::of(&draft.connection(&nobody.0, nobody.1));
        binding(self) == binding(other)
    }
}

fn check_endpoints(platform: Platform, texts: &[String]) -> Result<Vec<Target>, ApiError> {
    if texts.is_empty() || texts.len() > MOST_ENDPOINTS {
        return refuse("/endpoints", format!("give 1 to {MOST_ENDPOINTS} addresses of nodes of one cluster"));
    }
    let mut endpoints: Vec<Target> = Vec::new();
    for (place, text) in texts.iter().enumerate() {
        let read = address::parse(platform, text);
        let endpoint = read.or_else(|message| refuse(format!("/endpoints/{place}"), message))?;
        if endpoints.contains(&endpoint) {
            return refuse(format!("/endpoints/{place}"), "this address stands there already; name each once");
        }
        endpoints.push(endpoint);
    }
    Ok(endpoints)
}

fn check_auth(auth: ConnectionAuth) -> Result<Auth, ApiError> {
    match auth {
        ConnectionAuth::Token { user, token } => {
            let (user, token) = (check_user(&user)?, token.trim().to_owned());
            let mut characters = token.chars();
            let begins = characters.next().is_some_and(|c| c.is_ascii_alphabetic());
            let goes_on = characters.all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
            if begins && goes_on && token.len() <= NAME_CHARACTERS {
                return Ok(Auth::Token { user, token });
            }
            refuse("/auth/token", "use the token's name, such as `muster`: what stands behind the `!` in its id")
        }
        ConnectionAuth::Password { user } => Ok(Auth::Password { user: check_user(&user)? }),
    }
}

fn check_user(user: &str) -> Result<String, ApiError> {
    let user = user.trim();
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || "!:/=".contains(c);
    let has_realm = user.rsplit_once('@').is_some_and(|(name, realm)| !name.is_empty() && !realm.is_empty());
    if has_realm && !user.contains(is_odd) && user.chars().count() <= NAME_CHARACTERS {
        return Ok(user.to_owned());
    }
    refuse("/auth/user", "use the user with the realm, such as `monitor@pve`, and the token's name apart from it")
}

fn check_pins(texts: &[String]) -> Result<BTreeSet<Fingerprint>, ApiError> {
    if texts.len() > MOST_PINS {
        return refuse("/pins", format!("give at most {MOST_PINS} fingerprints"));
    }
    let read = |(place, text): (usize, &String)| {
        text.parse()
            .or_else(|error: muster_outbound::InvalidFingerprint| refuse(format!("/pins/{place}"), error.to_string()))
    };
    texts.iter().enumerate().map(read).collect()
}

/// A multiple of history's tick (D-10).
fn check_interval(seconds: u32) -> Result<u32, ApiError> {
    if (10..=3600).contains(&seconds) && seconds.is_multiple_of(10) {
        return Ok(seconds);
    }
    refuse("/intervalSeconds", "use 10 to 3600, a multiple of 10")
}

fn refuse<T>(field: impl Into<String>, message: impl Into<String>) -> Result<T, ApiError> {
    Err(ApiError::field(ProblemCode::InvalidValue, field, message))
}
