//! Connections to platforms: what somebody sets up, how polling goes (D-26), and what a probe finds.

use std::collections::BTreeMap;

use jiff::Timestamp;
use muster_model::{Issue, Platform, PveOptions, SourceId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::access::Secret;

/// Of what to tell why its memory is what it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MemoryQuery {
    /// One node or guest, by its key in the connection. All if absent.
    #[param(example = "qemu/100")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// A connection and how polling goes. Its secret is never told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// Its id.
    pub id: Uuid,
    /// What it leads to.
    #[schema(value_type = String, example = "proxmox-pve")]
    pub platform: Platform,
    /// What people call it; unique.
    pub name: String,
    /// Entry points of one cluster, in the order of preference: scheme, host and port.
    pub endpoints: Vec<String>,
    /// Who we are there.
    pub auth: ConnectionAuth,
    /// SHA-256 fingerprints of certificates that are believed whoever signed them.
    pub pins: Vec<String>,
    /// How often its resources are looked at.
    pub interval_seconds: u32,
    /// Whether it is polled.
    pub enabled: bool,
    /// What somebody has chosen about how its platform is looked at; `null` stands for the number of the rule.
    pub options: PveOptions,
    /// The source that its resources name.
    #[schema(value_type = String, example = "proxmox:01890a5d-ac96-774b-bcce-b302099a8057")]
    pub source: SourceId,
    /// Grows with every change; a change names the one that it is based on.
    pub version: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// How polling goes.
    pub poll: PollSummary,
    /// What was seen last.
    pub observed: ObservedSummary,
}

/// Who we are on a platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "method", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum ConnectionAuth {
    /// An API token; its secret is the secret.
    Token {
        /// User with realm.
        #[schema(example = "monitor@pve")]
        user: String,
        /// The token's name.
        #[schema(example = "muster")]
        token: String,
    },
    /// A user; the password is the secret.
    Password {
        /// User with realm.
        #[schema(example = "monitor@pve")]
        user: String,
    },
}

/// How polling goes; the same on every surface (D-26).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConnectionPoll)]
pub struct PollSummary {
    /// How often; never 0.
    pub interval_seconds: u32,
    /// When it was last tried.
    pub last_attempt_at: Option<Timestamp>,
    /// When it last worked.
    pub last_success_at: Option<Timestamp>,
    /// When it is tried next; `null` while it is not polled.
    pub next_at: Option<Timestamp>,
    /// Attempts since it last worked.
    pub consecutive_failures: u32,
    /// What is wrong; `null` while all is well.
    pub last_error: Option<PollError>,
}

/// What was wrong with a look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PollError {
    /// When.
    pub at: Timestamp,
    /// `unreachable`, `timed_out`, `tls`, `pin_mismatch`, `unauthorised`, `forbidden`, `api`, `malformed` or `secret`.
    pub category: String,
    /// What happened and what to do.
    pub message: String,
}

/// What the last good look saw (D-26).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConnectionObserved)]
pub struct ObservedSummary {
    /// When; `null` before the first.
    pub collected_at: Option<Timestamp>,
    /// Whether parts could not be read.
    pub degraded: bool,
    /// How many parts.
    pub issue_count: u32,
    /// The first three of them.
    pub issues: Vec<Issue>,
    /// How many of what, such as `nodes`, `guests`, `storages`.
    pub counts: BTreeMap<String, u32>,
    /// Requests that were sent since the connection is polled.
    pub requests: u64,
}

/// A connection to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewConnection {
    /// What it leads to.
    #[schema(value_type = String, example = "proxmox-pve")]
    pub platform: Platform,
    /// 1 to 64 characters, unlike any other.
    pub name: String,
    /// 1 to 16 addresses of nodes of one cluster, such as `https://pve1.example.org:8006`. Without a port the platform's own.
    pub endpoints: Vec<String>,
    /// Who we are there.
    pub auth: ConnectionAuth,
    /// The token's secret or the user's password; also `file:` and `env:` references below the roots of the configuration.
    #[schema(value_type = String, format = Password)]
    pub secret: Secret,
    /// At most 32 SHA-256 fingerprints, hexadecimal with or without colons.
    #[serde(default)]
    pub pins: Vec<String>,
    /// How often, 10 to 3600, a multiple of 10; 10 when absent.
    #[serde(default)]
    pub interval_seconds: Option<u32>,
    /// Whether it is polled; `true` when absent.
    #[serde(default)]
    pub enabled: Option<bool>,
    /// How its platform is looked at.
    #[serde(default)]
    pub options: PveOptions,
}

