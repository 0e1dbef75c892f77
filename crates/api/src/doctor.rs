//! What the server finds when it examines itself, and what becomes of a reload.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;
use utoipa::{IntoParams, ToSchema};

/// The outcome of an examination. Carries no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DoctorReport {
    /// The version that examined.
    pub version: String,
    /// When.
    pub examined_at: Timestamp,
    /// How many findings are warnings.
    pub warnings: u32,
    /// How many findings are failures.
    pub failures: u32,
    /// The findings, failures first.
    pub findings: Vec<Finding>,
    /// Every setting in force.
    pub settings: Vec<SettingInForce>,
}

/// One thing that was examined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// What was examined, such as `disk`. Stable.
    pub check: String,
    /// How it is.
    pub level: FindingLevel,
    /// What was found, in one sentence.
    pub what: String,
    /// Why it matters; absent where all is well.
    pub why: Option<String>,
    /// What to do about it; absent where all is well.
    pub remedy: Option<String>,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr, ToSchema)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum FindingLevel {
    /// It does not work, or will not for long.
    Fail,
    /// It works, and should be looked at.
    Warn,
    /// As it should be.
    Ok,
}

/// A setting in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SettingInForce {
    /// Its key, such as `server.listen`.
    pub key: String,
    /// Its value, as it would stand in the environment; `null` where it is a secret or not set.
    pub value: Option<String>,
    /// Whether it is a secret that is set.
    pub secret_is_set: bool,
    /// Where it comes from: `built-in default`, a file with its line, an environment variable, an option.
    pub origin: String,
    /// Whether a reload brings another value into force; a restart does for each.
    pub reloadable: bool,
}

/// What became of a reload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reloaded {
    /// Keys with another value, which is in force now.
    pub in_force: Vec<String>,
    /// Keys with another value, which waits for a restart.
    pub need_restart: Vec<String>,
}

/// What a backup is asked to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BackupQuery {
    /// `true` puts the master key into the archive: whoever has it can then read every stored secret. Left out otherwise.
    pub with_key: Option<bool>,
}
