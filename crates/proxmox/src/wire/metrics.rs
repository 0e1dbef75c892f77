//! Measurements: the cluster's export of the last half hour, and the round-robin archives.

use jiff::Timestamp;
use serde::Deserialize;
use smol_str::SmolStr;

use super::{Rows, scalar};

/// `GET /cluster/metrics/export` (8.3). The envelope's `data` holds another `data`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct MetricsExport {
    /// In order of time. Nodes that did not answer the entry point are missing without a word.
    #[serde(default)]
    pub data: Rows<MetricRow>,
}

/// One sample.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct MetricRow {
    /// `node/{node}`, `qemu/{vmid}`, `lxc/{vmid}` or `storage/{node}/{storage}`.
    #[serde(deserialize_with = "scalar::identity")]
    pub id: SmolStr,
    /// Such as `cpu_current` or `net_in`.
    #[serde(deserialize_with = "scalar::identity")]
    pub metric: SmolStr,
    /// When it was taken.
    #[serde(deserialize_with = "scalar::required_moment")]
    pub timestamp: Timestamp,
    /// Whether it only ever grows.
    #[serde(default, rename = "type")]
    pub kind: MetricKind,
    /// In bytes, fractions, seconds or pieces, as the metric has it.
    #[serde(deserialize_with = "scalar::required_number")]
    pub value: f64,
}

/// How a sample is to be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MetricKind {
    /// As it stands.
    #[default]
    Gauge,
    /// A counter.
    Derive,
    /// Something else.
    #[serde(other)]
    Other,
}

/// A row of `rrddata` of a node, a guest or a storage. A key that is missing is a gap. Traffic is bytes a second here.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct RrdRow {
    /// The beginning of its span.
    #[serde(deserialize_with = "scalar::required_moment")]
    pub time: Timestamp,
    /// Fraction of the processors that was busy.
    #[serde(default, deserialize_with = "scalar::number")]
    pub cpu: Option<f64>,
    /// Processors.
    #[serde(default, deserialize_with = "scalar::number")]
    pub maxcpu: Option<f64>,
    /// Fraction of the time in which processors of a node waited for storage.
    #[serde(default, deserialize_with = "scalar::number")]
    pub iowait: Option<f64>,
    /// Load of a node over a minute.
    #[serde(default, deserialize_with = "scalar::number")]
    pub loadavg: Option<f64>,
    /// Memory of a node in bytes.
    #[serde(default, deserialize_with = "scalar::number")]
    pub memtotal: Option<f64>,
    /// Used memory of a node in bytes.
    #[serde(default, deserialize_with = "scalar::number")]
    pub memused: Option<f64>,
    /// Memory of a node that programs could have, in bytes (9).
    #[serde(default, deserialize_with = "scalar::number")]
    pub memavailable: Option<f64>,
    /// Cache of ZFS on a node in bytes (9).
    #[serde(default, deserialize_with = "scalar::number")]
    pub arcsize: Option<f64>,
    /// Swap of a node in bytes.
    #[serde(default, deserialize_with = "scalar::number")]
    pub swaptotal: Option<f64>,
    /// Used swap of a node in bytes.
    #[serde(default, deserialize_with = "scalar::number")]
    pub swapused: Option<f64>,
    /// Root filesystem of a node in bytes.
    #[serde(default, deserialize_with = "scalar::number")]
    pub roottotal: Option<f64>,
    /// Used part of it in bytes.
    #[serde(default, deserialize_with = "scalar::number")]
    pub rootused: Option<f64>,
    /// Memory of a guest in bytes.
    #[serde(default, deserialize_with = "scalar::number")]
    pub mem: Option<f64>,
    /// Memory that a guest may use in bytes.
    #[serde(default, deserialize_with = "scalar::number")]
    pub maxmem: Option<f64>,
    /// Memory of the host that a virtual machine takes, in bytes (9).
    #[serde(default, deserialize_with = "scalar::number")]
    pub memhost: Option<f64>,
    /// Used part of a container's root filesystem in bytes.
    #[serde(default, deserialize_with = "scalar::number")]
    pub disk: Option<f64>,
    /// Size of a guest's first disk in bytes.
    #[serde(default, deserialize_with = "scalar::number")]
    pub maxdisk: Option<f64>,
    /// Bytes received a second.
    #[serde(default, deserialize_with = "scalar::number")]
    pub netin: Option<f64>,
    /// Bytes sent a second.
    #[serde(default, deserialize_with = "scalar::number")]
    pub netout: Option<f64>,
    /// Bytes read a second.
    #[serde(default, deserialize_with = "scalar::number")]
    pub diskread: Option<f64>,
    /// Bytes written a second.
    #[serde(default, deserialize_with = "scalar::number")]
    pub diskwrite: Option<f64>,
    /// Size of a storage in bytes.
    #[serde(default, deserialize_with = "scalar::number")]
    pub total: Option<f64>,
    /// Used part of a storage in bytes.
    #[serde(default, deserialize_with = "scalar::number")]
    pub used: Option<f64>,
}
