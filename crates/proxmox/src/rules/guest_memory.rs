//! How much memory a virtual machine uses: a ladder of sources, from what counts no cache as used
//! down to what is better than nothing. A source below is only asked when all above it have nothing.

use muster_model::MemorySource;

use super::memory::{MIB, Memory, known};

/// How far parts and whole may differ before the parts are thought incomplete.
const COMPONENT_SLACK: u64 = 4 * MIB;
/// How far the two views of a balloon may differ before they contradict each other.
const BALLOON_SLACK: u64 = 128 * MIB;

/// Memory as the guest's kernel tells it through the status, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct MemInfo {
    pub(crate) total: u64,
    pub(crate) used: u64,
    pub(crate) free: u64,
    pub(crate) available: u64,
    pub(crate) buffers: u64,
    pub(crate) cached: u64,
}

/// What the status of a virtual machine says of its memory, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct StatusMemory {
    pub(crate) mem: Option<u64>,
    pub(crate) max: Option<u64>,
    pub(crate) free: Option<u64>,
    pub(crate) balloon: Option<u64>,
    pub(crate) meminfo: Option<MemInfo>,
    /// Whether the status says that an agent is configured.
    pub(crate) agent: bool,
}

/// What came of asking a further source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Nobody has asked yet.
    #[default]
    Not,
    /// It had nothing.
    Nothing,
    /// So many bytes are available.
    Available(u64),
}

/// Everything that the choice rests on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct GuestMemory {
    /// Whether it runs.
    pub(crate) running: bool,
    /// What the list of resources says is used, in bytes.
    pub(crate) listed: Option<u64>,
    /// What the list of resources says there is, in bytes.
    pub(crate) listed_max: Option<u64>,
    /// The status; absent when it could not be read.
    pub(crate) status: Option<StatusMemory>,
    /// The platform's own history.
    pub(crate) history: Asked,
    /// The kernel's own words, read through the agent.
    pub(crate) agent: Asked,
}

/// A source that has to be asked before the choice can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The platform's own history of the guest.
    History,
    /// `/proc/meminfo` through the agent.
    AgentMeminfo,
}

/// Chooses the best source, or says which one to ask first.
///
/// Step 4 of the rule, the memory of a host agent inside, is the estate's: it knows who is linked to whom.
pub(crate) fn choose(guest: &GuestMemory) -> Result<Memory, Wanted> {
    if !guest.running {
        return Ok(Memory::used(guest.listed_max, 0, MemorySource::PoweredOff));
    }
    let Some(status) = guest.status else { return Ok(listed(guest)) };
    let Some(total) = known(status.max).or_else(|| known(guest.listed_max)) else {
        return Ok(Memory::unknown(None, MemorySource::StatusUnavailable));
    };
    if let Some((available, source)) = status.meminfo.and_then(|info| evaluate(&info)) {
        return Ok(Memory::available(total, available, source));
    }
    if let Some(available) = answer(guest.history, Wanted::History)? {
        return Ok(Memory::available(total, available, MemorySource::RrdMemavailable));
    }
    if status.agent
        && let Some(available) = answer(guest.agent, Wanted::AgentMeminfo)?
    {
        return Ok(Memory::available(total, available, MemorySource::GuestAgentMeminfo));
    }
    Ok(low_trust(total, &status))
}

fn answer(asked: Asked, wanted: Wanted) -> Result<Option<u64>, Wanted> {
    match asked {
        Asked::Not => Err(wanted),
        Asked::Nothing => Ok(None),
        Asked::Available(bytes) => Ok(known(Some(bytes))),
    }
}

fn listed(guest: &GuestMemory) -> Memory {
    match guest.listed {
        Some(used) => Memory::used(guest.listed_max, used, MemorySource::ClusterResources),
        None => Memory::unknown(guest.listed_max, MemorySource::ClusterResources),
    }
}

/// What is available by the kernel's own numbers.
fn evaluate(info: &MemInfo) -> Option<(u64, MemorySource)> {
    if info.available > 0 {
        return Some((info.available, MemorySource::AvailableField));
    }
    let components = info.free.saturating_add(info.buffers).saturating_add(info.cached).min(info.total);
    let rest = info.total.saturating_sub(info.used);
    let incomplete = info.buffers == 0 && info.cached == 0 && rest >= components.saturating_add(COMPONENT_SLACK);
    if incomplete || (components == 0 && rest > 0) {
        return Some((rest, MemorySource::DerivedTotalMinusUsed));
    }
    (components > 0).then_some((components, MemorySource::DerivedFreeBuffersCached))
}

