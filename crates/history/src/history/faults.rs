//! What happens when the file system refuses, operation by operation (D-12): nothing stops, nothing is half-written,
//! and it heals by itself.

use std::{
    io,
    num::NonZeroU32,
    sync::atomic::{AtomicU8, Ordering},
};

use jiff::Timestamp;
use muster_model::ResourceKind;

use super::*;
use crate::{
    backfill::{BackfillError, BackfillSeries, Backfilled},
    log::files::Appendable,
    options::Sync,
};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    Create,
    Append,
    /// Half of the bytes are written before the refusal.
    Tear,
    /// As above, and the half cannot be cut off again.
    TearForGood,
    Sync,
    /// Deleting a file ends the thread that does it.
    Bug,
}

const FAULTS: [Fault; 6] = [Fault::None, Fault::Create, Fault::Append, Fault::Tear, Fault::TearForGood, Fault::Sync];

#[test]
fn a_keeper_that_stopped_is_told_from_a_history_that_is_closed() {
    let world = World::new();
    world.sweep(0);
    world.disk.set(Fault::Bug);
    assert!(matches!(world.history.flush(), Err(FlushError::Stopped)));
    assert!(world.history.stats().last_error.unwrap().contains("restart the server"));
    // It goes on taking in what comes.
    assert_eq!(world.sweep(1).not_durable, None);
    assert_eq!(world.reopened().known(), 2);
}

#[test]
fn a_refused_write_is_kept_in_memory_and_made_up_for() {
    for fault in &FAULTS[1..] {
        let world = World::new();
        assert_eq!(world.sweep(0).not_durable, None);
        // Creating fails only where a file is created: after the current one was given up.
        world.disk.set(if *fault == Fault::Create { Fault::Append } else { *fault });
        let refused = world.sweep(1);
        world.disk.set(*fault);
        assert!(refused.not_durable.unwrap().contains("free some space"), "{fault:?}");
        assert_eq!(world.sweep(2).pending_sweeps, 2, "{fault:?}");
        assert!(matches!(world.history.flush(), Err(FlushError::Log(_))), "{fault:?}");
        assert_eq!(world.known(), 3, "{fault:?}: readers see what memory has");
        let stats = world.history.stats();
        assert_eq!((stats.pending_sweeps, stats.last_durable), (2, Some(at(0))), "{fault:?}");
        assert!(stats.last_error.is_some(), "{fault:?}");

        world.disk.set(Fault::None);
        let healed = world.sweep(3);
        assert_eq!((healed.not_durable, healed.pending_sweeps), (None, 0), "{fault:?}");
        assert_eq!(world.history.stats().last_error, None, "{fault:?}");
        assert_eq!(world.reopened().known(), 4, "{fault:?}");
    }
}

#[test]
fn what_was_refused_and_never_made_up_for_is_not_half_there() {
    for fault in &FAULTS[1..] {
        let world = World::new();
        world.sweep(0);
        world.disk.set(*fault);
        let durable = world.sweep(1).not_durable.is_none();
        assert_eq!(durable, *fault == Fault::Create);
        let known = world.reopened().known();
        // A write that only could not be confirmed may have survived, as a whole.
        let possible = if *fault == Fault::Sync { 1..=2 } else { 1 + usize::from(durable)..=1 + usize::from(durable) };
        assert!(possible.contains(&known), "{fault:?}: {known}");
    }
}

#[test]
fn memory_stays_bounded_however_long_nothing_can_be_written() {
    let world = World::of_width(20_000);
    world.disk.set(Fault::Append);
    for tick in 0..100 {
        world.sweep(tick);
        let stats = world.history.stats();
        // 256 bytes a series, half of it open and half of it waiting, and the row that came on top.
        assert!(stats.memory_bytes <= 20_000 * 256 * 2 + 20_005 * 8, "{} bytes", stats.memory_bytes);
        assert!(stats.pending_sweeps <= 2);
    }
    let stats = world.history.stats();
    assert!(stats.shed_samples > 0 && stats.unlogged_sweeps > 0, "{stats:?}");
    // The newest are kept, and become safe once there is room.
    world.disk.set(Fault::None);
    let known = world.known();
    assert!(known > 2, "more than waits to be logged");
    world.history.flush().unwrap();
    assert_eq!(world.known(), known);
    let stats = world.history.stats();
    assert!(stats.shed_samples == 0 && stats.lost_samples > 0, "what is lost is told: {stats:?}");
    assert_eq!(world.reopened().known(), known);
}

#[test]
fn a_past_that_the_disk_refuses_is_refused_and_drives_nothing_out() {
    let world = World::of_width(100);
    world.disk.set(Fault::Append);
    world.sweep(0);
    let long: Vec<_> = (1..200_000).map(|tick| (at(-tick), 1.0)).collect();
    for _ in 0..3 {
        assert!(matches!(world.remember(&long), Err(BackfillError::NotDurable { written: 0, .. })));
        let stats = world.history.stats();
        assert_eq!((stats.shed_total, stats.unlogged_sweeps, stats.pending_sweeps), (0, 0, 1));
    }
    // It breaks off where the disk begins to refuse.
    world.disk.set(Fault::None);
    world.sweep(1);
    world.disk.set(Fault::Append);
    assert!(matches!(world.remember(&long), Err(BackfillError::NotDurable { written: 0, .. })));
    assert_eq!(world.history.stats().pending_sweeps, 1);
    world.disk.set(Fault::None);
    let Backfilled { written, covered, .. } = world.remember(&long).unwrap();
    assert!(written > 0 && covered > 0, "what was taken in before is covered");
    assert_eq!((written + covered) as usize, long.len());
    assert_eq!(world.reopened().known(), 2);
}

