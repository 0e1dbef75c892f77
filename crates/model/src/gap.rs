//! Spans of time in which nothing was recorded, and why (D-11).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::SourceId;

/// A span without data from one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KnownGap {
    /// Whose data is missing.
    pub source: SourceId,
    /// When it was last heard of before the gap. With the source it names the gap.
    pub from: Timestamp,
    /// When it was heard of again; absent while the gap lasts.
    pub to: Option<Timestamp>,
    /// Why.
    pub reason: GapReason,
}

/// Why nothing was recorded.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum GapReason {
    /// This server was not running.
    ServerStopped,
    /// The server ran and could not reach the source.
    SourceUnreachable,
    /// The source, which reports by itself, did not.
    SourceSilent,
    /// People had disabled the connection to the source.
    ConnectionDisabled,
    /// People had the machine ignored that the source is.
    MachineIgnored,
    /// The clock jumped over the span.
    ClockJumped,
}

impl GapReason {
    /// The reason's name on the wire.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
