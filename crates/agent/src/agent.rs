//! The agent itself: what it remembers from one observation to the next, and the order of the sections.

use std::{sync::Arc, time::Duration};

use muster_model::{Completeness, Issue, IssueClass, Report, SourceId, TenantId, UnknownReason};
use muster_runtime::Clock;

use crate::{
    assemble::{self, Disk, LinkedInterface, Observation},
    config::Config,
    disks::{DiskFacts, DiskRates, Disks},
    filesystems::{Filesystem, Filesystems},
    host::{
        boot::Boot,
        cpu::CpuTimes,
        facts::{self, HostFacts},
        load,
        memory::{self, Memory},
    },
    kernel::{Kernel, LiveKernel},
    mdraid,
    network::{self, Traffic, TrafficRates},
    read::{Files, ReadError},
    refresh::Refreshed,
    report_builder::Previous,
    sensors,
};

/// Observes the machine it runs on. Keeps the baselines that rates are taken from, keyed by the boot they belong to.
pub struct Agent {
    config: Config,
    clock: Arc<dyn Clock>,
    kernel: Arc<dyn Kernel>,
    source: SourceId,
    tenant: TenantId,
    boot: Option<Boot>,
    facts: Refreshed<HostFacts>,
    cpu: Option<CpuTimes>,
    disks: Disks,
    filesystems: Filesystems,
    traffic: Traffic,
    previous: Previous,
}

impl Agent {
    /// An agent that has not observed anything yet.
    pub fn new(config: Config, clock: Arc<dyn Clock>, source: SourceId, tenant: TenantId) -> Self {
        Self::with_kernel(config, clock, Arc::new(LiveKernel), source, tenant)
    }

    /// The same on another machine than the real one.
    pub fn with_kernel(
        config: Config,
        clock: Arc<dyn Clock>,
        kernel: Arc<dyn Kernel>,
        source: SourceId,
        tenant: TenantId,
    ) -> Self {
        Self {
            filesystems: Filesystems::new(Arc::clone(&kernel), config.statvfs_deadline),
            config,
            clock,
            kernel,
            source,
            tenant,
            boot: None,
            facts: Refreshed::every(facts::LIFETIME),
            cpu: None,
            disks: Disks::new(),
            traffic: Traffic::default(),
            previous: Previous::new(),
        }
    }

    /// One observation. Blocks while it reads files, and at most for the configured deadline on filesystems that do not
    /// answer. Never fails: what cannot be read becomes an issue of the report, or an unknown sample.
    pub fn collect(&mut self) -> Report {
        let reported_at = self.clock.now();
        let roots = self.config.roots.clone();
        let kernel = Arc::clone(&self.kernel);
        let files = Files { roots: &roots, kernel: &*kernel };
        let boot = self.begin(Boot::observe(&files, self.boot.as_ref(), reported_at));
        let observation = self.observe(&files, boot);
        let (records, samples, issues) = assemble::report(observation, &self.previous);
        self.previous = records.iter().map(|record| (record.key.clone(), Arc::clone(record))).collect();
        Report {
            tenant: self.tenant.clone(),
            source: self.source.clone(),
            reported_at,
            interval: self.config.interval,
            completeness: Completeness::from_issues(issues),
            records,
            samples,
            activities: Vec::new(),
        }
    }

    /// Counters of one boot say nothing about those of another.
    fn begin(&mut self, boot: Boot) -> Boot {
        if self.boot.as_ref().is_some_and(|known| known.id != boot.id) {
            self.facts.clear();
            self.cpu = None;
            self.disks.forget();
            self.traffic = Traffic::default();
        }
        self.boot.insert(boot).clone()
    }

    fn observe(&mut self, files: &Files<'_>, boot: Boot) -> Observation {
        let at = self.clock.monotonic();
        let mut issues = Issues::default();
        let facts = self.facts.get(at, || HostFacts::read(files)).clone();
        let arc = if facts.in_container() { None } else { memory::Arc::read(files) };
        let chips = sensors::chips(files);
        Observation {
            hostname: facts::hostname(files),
            boot,
            cpu: self.cpu(files, &mut issues),
            memory: issues.of("memory", Memory::read(files)),
            arc,
            load: issues.of("load", load::averages(files)),
            pressures: load::pressures(files),
            cpu_temperature: sensors::cpu_temperature(&chips),
            filesystems: self.filesystems(files, &mut issues),
            disks: self.disks(files, at, &chips, &mut issues),
            arrays: issues.of("mdraid", mdraid::arrays(files)).unwrap_or_default(),
            interfaces: self.interfaces(files, at, &mut issues),
            facts,
            issues: issues.0,
        }
    }

