//! A measured value, or why there is none (D-9).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::SourceId;

/// A measured value with its time and source, or the reason for its absence. Unknown is never a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "state", rename_all = "camelCase")]
pub enum Reading<T> {
    /// Somebody measured it.
    Known {
        /// The value, in the unit of its metric or field.
        value: T,
        /// When, by the source's clock.
        at: Timestamp,
        /// Who.
        source: SourceId,
    },
    /// Nobody could.
    Unknown {
        /// Why not.
        reason: UnknownReason,
    },
}

impl<T> Reading<T> {
    /// The value, when there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Known { value, .. } => Some(value),
            Self::Unknown { .. } => None,
        }
    }
}

/// Why a value is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, IntoStaticStr)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum UnknownReason {
    /// No source has spoken of it.
    NotReported,
    /// The source says that the thing has no such value.
    NotSupported,
    /// The source was not allowed to read it.
    PermissionDenied,
    /// A rate needs two observations, and this is the first.
    NoBaseline,
    /// A counter went back; the next observation starts anew (R-44 with D-9).
    CounterReset,
    /// The source could not be reached.
    SourceUnreachable,
    /// The source did not answer in time.
    TimedOut,
    /// What was read made no sense.
    Malformed,
}

impl UnknownReason {
    /// The reason's name on the wire.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_carries_a_reason_and_no_number() {
        // D-9
        let unknown: Reading<f64> = Reading::Unknown { reason: UnknownReason::NoBaseline };
        assert_eq!(
            serde_json::to_value(&unknown).unwrap(),
            serde_json::json!({"state": "unknown", "reason": "no_baseline"})
        );
        assert_eq!(unknown.value(), None);
    }
}
