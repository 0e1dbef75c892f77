//! What a source says: the only thing that enters the estate.

use std::{collections::BTreeSet, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::{Facet, Identity, Metric, NativeKey, ResourceKind, SourceId, Status, TenantId, UnknownReason};

/// One observation of everything that a source can see. Also the wire type of a remote agent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Whose estate it belongs to.
    pub tenant: TenantId,
    /// Who observed.
    pub source: SourceId,
    /// When, by the source's clock.
    pub reported_at: Timestamp,
    /// How long until the next report is due; freshness is judged by it (D-8).
    #[serde(with = "whole_seconds", rename = "intervalSeconds")]
    pub interval: SignedDuration,
    /// Whether everything that exists is in it.
    pub completeness: Completeness,
    /// What exists. Keys are unique within one report.
    pub records: Vec<Arc<Record>>,
    /// What was measured. Each points at a record by its place in `records`.
    pub samples: Vec<Sample>,
    /// What happened: tasks and events of the platform.
    #[serde(default)]
    pub activities: Vec<Activity>,
}

/// Whether absence from a report means anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "camelCase")]
pub enum Completeness {
    /// What is not in the report is gone.
    Full,
    /// Some parts could not be read: what is not in the report keeps its last state and ages.
    Degraded {
        /// What could not be read, and why.
        issues: Vec<Issue>,
    },
}

impl Completeness {
    /// Full without issues, else degraded.
    pub fn from_issues(issues: Vec<Issue>) -> Self {
        if issues.is_empty() { Self::Full } else { Self::Degraded { issues } }
    }

    /// The issues, none when full.
    pub fn issues(&self) -> &[Issue] {
        match self {
            Self::Full => &[],
            Self::Degraded { issues } => issues,
        }
    }
}

/// One part of a report that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Issue {
    /// The class, for programs.
    pub class: IssueClass,
    /// The part of the source's work that it touches, such as `filesystems`.
    pub section: String,
    /// What happened and what to do, for people. Never carries a secret.
    pub message: String,
}

/// The class of an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum IssueClass {
    /// The source may not read it.
    PermissionDenied,
    /// It did not answer in time.
    TimedOut,
    /// It answered, and the answer made no sense.
    Malformed,
    /// It could not be reached or read.
    Unavailable,
}

/// One thing as one source sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// The source's own key for the thing.
    pub key: NativeKey,
    /// What it is.
    pub kind: ResourceKind,
    /// What the source calls it. May be empty.
    pub name: SmolStr,
    /// Its status in our words.
    pub status: Status,
    /// The product or technology behind it, such as `qemu` or `ext4`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub technology: Option<SmolStr>,
    /// What tells it from others.
    #[serde(default)]
    pub identity: Identity,
    /// The thing it belongs to, by the same source's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<NativeKey>,
    /// Things of other sources that it says it is (R-13).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Tags given on the platform.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<SmolStr>,
    /// Typed facts, at most one of each facet kind.
    #[serde(default)]
    pub facets: Vec<Arc<Facet>>,
}

/// A claim that a thing is the same as one that another source reports.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// The other source.
    pub source: SourceId,
    /// The other source's key.
    pub key: NativeKey,
}

/// One measured value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sample {
    /// Place of the measured record in the report's `records`.
    pub record: u32,
    /// What was measured.
    pub metric: Metric,
    /// The value or why there is none.
    #[serde(flatten)]
    pub value: SampleValue,
}

/// A value or why there is none. Time and source are those of the report.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SampleValue {
    /// Measured. Finite, in the metric's unit.
    Value(f64),
    /// Not measured.
    Unknown(UnknownReason),
}

/// Something that happened on the platform: a task, an event (R-165).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Activity {
    /// The record it happened to.
    pub key: NativeKey,
    /// The platform's type of task or event. Never empty.
    pub activity_type: SmolStr,
    /// The platform's id of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub native_id: Option<SmolStr>,
    /// When it happened, by the platform's clock.
    pub occurred_at: Timestamp,
    /// A short title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its state, such as `running` or `failed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<SmolStr>,
    /// Details.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

mod whole_seconds {
    use jiff::SignedDuration;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &SignedDuration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(value.as_secs())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SignedDuration, D::Error> {
        let seconds = u32::deserialize(deserializer)?;
        Ok(SignedDuration::from_secs(i64::from(seconds)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_survives_the_wire() {
        let record = Record {
            key: NativeKey::new("host").unwrap(),
            kind: ResourceKind::Agent,
            name: "nas".into(),
            status: Status::Online,
            technology: None,
            identity: Identity::default(),
            parent: None,
            links: vec![],
            tags: BTreeSet::new(),
            facets: vec![],
        };
        let sample = |metric, value| Sample { record: 0, metric, value };
        let report = Report {
            tenant: TenantId::DEFAULT,
            source: SourceId::local_agent(),
            reported_at: Timestamp::UNIX_EPOCH,
            interval: SignedDuration::from_secs(10),
            completeness: Completeness::Full,
            records: vec![Arc::new(record)],
            samples: vec![
                sample(Metric::Cpu, SampleValue::Value(1.5)),
                sample(Metric::NetIn, SampleValue::Unknown(UnknownReason::NoBaseline)),
            ],
            activities: vec![],
        };
        let text = serde_json::to_string(&report).unwrap();
        assert!(text.contains(r#"{"record":0,"metric":"cpu","value":1.5}"#), "{text}");
        assert!(text.contains(r#"{"record":0,"metric":"netin","unknown":"no_baseline"}"#), "{text}");
        assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report);
    }
}
