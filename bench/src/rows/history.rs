//! Metrics history, beside VictoriaMetrics and a SQLite table with a row for each sample.

pub(super) mod charts;
mod frame;
pub(super) mod ingest;
pub(super) mod long_charts;
pub(super) mod memory;
pub(super) mod million;
mod ours;
pub(super) mod sizes;
pub(super) mod writes;

pub(crate) use self::{memory::series_memory, million::hour_of_sweeps};

const VICTORIA: &str = "VictoriaMetrics";

const ROW_TABLE: &str = "a SQLite row per sample";