#[derive(Debug)]
struct World {
    directory: tempfile::TempDir,
    disk: Faulty,
    history: History,
    plan: PlanId,
    width: usize,
}

impl World {
    fn new() -> Self {
        Self::of_width(3)
    }

    fn of_width(width: usize) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let disk = Faulty(Arc::new(AtomicU8::new(0)));
        let (history, plan) = open(directory.path(), &disk, width);
        Self { directory, disk, history, plan, width }
    }

    /// As after a crash.
    fn reopened(self) -> Self {
        let Self { directory, disk, history, plan: _, width } = self;
        drop(history);
        disk.set(Fault::None);
        let (history, plan) = open(directory.path(), &disk, width);
        Self { directory, disk, history, plan, width }
    }

    fn sweep(&self, tick: i64) -> Appended {
        let values = vec![tick as f64; self.width];
        self.history.append(&[PlanSamples { plan: self.plan, at: at(tick), values: &values }]).unwrap()
    }

    /// What a source remembers of somebody else.
    fn remember(&self, samples: &[(Timestamp, f64)]) -> Result<Backfilled, BackfillError> {
        let resource = ResourceId::mint(ResourceKind::Vm, "remembered");
        let series = [BackfillSeries { resource, former: Vec::new(), metric: Metric::Cpu, samples: samples.to_vec() }];
        let period = self.history.period(SignedDuration::from_secs(10));
        self.history.backfill(&TenantId::DEFAULT, &SourceId::local_agent(), period, &series, &Cancel::default())
    }

    /// How many sweeps there are; each has its own number in every series.
    fn known(&self) -> usize {
        let query = ManyQuery {
            tenant: TenantId::DEFAULT,
            resources: vec![vec![resource(0)], vec![resource(self.width - 1)]],
            metrics: vec![Metric::SmartPowerOnHours],
            from: at(0),
            to: at(100),
            points: NonZeroU32::new(1000).unwrap(),
        };
        let answer = self.history.query_many(&query, &Cancel::default()).unwrap();
        let [first, last] = [0, 1].map(|resource| answer.resources[resource][0].avg.clone());
        assert_eq!(first, last, "half a sweep");
        let known = first.iter().zip(0..).filter_map(|(value, tick)| value.map(|value| (value, f64::from(tick))));
        known.inspect(|(value, tick)| assert_eq!(value, tick)).count()
    }
}

fn open(directory: &Path, disk: &Faulty, width: usize) -> (History, PlanId) {
    let options = Options { sync: Sync::Full, memory_bytes: 1 << 20, ..Options::default() };
    let history = History::open_on(directory, &options, Arc::new(disk.clone())).unwrap();
    let series: Vec<_> = (0..width).map(|number| (resource(number), Metric::SmartPowerOnHours)).collect();
    let period = history.period(SignedDuration::from_secs(10));
    let plan = history.plan(&TenantId::DEFAULT, &SourceId::local_agent(), period, &series).unwrap();
    (history, plan)
}

fn resource(number: usize) -> ResourceId {
    ResourceId::mint(ResourceKind::PhysicalDisk, &number.to_string())
}

fn at(tick: i64) -> Timestamp {
    Timestamp::from_second(1_795_251_600 + 10 * tick).unwrap()
}

/// A disk that fails when told to.
#[derive(Debug, Clone)]
struct Faulty(Arc<AtomicU8>);

impl Faulty {
    fn set(&self, fault: Fault) {
        self.0.store(fault as u8, Ordering::SeqCst);
    }

    fn fault(&self) -> Fault {
        let number = usize::from(self.0.load(Ordering::SeqCst));
        FAULTS.get(number).copied().unwrap_or(Fault::Bug)
    }
}

/// A file on it.
#[derive(Debug)]
struct FaultyFile {
    disk: Faulty,
    file: Box<dyn Appendable>,
}

impl Files for Faulty {
    fn create(&self, path: &Path) -> io::Result<Box<dyn Appendable>> {
        match self.fault() {
            Fault::Create => Err(io::ErrorKind::StorageFull.into()),
            Fault::None | Fault::Append | Fault::Tear | Fault::TearForGood | Fault::Sync | Fault::Bug => {
                Ok(Box::new(FaultyFile { disk: self.clone(), file: Disk.create(path)? }))
            }
        }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        assert_ne!(self.fault(), Fault::Bug);
        Disk.remove(path)
    }
}

impl Appendable for FaultyFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self.disk.fault() {
            Fault::None | Fault::Create | Fault::Sync | Fault::Bug => self.file.append(bytes),
            Fault::Append => Err(io::ErrorKind::StorageFull.into()),
            Fault::Tear | Fault::TearForGood => {
                self.file.append(&bytes[..bytes.len() / 2])?;
                Err(io::ErrorKind::StorageFull.into())
            }
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        match self.disk.fault() {
            Fault::Sync => Err(io::ErrorKind::StorageFull.into()),
            Fault::None | Fault::Create | Fault::Append | Fault::Tear | Fault::TearForGood | Fault::Bug => {
                self.file.sync()
            }
        }
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        match self.disk.fault() {
            Fault::TearForGood => Err(io::ErrorKind::StorageFull.into()),
            Fault::None | Fault::Create | Fault::Append | Fault::Tear | Fault::Sync | Fault::Bug => {
                self.file.cut(length)
            }
        }
    }
}
