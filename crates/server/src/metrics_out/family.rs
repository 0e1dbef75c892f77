//! The families there are: constant names, base units, stable labels. The documentation's table is made from them.

use muster_model::Metric;

/// A family of samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Family {
    /// Its name. Never changes.
    pub name: &'static str,
    /// What its values do.
    pub kind: FamilyKind,
    /// What it means, in one sentence.
    pub help: &'static str,
    /// The labels of its samples.
    pub labels: &'static [&'static str],
}

/// What the values of a family do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FamilyKind {
    /// They go up and down.
    Gauge,
    /// They grow from the start of the process on.
    Counter,
    /// They count how long things took.
    Histogram,
}

impl FamilyKind {
    /// Its name in the formats.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gauge => "gauge",
            Self::Counter => "counter",
            Self::Histogram => "histogram",
        }
    }
}

/// Every family: the server's own, then those of the estate.
pub fn families() -> impl Iterator<Item = Family> {
    OWN.iter().chain(ESTATE).copied().chain(Metric::ALL.iter().map(|metric| of_metric(*metric).family))
}

macro_rules! families {
    ($all:ident: $($family:ident = $kind:ident $name:literal [$($label:literal),*] $help:literal;)*) => {
        $(pub(super) const $family: Family =
            Family { name: $name, kind: FamilyKind::$kind, help: $help, labels: &[$($label),*] };)*
        const $all: &[Family] = &[$($family),*];
    };
}

