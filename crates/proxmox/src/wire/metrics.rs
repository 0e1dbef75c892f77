//! Measurements: the cluster's export of the last half hour, and the round-robin archives.

use jiff::Timestamp;
use serde::Deserialize;
use smol_str::SmolStr;

use super::scalar;

/// One sample.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct MetricRow {
    /// `node/{node}`, `qemu/{vmid}`, `lxc/{vmid}` or `storage/{node}/{storage}`.
    #[serde(deserialize_with = "scalar::identity")]
    pub(crate) id: SmolStr,
    /// Such as `cpu_current` or `net_in`.
    #[serde(deserialize_with = "scalar::identity")]
    pub(crate) metric: SmolStr,
    /// When it was taken.
    #[serde(deserialize_with = "scalar::required_moment")]
    pub(crate) timestamp: Timestamp,
    /// In bytes, fractions, seconds or pieces, as the metric has it.
    #[serde(deserialize_with = "scalar::required_number")]
    pub(crate) value: f64,
}

/// A row of `rrddata` of a node, a guest or a storage. A key that is missing is a gap. Traffic is bytes a second here.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub(crate) struct RrdRow {
    /// The beginning of its span.
    #[serde(deserialize_with = "scalar::required_moment")]
    pub(crate) time: Timestamp,
    /// Fraction of the processors that was busy.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) cpu: Option<f64>,
    /// Load of a node over a minute.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) loadavg: Option<f64>,
    /// Memory of a node in bytes.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) memtotal: Option<f64>,
    /// Used memory of a node in bytes.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) memused: Option<f64>,
    /// Memory of a node that programs could have, in bytes (9).
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) memavailable: Option<f64>,
    /// Swap of a node in bytes.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) swaptotal: Option<f64>,
    /// Used swap of a node in bytes.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) swapused: Option<f64>,
    /// Root filesystem of a node in bytes.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) roottotal: Option<f64>,
    /// Used part of it in bytes.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) rootused: Option<f64>,
    /// Memory of a guest in bytes.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) mem: Option<f64>,
    /// Memory that a guest may use in bytes.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) maxmem: Option<f64>,
    /// Used part of a container's root filesystem in bytes.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) disk: Option<f64>,
    /// Size of a guest's first disk in bytes.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) maxdisk: Option<f64>,
    /// Bytes received a second.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) netin: Option<f64>,
    /// Bytes sent a second.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) netout: Option<f64>,
    /// Bytes read a second.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) diskread: Option<f64>,
    /// Bytes written a second.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) diskwrite: Option<f64>,
    /// Size of a storage in bytes.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) total: Option<f64>,
    /// Used part of a storage in bytes.
    #[serde(default, deserialize_with = "scalar::number")]
    pub(crate) used: Option<f64>,
}
