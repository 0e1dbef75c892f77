//! What is known of a memory, with where it comes from. Unknown stays unknown (D-9).

use muster_model::MemorySource;

/// One mebibyte.
pub(crate) const MIB: u64 = 1 << 20;

/// What is known of a memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Memory {
    /// What there is, in bytes; never 0.
    pub(crate) total: Option<u64>,
    /// What is in use, in bytes; never above the total.
    pub(crate) used: Option<u64>,
    /// Where the use comes from.
    pub(crate) source: MemorySource,
}

impl Memory {
    /// A use that is cut to the total.
    pub(crate) fn used(total: Option<u64>, used: u64, source: MemorySource) -> Self {
        let total = known(total);
        Self { total, used: Some(total.map_or(used, |total| used.min(total))), source }
    }

    /// The use that follows from what is available; unknown without a total.
    pub(crate) fn available(total: u64, available: u64, source: MemorySource) -> Self {
        Self::used(Some(total), total - available.min(total), source)
    }

    /// Nobody could tell how much is in use.
    pub(crate) fn unknown(total: Option<u64>, source: MemorySource) -> Self {
        Self { total: known(total), used: None, source }
    }

    /// Use in percent of the total.
    pub(crate) fn percent(&self) -> Option<f64> {
        let (total, used) = (self.total?, self.used?);
        Some(used as f64 * 100.0 / total as f64)
    }

    /// What is not in use, in bytes.
    pub(crate) fn free(&self) -> Option<u64> {
        Some(self.total? - self.used?)
    }
}

/// A size of 0 is none.
pub(crate) fn known(size: Option<u64>) -> Option<u64> {
    size.filter(|size| *size > 0)
}