families! { OWN:
    BUILD = Gauge "muster_build_info" ["version"] "Always 1; the label says which version runs.";
    START = Gauge "process_start_time_seconds" [] "When the process started, in seconds since 1970.";
    MEMORY = Gauge "process_resident_memory_bytes" [] "Memory that the process holds.";
    CPU = Counter "process_cpu_seconds_total" [] "CPU time that the process has used.";
    OPEN_FDS = Gauge "process_open_fds" [] "Files and connections that the process has open.";
    MAX_FDS = Gauge "process_max_fds" [] "Files and connections that the process may have open.";
    REQUESTS = Histogram "muster_http_request_duration_seconds" ["method", "route", "status"]
        "Time to the head of an answer, by route template and status class.";
    LIVE = Gauge "muster_live_clients" [] "Live streams that are open.";
    SWEEPS = Counter "muster_engine_sweeps_total" [] "Sweeps since start.";
    SWEEP_DURATION = Gauge "muster_engine_last_sweep_duration_seconds" [] "How long the last sweep took, writes included.";
    SWEEP_AT = Gauge "muster_engine_last_sweep_timestamp_seconds" [] "When the last sweep ended; the lag is the time since then.";
    REPORTS = Counter "muster_engine_reports_total" [] "Reports applied since start.";
    QUEUED_REPORTS = Gauge "muster_engine_queued_reports" [] "Reports that wait to be applied.";
    REJECTED = Counter "muster_engine_rejected_records_total" [] "Records and samples that broke their report's own rules.";
    SKEWED = Counter "muster_engine_skewed_reports_total" [] "Reports whose source's clock runs ahead.";
    UNCOMMITTED = Gauge "muster_engine_uncommitted_entries" [] "Log entries and timeline rows that could not be written yet.";
    LOST_CHANGES = Counter "muster_engine_lost_changes_total" [] "Timeline rows given up because they could not be written.";
    RESOURCES = Gauge "muster_engine_resources" [] "Resources in the picture.";
    SOURCE_ONLINE = Gauge "muster_source_online" ["source"] "1 where what the source says is current, else 0.";
    SOURCE_INTERVAL = Gauge "muster_source_interval_seconds" ["source"] "Time from one report of the source to the next.";
    SOURCE_AT = Gauge "muster_source_last_report_timestamp_seconds" ["source"] "When the source last reported.";
    SOURCE_LAG = Gauge "muster_source_lag_seconds" ["source"] "How long the next report of the source is overdue; 0 while it is in time.";
    SOURCE_RECORDS = Gauge "muster_source_records" ["source"] "Records in the last report of the source.";
    SOURCE_ISSUES = Gauge "muster_source_issues" ["source"] "What the last report of the source could not read.";
    CONNECTIONS = Gauge "muster_connections" ["standing"]
        "Connections by how they are doing: disabled, waiting for their first look, working, degraded or failing.";
    POLL_LAG = Histogram "muster_poll_lag_seconds" ["platform", "lane"]
        "How late looks at platforms began, by lane.";
    POLL_DURATION = Histogram "muster_poll_duration_seconds" ["platform", "lane"]
        "How long looks at platforms took, by lane, failed ones included.";
    POLL_DELIVERY = Histogram "muster_poll_delivery_seconds" ["platform", "lane"]
        "From the moment a look at a platform was planned for until its report could be seen, by lane.";
    POLL_FAILURES = Counter "muster_poll_failures_total" ["platform", "lane", "category"]
        "Looks at platforms that failed since start, by lane and sort of failure.";
    POLL_REQUESTS = Counter "muster_poll_requests_total" ["source"]
        "Requests sent to a platform since the connection is polled.";
    STORE_SIZE = Gauge "muster_store_size_bytes" ["engine"] "Size of the state database, journal included.";
    STORE_QUEUE = Gauge "muster_store_queued_writes" [] "Writes that wait for the writer.";
    STORE_WRITES = Counter "muster_store_writes_total" [] "Writes since start; each row of the audit log goes with one of them.";
    STORE_COMMITS = Counter "muster_store_commits_total" [] "Transactions since start; writes that come together share one.";
    STORE_FAILING = Gauge "muster_store_failing" [] "1 where the last write failed, else 0.";
    AUDIT_GATHERED = Gauge "muster_audit_gathered_refusals" [] "Kinds of refusals whose repetitions are counted just now, to be told in one row.";
    HISTORY_SERIES = Gauge "muster_history_series" [] "Series known.";
    HISTORY_ACTIVE = Gauge "muster_history_active_series" [] "Series that are sampled just now.";
    HISTORY_SAMPLES = Counter "muster_history_samples_total" [] "Samples taken in since start.";
    HISTORY_STORED = Gauge "muster_history_stored_samples" [] "Samples on disk.";
    HISTORY_SIZE = Gauge "muster_history_size_bytes" [] "Size of the history on disk.";
    HISTORY_MEMORY = Gauge "muster_history_memory_bytes" [] "Memory in use for samples.";
    HISTORY_PENDING = Gauge "muster_history_pending_sweeps" [] "Sweeps that are in memory only.";
    HISTORY_DURABLE = Gauge "muster_history_last_durable_timestamp_seconds" [] "Stamp of the last sweep that is safely on disk.";
    HISTORY_LATE = Counter "muster_history_late_samples_total" [] "Samples that lay before the memory window when they came.";
    HISTORY_SHED = Gauge "muster_history_shed_samples" [] "Samples that memory let go of and that come back when blocks can be written.";
    HISTORY_LOST = Counter "muster_history_lost_samples_total" [] "Samples that are lost, at most, since start.";
    HISTORY_DAMAGED_CHUNKS = Counter "muster_history_damaged_chunks_total" [] "Parts of stored blocks that turned out to be damaged.";
    HISTORY_DAMAGED_BLOCKS = Gauge "muster_history_damaged_blocks" [] "Blocks of which a part cannot be read or deleted.";
    HISTORY_DAMAGED_LOGS = Gauge "muster_history_damaged_logs" [] "Files of the sweep log that could be read only in part.";
    HISTORY_FAILING = Gauge "muster_history_failing" [] "1 where the last write failed, else 0.";
    REMOTE_SHIPPED = Counter "muster_remote_shipped_samples_total" [] "Samples that the remote store has confirmed.";
    REMOTE_REFUSED = Counter "muster_remote_refused_samples_total" [] "Samples that the remote store refused.";
    REMOTE_NOT_KEPT = Counter "muster_remote_not_kept_samples_total" [] "Samples that the remote store accepted and does not have.";
    REMOTE_AT = Gauge "muster_remote_last_confirmed_timestamp_seconds" [] "When samples were last confirmed.";
}

families! { ESTATE:
    RESOURCE_INFO = Gauge "muster_resource_info" ["resource", "kind", "name", "parent", "parent_name", "technology"]
        "Always 1; the labels say what the resource is.";
    RESOURCE_STATUS = Gauge "muster_resource_status" ["resource", "kind", "name", "parent", "status"]
        "Always 1; the label `status` says how the resource is.";
    RESOURCE_STALE = Gauge "muster_resource_stale" ["resource", "kind", "name", "parent"]
        "1 where no source of the resource is current, and then there are no readings of it; else 0.";
    RESOURCE_SEEN = Gauge "muster_resource_last_seen_timestamp_seconds" ["resource", "kind", "name", "parent"]
        "When a source last spoke of the resource.";
}

/// The labels of readings.
const LABELS: &[&str] = &["resource", "kind", "name", "parent"];

/// A metric's family, and what its values are multiplied by to be in base units.
pub(super) struct MetricFamily {
    pub(super) family: Family,
    pub(super) scale: f64,
}

