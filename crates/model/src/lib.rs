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
mod incarnation;
mod kind;
mod log;
mod metric;
mod net;
#[cfg(feature = "openapi")]
mod openapi;
mod range;
mod reading;
mod relationship;
mod report;
mod source;
mod status;
mod text;

pub use access::{Role, Scope};
pub use change::{ChangeKind, ChangeOrigin, Confidence, ResourceChange};
pub use connection::{ConnectionId, InvalidPlatform, Platform};
pub use decimal::{Decimal, round_to_whole};
pub use facet::{
    AddressWithPrefix, CpuFacts, DiskStatus, Facet, FacetKind, FilesystemFacet, GuestAgent, GuestDisk, GuestFacet,
    GuestInterface, GuestReplication, HostFacet, InterfaceKind, MemoryFacts, MemoryReliability, MemorySource,
    MemoryTrust, NetworkInterfaceFacet, NodeFacet, OperatingSystem, PhysicalDiskFacet, PoolState, ReplicationState,
    SmartHealth, StorageFacet, StoragePoolFacet, SystemFacts, Virtualisation,
};
pub use gap::{GapReason, KnownGap};
pub use identity::{Evidence, EvidenceKind, Identity, StableKey, is_placeholder_identifier};
pub use ids::{ChangeId, InvalidId, NativeKey, ResourceId, Revision, TenantId};
pub use incarnation::Incarnation;
pub use kind::ResourceKind;
pub use log::{Binding, LogEntry, LogOp};
pub use metric::{Aggregation, Metric, Precision, Unit};
pub use net::{InvalidMac, MacAddress, is_shared_address};
pub use range::ValueRange;
pub use reading::{Reading, UnknownReason};
pub use relationship::RelationshipType;
pub use report::{Activity, Completeness, Issue, IssueClass, Link, Record, Report, Sample, SampleValue};
pub use source::{InvalidSource, SourceFreshness, SourceId, SourceKind, SourceStamp};
pub use status::{Status, StatusDomain};