/// The choice between two bad sources, so that a guest with a balloon is not pinned at a false 100 %.
fn low_trust(total: u64, status: &StatusMemory) -> Memory {
    let mem = status.mem.unwrap_or(0);
    let free = status.free.unwrap_or(0);
    let balloon = status.balloon.filter(|balloon| (1..=total).contains(balloon) && free <= *balloon);
    let effective = balloon.unwrap_or(total);
    let by_free = (free > 0 && effective >= free).then(|| effective - free);
    let used = |used, source| Memory::used(Some(total), used, source);
    match (mem, by_free) {
        (0, Some(by_free)) => used(by_free, MemorySource::StatusFreemem),
        (0, None) => Memory::unknown(Some(total), MemorySource::StatusUnavailable),
        (mem, Some(by_free)) if by_free < mem && contradicts(mem, free, effective, by_free) => {
            used(by_free, MemorySource::StatusFreemem)
        }
        (mem, Some(_) | None) => used(mem, MemorySource::StatusMem),
    }
}

/// Whether what is said to be used cannot be: it fills the balloon that has room, or exceeds it together with the rest.
fn contradicts(mem: u64, free: u64, effective: u64, by_free: u64) -> bool {
    let saturated = mem >= effective && by_free < effective;
    saturated || mem.saturating_add(free) > effective.saturating_add(BALLOON_SLACK)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GIB: u64 = 1 << 30;

    #[test]
    fn each_source_in_turn_and_none_below_it_is_asked() {
        //
        let info = MemInfo { total: 8 * GIB, used: 6 * GIB, available: 5 * GIB, ..MemInfo::default() };
        let status = StatusMemory { meminfo: Some(info), ..status(7 * GIB) };
        let mut stub = Stub { status: Some(status), history: Some(4 * GIB), agent: Some(3 * GIB), calls: vec![] };
        assert_eq!(stub.resolve(), (Some(3 * GIB), MemorySource::AvailableField));
        assert_eq!(stub.calls, []);
        stub.status = Some(self::status(7 * GIB));
        assert_eq!(stub.resolve(), (Some(4 * GIB), MemorySource::RrdMemavailable));
        assert_eq!(stub.calls, [Wanted::History]);
        stub.history = None;
        assert_eq!(stub.resolve(), (Some(5 * GIB), MemorySource::GuestAgentMeminfo));
        assert_eq!(stub.calls, [Wanted::History, Wanted::AgentMeminfo]);
        stub.agent = None;
        assert_eq!(stub.resolve(), (Some(7 * GIB), MemorySource::StatusMem));
        stub.status = None;
        assert_eq!(stub.resolve(), (Some(2 * GIB), MemorySource::ClusterResources));
        assert_eq!(stub.calls, []);
    }

    #[test]
    fn an_agent_that_is_off_is_not_asked() {
        // R-69, step 3
        let status = StatusMemory { agent: false, ..status(7 * GIB) };
        let mut stub = Stub { status: Some(status), history: None, agent: Some(GIB), calls: vec![] };
        assert_eq!(stub.resolve().1, MemorySource::StatusMem);
        assert_eq!(stub.calls, [Wanted::History]);
    }

    #[test]
    fn what_does_not_run_uses_nothing() {
        //
        let guest = GuestMemory { listed: Some(GIB), listed_max: Some(8 * GIB), ..GuestMemory::default() };
        let memory = choose(&guest).unwrap();
        assert_eq!((memory.used, memory.source), (Some(0), MemorySource::PoweredOff));
    }

    #[test]
    fn parts_are_believed_until_they_miss_four_mebibytes() {
        //
        let check = |free, rest, expected: (u64, MemorySource)| {
            let total = 8192;
            let info =
                MemInfo { total: total * MIB, used: (total - rest) * MIB, free: free * MIB, ..MemInfo::default() };
            assert_eq!(evaluate(&info), Some((expected.0 * MIB, expected.1)), "{free} of {rest}");
        };
        check(1000, 1003, (1000, MemorySource::DerivedFreeBuffersCached));
        check(1000, 1004, (1004, MemorySource::DerivedTotalMinusUsed));
        check(0, 1, (1, MemorySource::DerivedTotalMinusUsed));
        assert_eq!(evaluate(&MemInfo::default()), None);
        let cached = MemInfo { total: GIB, used: MIB, free: MIB, cached: MIB, ..MemInfo::default() };
        assert_eq!(evaluate(&cached), Some((2 * MIB, MemorySource::DerivedFreeBuffersCached)));
    }

    #[test]
    fn a_balloon_does_not_pin_a_guest_at_full() {
        //
        let check = |total: u64, mem: u64, free: u64, balloon: u64, expected: (Option<u64>, MemorySource)| {
            let status = StatusMemory { free: Some(free), balloon: Some(balloon), ..status(mem) };
            let memory = low_trust(total, &status);
            assert_eq!((memory.used, memory.source), expected, "{mem} used, {free} free");
        };
        check(8 * GIB, 8 * GIB, 3 * GIB, 4 * GIB, (Some(GIB), MemorySource::StatusFreemem));
        check(4 * GIB, 3 * GIB, GIB, 0, (Some(3 * GIB), MemorySource::StatusMem));
        check(4 * GIB, 0, GIB, 0, (Some(3 * GIB), MemorySource::StatusFreemem));
        check(4 * GIB, 0, 0, 0, (None, MemorySource::StatusUnavailable));
        check(4 * GIB, 3 * GIB, GIB + 127 * MIB, 0, (Some(3 * GIB), MemorySource::StatusMem));
        let flipped = 3 * GIB - 129 * MIB;
        check(4 * GIB, 3 * GIB, GIB + 129 * MIB, 0, (Some(flipped), MemorySource::StatusFreemem));
    }

    #[test]
    fn fullness_is_unknown_rather_than_nothing() {
        // D-9: the rule's "used 0" of an unusable status is no number.
        let memory = choose(&GuestMemory {
            running: true,
            status: Some(StatusMemory::default()),
            history: Asked::Nothing,
            listed_max: Some(GIB),
            ..GuestMemory::default()
        });
        assert_eq!(memory.unwrap().used, None);
    }

    proptest! {
        #[test]
        fn use_never_exceeds_what_there_is(numbers: [u64; 9], known: bool, agent: bool) {
            let [mem, max, free, balloon, total, used, cached, history, listed_max] = numbers;
            let info = MemInfo { total, used, free, available: 0, buffers: cached, cached };
            let status = StatusMemory {
                mem: Some(mem), max: Some(max), free: Some(free), balloon: Some(balloon),
                meminfo: known.then_some(info), agent,
            };
            let history = if known { Asked::Nothing } else { Asked::Available(history) };
            let guest = GuestMemory {
                running: true, listed: Some(mem), listed_max: Some(listed_max), status: Some(status),
                history, agent: Asked::Available(used),
            };
            let memory = choose(&guest).unwrap();
            prop_assert!(memory.used <= memory.total.or(memory.used));
            prop_assert!(memory.percent().is_none_or(|percent| (0.0..=100.0).contains(&percent)));
        }
    }

    /// Sources that answer when asked, and remember that they were.
    struct Stub {
        status: Option<StatusMemory>,
        history: Option<u64>,
        agent: Option<u64>,
        calls: Vec<Wanted>,
    }

    impl Stub {
        fn resolve(&mut self) -> (Option<u64>, MemorySource) {
            self.calls.clear();
            let (listed, listed_max) = (Some(2 * GIB), Some(8 * GIB));
            let mut guest =
                GuestMemory { running: true, listed, listed_max, status: self.status, ..GuestMemory::default() };
            loop {
                let asked = |value: Option<u64>| value.map_or(Asked::Nothing, Asked::Available);
                match choose(&guest) {
                    Ok(memory) => return (memory.used, memory.source),
                    Err(Wanted::History) => guest.history = asked(self.history),
                    Err(Wanted::AgentMeminfo) => guest.agent = asked(self.agent),
                }
                self.calls.push(if guest.agent == Asked::Not { Wanted::History } else { Wanted::AgentMeminfo });
            }
        }
    }

    fn status(mem: u64) -> StatusMemory {
        StatusMemory { mem: Some(mem), max: Some(8 * GIB), agent: true, ..StatusMemory::default() }
    }
}
