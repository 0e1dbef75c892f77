//! How much memory a container uses: the platform's own history where it is sane, else the list.

use muster_model::MemorySource;

use super::memory::{Memory, known};

/// The newest point of the platform's own history of a container, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ContainerHistory {
    pub(crate) available: Option<u64>,
    pub(crate) used: Option<u64>,
}

/// Chooses the source of a container's memory. A stopped one uses none.
pub(crate) fn choose(running: bool, listed: Option<u64>, max: Option<u64>, history: ContainerHistory) -> Memory {
    if !running {
        return Memory::used(max, 0, MemorySource::PoweredOff);
    }
    let sane = |value: Option<u64>| Some((known(value)?, known(max)?)).filter(|(value, max)| value <= max);
    if let Some((available, max)) = sane(history.available) {
        return Memory::available(max, available, MemorySource::RrdMemavailable);
    }
    if let Some((used, max)) = sane(history.used) {
        return Memory::used(Some(max), used, MemorySource::RrdMemused);
    }
    match listed {
        Some(used) => Memory::used(max, used, MemorySource::ClusterResources),
        None => Memory::unknown(max, MemorySource::ClusterResources),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_is_used_where_it_is_sane() {
        //
        let check = |available, used, expected: (u64, MemorySource)| {
            let memory = choose(true, Some(30), Some(100), ContainerHistory { available, used });
            assert_eq!((memory.used, memory.source), (Some(expected.0), expected.1), "{available:?} {used:?}");
        };
        check(Some(40), Some(50), (60, MemorySource::RrdMemavailable));
        check(Some(0), Some(50), (50, MemorySource::RrdMemused));
        check(Some(101), Some(50), (50, MemorySource::RrdMemused));
        check(None, Some(101), (30, MemorySource::ClusterResources));
        check(None, None, (30, MemorySource::ClusterResources));
    }

    #[test]
    fn a_stopped_container_uses_nothing_whatever_the_list_says() {
        //
        let memory = choose(false, Some(80), Some(100), ContainerHistory { available: None, used: Some(80) });
        assert_eq!((memory.percent(), memory.source), (Some(0.0), MemorySource::PoweredOff));
    }

    #[test]
    fn use_is_cut_to_the_limit() {
        //
        assert_eq!(choose(true, Some(180), Some(100), ContainerHistory::default()).used, Some(100));
        assert_eq!(choose(true, None, Some(100), ContainerHistory::default()).used, None);
    }
}