    fn cpu(&mut self, files: &Files<'_>, issues: &mut Issues) -> Result<f64, UnknownReason> {
        let now = issues.of("cpu", CpuTimes::read(files))?;
        self.cpu.replace(now).map_or(Err(UnknownReason::NoBaseline), |earlier| now.usage_since(&earlier))
    }

    fn filesystems(&mut self, files: &Files<'_>, issues: &mut Issues) -> Result<Vec<Filesystem>, UnknownReason> {
        let clock = Arc::clone(&self.clock);
        let filesystems = self.filesystems.observe(files, &self.config, &|| clock.monotonic());
        let filesystems = issues.of("filesystems", filesystems)?;
        filesystems.iter().for_each(|filesystem| issues.unanswered(filesystem));
        Ok(filesystems)
    }

    fn disks(
        &mut self,
        files: &Files<'_>,
        at: Duration,
        chips: &[sensors::Chip],
        issues: &mut Issues,
    ) -> Result<Vec<Disk>, UnknownReason> {
        let disks = issues.of("disks", self.disks.facts(files, at))?;
        let rates = issues.of("diskstats", self.disks.rates(files, at, &disks));
        let rates_of = |name: &str| match &rates {
            Ok(rates) => rates.get(name).copied().unwrap_or(DiskRates::unknown(UnknownReason::NotReported)),
            Err(reason) => DiskRates::unknown(*reason),
        };
        let disk = |facts: DiskFacts| Disk {
            rates: rates_of(&facts.facet.device),
            temperature: sensors::disk_temperature(chips, &facts.facet.device, facts.device_path.as_deref()),
            sleeps: facts.device_path.as_deref().is_some_and(|device| files.sleeps(device)),
            facet: facts.facet,
        };
        Ok(disks.into_iter().map(disk).collect())
    }

    fn interfaces(
        &mut self,
        files: &Files<'_>,
        at: Duration,
        issues: &mut Issues,
    ) -> Result<Vec<LinkedInterface>, UnknownReason> {
        let interfaces = issues.of("network", network::interfaces(files))?;
        let rates = issues.of("traffic", self.traffic.observe(files, at));
        let rates_of = |name: &[u8]| match &rates {
            Ok(rates) => rates.get(name).copied().unwrap_or(TrafficRates::unknown(UnknownReason::NotReported)),
            Err(reason) => TrafficRates::unknown(*reason),
        };
        let with_rates =
            |interface: network::Interface| LinkedInterface { rates: rates_of(&interface.name), interface };
        Ok(interfaces.into_iter().map(with_rates).collect())
    }
}

/// What could not be read in one observation.
#[derive(Default)]
struct Issues(Vec<Issue>);

impl Issues {
    /// What a section found, or why it found nothing; that is noted.
    fn of<T>(&mut self, section: &str, found: Result<T, ReadError>) -> Result<T, UnknownReason> {
        found.map_err(|error| {
            self.0.push(error.issue(section));
            error.reason()
        })
    }

    /// A filesystem that hangs or fails is worth an operator's attention; one that may not be asked is not.
    fn unanswered(&mut self, filesystem: &Filesystem) {
        let mountpoint = &filesystem.facet.mountpoint;
        let (class, what) = match filesystem.usage {
            Err(UnknownReason::TimedOut) => (IssueClass::TimedOut, "does not answer"),
            Err(UnknownReason::SourceUnreachable | UnknownReason::Malformed) => (IssueClass::Unavailable, "fails"),
            _ => return,
        };
        let message = format!("the filesystem at {mountpoint} {what}; check its device or server, or unmount it");
        self.0.push(Issue { class, section: "filesystems".to_owned(), message });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_may_work_on_any_thread() {
        fn assert_send<T: Send>() {}
        assert_send::<Agent>();
    }
}