/// What is to stand in the place of a connection. The platform stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConnectionChange {
    /// 1 to 64 characters, unlike any other.
    pub name: String,
    /// 1 to 16 addresses.
    pub endpoints: Vec<String>,
    /// Who we are there.
    pub auth: ConnectionAuth,
    /// A new secret. Where endpoints, pins or the user change it must be given again (D-20); else the old one stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Password)]
    pub secret: Option<Secret>,
    /// At most 32 fingerprints.
    pub pins: Vec<String>,
    /// How often, 10 to 3600, a multiple of 10.
    pub interval_seconds: u32,
    /// Whether it is polled.
    pub enabled: bool,
    /// How its platform is looked at, as a whole; those before stay when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<PveOptions>,
    /// The version that the change is based on.
    pub version: u32,
}

/// A connection to try, which need not exist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProbeRequest {
    /// What it leads to.
    #[schema(value_type = String, example = "proxmox-pve")]
    pub platform: Platform,
    /// 1 to 16 addresses.
    pub endpoints: Vec<String>,
    /// Who we would be there; without it only who answers is asked.
    #[serde(default)]
    pub auth: Option<ConnectionAuth>,
    /// The secret; without it that of `connection` is used, where endpoints, pins and user are its own (D-20).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Password)]
    pub secret: Option<Secret>,
    /// Fingerprints to believe.
    #[serde(default)]
    pub pins: Vec<String>,
    /// The connection that is being changed.
    #[serde(default)]
    pub connection: Option<Uuid>,
}

/// What a probe found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProbeResult {
    /// Each entry point.
    pub endpoints: Vec<EndpointProbe>,
    /// Version of the platform; `null` where nobody could be asked.
    pub version: Option<String>,
    /// Name of the cluster; `null` for a node on its own.
    pub cluster: Option<String>,
    /// Names of its nodes.
    pub nodes: Vec<String>,
    /// Why the credentials were not accepted.
    pub failure: Option<PollError>,
    /// The permission doctor: each call that would be made.
    pub calls: Vec<CallProbe>,
}

/// What was found at one entry point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EndpointProbe {
    /// Scheme, host and port.
    pub endpoint: String,
    /// Why it cannot be used as it is.
    pub failure: Option<PollError>,
    /// The certificate that it shows, believed or not.
    pub certificate: Option<CertificateProbe>,
}

/// A certificate that an entry point shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CertificateProbe {
    /// Its SHA-256: hexadecimal, with colons.
    pub fingerprint: String,
    /// Whom it is for.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// From when it is good.
    pub not_before: Timestamp,
    /// Until when it is good.
    pub not_after: Timestamp,
    /// Whether the system's authorities vouch for it.
    pub trusted: bool,
    /// Whether it is among the pins of the request.
    pub pinned: bool,
}

/// One call of the permission doctor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CallProbe {
    /// The call.
    #[schema(example = "GET /nodes/{node}/disks/list")]
    pub call: String,
    /// The right that it needs.
    #[schema(example = "Sys.Audit on /nodes/{node}")]
    pub right: String,
    /// What came of it.
    pub state: CallOutcome,
    /// What the platform said, where there is something to say.
    pub detail: Option<String>,
    /// What stays empty without it.
    pub without: String,
    /// The command that grants the right; `null` where it is granted.
    pub grant: Option<String>,
}

/// What came of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// It answered.
    Granted,
    /// It is refused.
    Refused,
    /// It answered and left parts out.
    Partial,
    /// This platform does not have it.
    Absent,
    /// It failed for another reason.
    Failed,
}
