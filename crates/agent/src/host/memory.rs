//! Memory and swap in use, from `/proc/meminfo` and, on a ZFS host, the size of its cache.

use crate::{
    read::{Files, ReadError},
    words,
};

/// What `/proc/meminfo` says, in bytes. A field that the kernel does not print is absent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Memory {
    pub(crate) total: Option<u64>,
    free: Option<u64>,
    available: Option<u64>,
    buffers: Option<u64>,
    cached: Option<u64>,
    reclaimable: Option<u64>,
    shared: Option<u64>,
    pub(crate) swap_total: Option<u64>,
    swap_free: Option<u64>,
}

impl Memory {
    /// Reads `/proc/meminfo`.
    pub(crate) fn read(files: &Files<'_>) -> Result<Self, ReadError> {
        let path = files.roots.proc("meminfo");
        let memory = Self::parse(&files.bytes(&path)?);
        if memory.total.is_none() {
            return Err(ReadError::Malformed { path, expected: "a line `MemTotal`" });
        }
        Ok(memory)
    }

    fn parse(content: &[u8]) -> Self {
        let mut memory = Self::default();
        for line in words::lines(content) {
            let mut words = words::words(line);
            let (Some(name), Some(kibibytes)) = (words.next(), words.next().and_then(words::number::<u64>)) else {
                continue;
            };
            if let Some(field) = memory.field(name) {
                *field = kibibytes.checked_mul(1024);
            }
        }
        memory
    }

    fn field(&mut self, name: &[u8]) -> Option<&mut Option<u64>> {
        Some(match name {
            b"MemTotal:" => &mut self.total,
            b"MemFree:" => &mut self.free,
            b"MemAvailable:" => &mut self.available,
            b"Buffers:" => &mut self.buffers,
            b"Cached:" => &mut self.cached,
            b"SReclaimable:" => &mut self.reclaimable,
            b"Shmem:" => &mut self.shared,
            b"SwapTotal:" => &mut self.swap_total,
            b"SwapFree:" => &mut self.swap_free,
            _ => return None,
        })
    }

    /// Bytes in use that could not be had by asking: not the page cache, and not what ZFS would give back.
    pub(crate) fn used(&self, arc: Option<Arc>) -> Option<u64> {
        let used = self.total?.saturating_sub(self.available()?);
        Some(used.saturating_sub(arc.map_or(0, Arc::shrinkable)))
    }

    /// Kernels before 3.14 do not estimate what is available; then the caches count, except shared memory, which stands
    /// among them and cannot be given back.
    fn available(&self) -> Option<u64> {
        let estimate = || {
            let parts = [self.free?, self.buffers?, self.cached?, self.reclaimable.unwrap_or(0)];
            let caches = parts.into_iter().fold(0, u64::saturating_add);
            Some(caches.saturating_sub(self.shared.unwrap_or(0)))
        };
        self.available.or_else(estimate)
    }

    /// Swap in use in percent; none without swap space.
    pub(crate) fn swap_percent(&self) -> Option<f64> {
        let total = self.swap_total.filter(|total| *total > 0)?;
        Some(100.0 * total.saturating_sub(self.swap_free?) as f64 / total as f64)
    }
}

/// The cache of ZFS. It is neither in `Cached` nor counted as available, so that a ZFS host looks full without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arc {
    size: u64,
    least: u64,
}

impl Arc {
    /// The cache of this machine; none without ZFS. Not to be asked in a container: there it is the host's, while memory
    /// is the container's.
    pub(crate) fn read(files: &Files<'_>) -> Option<Self> {
        Self::parse(&files.bytes(&files.roots.proc("spl/kstat/zfs/arcstats")).ok()?)
    }

    fn parse(content: &[u8]) -> Option<Self> {
        let value = |wanted: &[u8]| {
            words::lines(content).find_map(|line| {
                let mut words = words::words(line);
                words.next().filter(|name| *name == wanted)?;
                words.nth(1).and_then(words::number)
            })
        };
        Some(Self { size: value(b"size")?, least: value(b"c_min")? })
    }

    /// What it would give back: it never shrinks below its least size.
    fn shrinkable(self) -> u64 {
        self.size.saturating_sub(self.least)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ARCSTATS: &[u8] = include_bytes!("../../tests/fixtures/zfs/arcstats.txt");
    const WITH_ARC: &[u8] = include_bytes!("../../tests/fixtures/zfs/meminfo_with_arc.txt");

    #[test]
    fn used_is_what_cannot_be_had_by_asking() {
        let memory = Memory::parse(include_bytes!("../../tests/fixtures/linux/meminfo.txt"));
        assert_eq!(memory.used(None), Some((3_047_972 - 2_775_396) * 1024));
        assert_eq!(memory.swap_total, Some(0));
        assert_eq!(memory.swap_percent(), None);
    }

    #[test]
    fn zfs_gives_its_cache_back_down_to_its_least_size() {
        let memory = Memory::parse(WITH_ARC);
        let full = (3_047_972 - 2_633_744) * 1024;
        assert_eq!(memory.used(None), Some(full));
        assert_eq!(memory.used(Arc::parse(ARCSTATS)), Some(full - 38_863_464));
        assert_eq!(memory.used(Some(Arc { size: u64::MAX, least: 0 })), Some(0));
    }

    #[test]
    fn an_old_kernel_has_no_estimate_of_its_own() {
        let memory = Memory::parse(
            b"MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 20 kB\nCached: 300 kB\nSReclaimable: 30 kB\nShmem: 50 kB\n",
        );
        assert_eq!(memory.used(None), Some(600 * 1024));
    }

    #[test]
    fn swap_in_use() {
        let memory = Memory::parse(b"SwapTotal: 1000 kB\nSwapFree: 750 kB\n");
        assert_eq!(memory.swap_percent(), Some(25.0));
    }

    #[test]
    fn a_missing_field_costs_only_what_rests_on_it() {
        let memory = Memory::parse(b"MemTotal: 1000 kB\nMemAvailable: x kB\nMemFr");
        assert_eq!((memory.total, memory.used(None)), (Some(1_024_000), None));
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(content in prop::collection::vec(any::<u8>(), 0..300), free in any::<u64>()) {
            Memory::parse(&content).used(Arc::parse(&content));
            Memory::parse(format!("MemTotal: 1 kB\nMemFree: {free} kB\nBuffers: {free} kB\nCached: 1 kB").as_bytes())
                .used(None);
        }
    }
}
