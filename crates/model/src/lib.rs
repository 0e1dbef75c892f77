//! The canonical vocabulary of Muster: typed ids, units, readings, resource kinds and facets, reports and changes.
//!
//! Every other crate speaks in these types. A source fills a [`Report`]; the estate turns reports into rows, log
//! entries and [`ResourceChange`]s; history stores what a [`Metric`] says about itself.
//!
//! This crate performs no I/O, reads no clock, spawns nothing and knows none of the other crates. Values are parsed
//! once at the edge into types that cannot be wrong; inside there is nothing left to check.

mod access;
mod change;
mod connection;
mod decimal;
mod exposition;
mod facet;
mod gap;
mod identity;
mod ids;
mod ignored;
mod incarnation;
mod kind;
mod log;
mod memory_decision;
mod metric;
mod net;
#[cfg(feature = "openapi")]
mod openapi;
mod pve_options;
mod range;
mod reading;
mod relationship;
mod report;
mod ruling;
mod source;
mod status;
mod text;
mod within;

pub use access::{Role, Scope};
pub use change::{ChangeKind, ChangeOrigin, Confidence, ResourceChange};
pub use connection::{ConnectionId, InvalidPlatform, Platform};
pub use decimal::{Decimal, round_to_whole};
pub use facet::{
    AddressWithPrefix, BackupCopy, BackupJob, BackupSelection, BackupState, BackupTargetFacet, BackupVerification,
    CephCheck, CephFacet, CephHealth, CephOsds, CephPlacement, CertificateState, CpuFacts, DiskRisk, DiskStatus, Facet,
    FacetKind, FilesystemFacet, GuestAgent, GuestBackup, GuestDisk, GuestDiskSource, GuestFacet, GuestFilesystem,
    GuestInterface, GuestReplication, GuestSnapshot, GuestSnapshots, HostFacet, InterfaceKind, MemoryFacts,
    MemoryReliability, MemorySource, MemoryTrust, NetworkInterfaceFacet, NodeFacet, OperatingSystem, PhysicalDiskFacet,
    PoolState, ProtectionFacet, ReplicationState, RiskCode, RiskLevel, RiskReason, SmartFacts, SmartHealth,
    StorageFacet, StoragePoolFacet, SystemFacts, TemperatureBand, Virtualisation, ZfsDevice, ZfsPoolFacet,
};
pub use gap::{GapReason, KnownGap};
pub use identity::{Evidence, EvidenceKind, Identity, StableKey, is_placeholder_identifier};
pub use ids::{ChangeId, InvalidId, NativeKey, ResourceId, Revision, TenantId};
pub use ignored::{IgnorableKind, IgnoredMachine};
pub use incarnation::Incarnation;
pub use kind::ResourceKind;
pub use log::{Binding, LogEntry, LogOp};
pub use memory_decision::{
    GuestMemoryDecision, GuestMemoryInputs, MemoryAmounts, MemoryDecisions, NodeMemoryDecision, NodeMemoryInputs,
};
pub use metric::{Aggregation, Metric, Precision, Unit};
pub use net::{InvalidMac, MacAddress, is_shared_address};
pub use pve_options::{
    AgentJitterSeconds, AgentPauseSeconds, AgentRetries, AgentTimeoutSeconds, AgentsAtOnce, DiskMinutes, DiskOptions,
    GuestAgentOptions, PveOptions, ZfsOptions,
};
pub use range::ValueRange;
pub use reading::{Reading, UnknownReason};
pub use relationship::RelationshipType;
pub use report::{Activity, Completeness, Issue, IssueClass, Link, Record, Report, Sample, SampleValue};
pub use ruling::{InvalidNote, Note, RecordRef, Ruling, RulingId, Verdict};
pub use source::{InvalidSource, SourceFreshness, SourceId, SourceKind, SourceStamp};
pub use status::{Status, StatusDomain};
pub use within::{OutOfBounds, Within};