/// The family of a metric. Percent become ratios, hours become seconds.
pub(super) fn of_metric(metric: Metric) -> MetricFamily {
    use Metric as M;
    const PERCENT: f64 = 0.01;
    const HOURS: f64 = 3600.0;
    let (name, scale, help) = match metric {
        M::Cpu => {
            ("muster_resource_cpu_usage_ratio", PERCENT, "CPU in use; above 1 where a container uses several cores.")
        }
        M::Memory => ("muster_resource_memory_usage_ratio", PERCENT, "Memory in use, of what there is."),
        M::MemoryUsed => ("muster_resource_memory_used_bytes", 1.0, "Memory in use."),
        M::Swap => ("muster_resource_swap_usage_ratio", PERCENT, "Swap in use, of what there is."),
        M::Disk => ("muster_resource_disk_usage_ratio", PERCENT, "Disk space in use; on a physical disk, time busy."),
        M::DiskRead => ("muster_resource_disk_read_bytes_per_second", 1.0, "Read from disks."),
        M::DiskWrite => ("muster_resource_disk_written_bytes_per_second", 1.0, "Written to disks."),
        M::NetIn => ("muster_resource_network_received_bytes_per_second", 1.0, "Received from the network."),
        M::NetOut => ("muster_resource_network_sent_bytes_per_second", 1.0, "Sent to the network."),
        M::Usage => ("muster_resource_storage_usage_ratio", PERCENT, "Storage in use, of what there is."),
        M::Used => ("muster_resource_storage_used_bytes", 1.0, "Storage in use."),
        M::Avail => ("muster_resource_storage_available_bytes", 1.0, "Storage that can still be used."),
        M::Total => ("muster_resource_storage_size_bytes", 1.0, "Size of a storage."),
        M::Temperature => ("muster_resource_temperature_celsius", 1.0, "The warmest relevant sensor."),
        M::Load1 => ("muster_resource_load1", 1.0, "Load average over one minute."),
        M::Load5 => ("muster_resource_load5", 1.0, "Load average over five minutes."),
        M::Load15 => ("muster_resource_load15", 1.0, "Load average over fifteen minutes."),
        M::PressureCpu => {
            ("muster_resource_pressure_cpu_ratio", PERCENT, "Share of time in which some task waited for CPU.")
        }
        M::PressureMemory => {
            ("muster_resource_pressure_memory_ratio", PERCENT, "Share of time in which some task waited for memory.")
        }
        M::PressureIo => {
            ("muster_resource_pressure_io_ratio", PERCENT, "Share of time in which some task waited for disks.")
        }
        M::SmartTemp => ("muster_resource_smart_temperature_celsius", 1.0, "Temperature of a physical disk."),
        M::SmartPowerOnHours => {
            ("muster_resource_smart_power_on_seconds", HOURS, "Time that a disk has been powered on.")
        }
        M::SmartPowerCycles => ("muster_resource_smart_power_cycles", 1.0, "How often a disk was switched on."),
        M::SmartReallocatedSectors => {
            ("muster_resource_smart_reallocated_sectors", 1.0, "Sectors that a disk has replaced.")
        }
        M::SmartPendingSectors => {
            ("muster_resource_smart_pending_sectors", 1.0, "Sectors that a disk would like to replace.")
        }
        M::SmartOfflineUncorrectable => {
            ("muster_resource_smart_offline_uncorrectable", 1.0, "Sectors that a disk could not read in its own test.")
        }
        M::SmartCrcErrors => ("muster_resource_smart_crc_errors", 1.0, "Transfer errors between disk and host."),
        M::SmartPercentageUsed => (
            "muster_resource_smart_endurance_used_ratio",
            PERCENT,
            "Rated endurance that a drive has used up; may exceed 1.",
        ),
        M::SmartAvailableSpare => {
            ("muster_resource_smart_available_spare_ratio", PERCENT, "Spare area that a drive has left.")
        }
        M::SmartMediaErrors => ("muster_resource_smart_media_errors", 1.0, "Unrecovered data errors of a drive."),
        M::SmartUnsafeShutdowns => {
            ("muster_resource_smart_unsafe_shutdowns", 1.0, "How often a drive lost power without warning.")
        }
    };
    MetricFamily { family: Family { name, kind: FamilyKind::Gauge, help, labels: LABELS }, scale }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_say_what_they_are() {
        let all: Vec<Family> = families().collect();
        assert_eq!(all.iter().map(|family| family.name).collect::<BTreeSet<_>>().len(), all.len());
        for Family { name, kind, help, .. } in all {
            assert!(
                name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'),
                "{name}"
            );
            assert_eq!(name.ends_with("_total"), kind == FamilyKind::Counter, "{name}");
            assert!(help.ends_with('.') && !help.contains(['\n', '\\', '|']), "{name}: {help}");
        }
    }
}
