//! What the agent inside a virtual machine says in its platform's place.
//!
//! R-14 leaves a guest to its platform. Two things a platform often cannot see from outside: how much memory the guest
//! uses without its cache, and how full its disks are. Where it knows neither, or only guesses, the agent inside speaks.
//! Decided here alone, on facts, when the guest's row is built; the published facts ([`crate::merged`]), the readings
//! ([`crate::witness`]) and what goes to history ([`crate::measure`]) all follow the decision in the row. With the agent's
//! silence it ends.

use muster_model::{
    Facet, GuestFacet, HostFacet, MemorySource, Metric, NativeKey, ResourceKind, SampleValue, SourceFreshness,
    SourceId, Status,
};

use crate::resource::Member;

/// The agent inside a guest, and what it says of the guest.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Insider {
    /// Who.
    pub(crate) source: SourceId,
    /// Its key for the system that it runs on.
    pub(crate) key: NativeKey,
    /// Says how much memory is used.
    pub(crate) memory: Option<Memory>,
    /// Says how full the disks are.
    pub(crate) disk: bool,
}

/// The two sizes of a guest's memory, in bytes: what the platform gives it, and what the kernel inside manages of that.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Memory {
    given: f64,
    managed: f64,
}

impl Insider {
    /// What an agent may say of it.
    pub(crate) const METRICS: [Metric; 3] = [Metric::Memory, Metric::MemoryUsed, Metric::Disk];

    /// The agent's word on a guest of which its platform says this; `None` where the platform needs no help. `status` is
    /// the platform's own word.
    pub(crate) fn of(
        guest: &GuestFacet,
        kind: ResourceKind,
        status: Status,
        agent: &Member,
        freshness: SourceFreshness,
    ) -> Option<Self> {
        let is_told = kind == ResourceKind::Vm && status == Status::Online && freshness == SourceFreshness::Online;
        let host = agent.record.facets.iter().find_map(|facet| facet.as_host()).filter(|_| is_told)?;
        let (memory, disk) = (memory(guest, host), disk(guest, host));
        let (source, key) = (agent.source.clone(), agent.record.key.clone());
        (memory.is_some() || disk).then_some(Self { source, key, memory, disk })
    }

    /// The agent's value of a guest's metric; `measured` is what the agent measured of its own system. `None` where it is
    /// the platform's to say, or the agent could not measure it.
    pub(crate) fn tell(&self, metric: Metric, measured: impl Fn(Metric) -> Option<SampleValue>) -> Option<f64> {
        let measured = |metric| match measured(metric)? {
            SampleValue::Value(value) => Some(value),
            SampleValue::Unknown(_) => None,
        };
        if metric == Metric::Disk {
            return measured(metric).filter(|_| self.disk);
        }
        let memory = self.memory.filter(|_| Self::METRICS.contains(&metric))?;
        let used = memory.used(measured(Metric::MemoryUsed)?)?;
        Some(if metric == Metric::Memory { used * 100.0 / memory.given } else { used })
    }
}

impl Memory {
    /// Of what the platform gives, what is not available inside.
    fn used(self, used_inside: f64) -> Option<f64> {
        let available = self.managed - used_inside;
        let is_sane = used_inside >= 0.0 && available > 0.0;
        is_sane.then(|| self.given - available.min(self.given))
    }
}

/// R-69, step 4: below what the platform can tell without the guest's cache, above what it guesses.
fn memory(guest: &GuestFacet, host: &HostFacet) -> Option<Memory> {
    let yields = guest.memory_source.is_none_or(MemorySource::yields_to_agent);
    let managed = host.memory.total_bytes.filter(|total| yields && *total > 0)?;
    let given = guest.memory_bytes.filter(|total| *total > 0).unwrap_or(managed);
    Some(Memory { given: given as f64, managed: managed as f64 })
}

/// where the agent of the platform gave nothing just now.
fn disk(guest: &GuestFacet, host: &HostFacet) -> bool {
    host.disk_bytes.is_some() && (guest.disk_source.is_none() || guest.disk_status.is_some())
}

/// The facts of a guest with what the agent inside says.
pub(crate) fn facet(guest: &GuestFacet, insider: &Insider) -> Facet {
    let mut guest = guest.clone();
    if insider.memory.is_some() {
        guest.memory_source = Some(MemorySource::Agent);
    }
    if insider.disk {
        guest.disk_source = Some(muster_model::GuestDiskSource::Agent);
        guest.disk_status = None;
    }
    Facet::Guest(Box::new(guest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: f64 = (1_u64 << 30) as f64;

    #[test]
    fn what_is_used_is_what_is_not_available_inside() {
        // of 8 GiB the kernel manages 7, of which 3 are available.
        let memory = Memory { given: 8.0 * GIB, managed: 7.0 * GIB };
        assert_eq!(memory.used(4.0 * GIB), Some(5.0 * GIB));
        assert_eq!(memory.used(7.0 * GIB), None, "nothing available is no answer");
        assert_eq!(memory.used(-1.0), None);
        assert_eq!(Memory { given: GIB, managed: 8.0 * GIB }.used(0.0), Some(0.0));
    }

    #[test]
    fn it_says_nothing_but_what_it_was_asked_for() {
        let insider =
            Insider { source: SourceId::local_agent(), key: NativeKey::new("host").unwrap(), memory: None, disk: true };
        let measured = |_| Some(SampleValue::Value(40.0));
        assert_eq!(insider.tell(Metric::Disk, measured), Some(40.0));
        assert_eq!(insider.tell(Metric::Memory, measured), None);
        assert_eq!(insider.tell(Metric::Cpu, measured), None, "R-14: the processor stays with the platform");
        let unknown = |_| Some(SampleValue::Unknown(muster_model::UnknownReason::NotReported));
        assert_eq!(insider.tell(Metric::Disk, unknown), None);
    }
}
