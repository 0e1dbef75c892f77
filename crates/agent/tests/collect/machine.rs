//! A recorded machine: lays listings out as a tree below a temporary root, and answers system calls.

use std::{
    collections::BTreeMap,
    fs, io,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex},
};

use jiff::{SignedDuration, Timestamp};
use muster_agent::{Agent, Config, FilesystemUse, InterfaceAddress, Kernel, LiveKernel, Roots};
use muster_model::{Facet, HostFacet, Metric, Record, Report, SampleValue, SourceId, TenantId, UnknownReason};
use muster_runtime::ManualClock;
use tempfile::TempDir;

/// The machine and everything that a test may change on it.
pub(crate) struct Machine {
    root: TempDir,
    pub(crate) clock: ManualClock,
    pub(crate) kernel: Arc<RecordedKernel>,
    pub(crate) config: Config,
}

impl Machine {
    /// A machine without a single file.
    pub(crate) fn empty() -> Self {
        let root = tempfile::tempdir().unwrap();
        let config =
            Config { roots: Roots::below(root.path()), interval: SignedDuration::from_secs(10), ..Config::default() };
        let clock = ManualClock::at("2026-11-21T08:00:00Z".parse::<Timestamp>().unwrap());
        Self { root, clock, kernel: Arc::default(), config }
    }

    /// The recorded Debian machine, at the first of its two recorded times.
    pub(crate) fn recorded() -> Self {
        let machine = Self::empty();
        for (path, fixture) in [
            ("proc/stat", "linux/stat_1.txt"),
            ("proc/meminfo", "linux/meminfo.txt"),
            ("proc/loadavg", "linux/loadavg.txt"),
            ("proc/cpuinfo", "linux/cpuinfo.txt"),
            ("proc/uptime", "linux/uptime.txt"),
            ("proc/diskstats", "linux/diskstats_1.txt"),
            ("proc/net/dev", "net/proc_net_dev.txt"),
            ("proc/self/mountinfo", "linux/mountinfo.txt"),
            ("proc/sys/kernel/random/boot_id", "linux/boot_id.txt"),
            ("etc/machine-id", "linux/machine-id.txt"),
            ("etc/os-release", "linux/os-release.txt"),
        ] {
            machine.put_fixture(path, fixture);
        }
        machine.put("proc/sys/kernel/hostname", "nas01\n");
        machine.put("proc/sys/kernel/osrelease", "6.12.107+deb13-amd64\n");
        machine.put("proc/pressure/cpu", "some avg10=46.16 avg60=44.92 avg300=14.96 total=50749911\n");
        machine.put("proc/net/if_inet6", "20010db8002000000000000000000005 07 40 00 80 vmbr0.20\n");
        machine.put_dmi();
        machine.put_disks();
        machine.put_interfaces();
        machine.put_udev();
        machine
    }

    /// An agent on the machine.
    pub(crate) fn agent(&self) -> Agent {
        Agent::with_kernel(
            self.config.clone(),
            Arc::new(self.clock.clone()),
            Arc::clone(&self.kernel) as Arc<dyn Kernel>,
            SourceId::local_agent(),
            TenantId::DEFAULT,
        )
    }

    pub(crate) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root.path().join(path)
    }

    pub(crate) fn put(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn put_fixture(&self, path: &str, fixture: &str) {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
        self.put(path, fs::read(fixtures.join(fixture)).unwrap());
    }

    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).unwrap();
    }

    /// Lays out a listing of chips: a line `== hwmon0 -> …`, then `name=value` for each attribute.
    pub(crate) fn put_sensors(&self, fixture: &str) {
        let mut chip = PathBuf::new();
        for line in fixture.lines() {
            if let Some(head) = line.strip_prefix("== ") {
                chip = Path::new("sys/class/hwmon").join(head.split(' ').next().unwrap());
            } else if let Some(device) = line.strip_prefix("device=/") {
                self.link(chip.join("device"), device);
            } else if let Some((name, value)) = line.split_once('=') {
                self.put(chip.join(name), value);
            }
        }
    }

    fn put_dmi(&self) {
        for (name, value) in
            include_str!("../fixtures/linux/dmi_id.txt").lines().filter_map(|line| line.split_once('='))
        {
            self.put(Path::new("sys/class/dmi/id").join(name), value);
        }
    }

    fn put_disks(&self) {
        for line in include_str!("../fixtures/linux/sys_block.txt").lines() {
            let (name, rest) = line.split_once(' ').unwrap();
            let block = Path::new("sys/block").join(name);
            let value = |key: &str| {
                let (_, rest) = rest.split_once(&format!("{key}=")).unwrap();
                let end = rest.find('=').map_or(rest.len(), |equals| rest[..equals].rfind(' ').unwrap());
                rest[..end].trim()
            };
            self.put(block.join("size"), value("size"));
            self.put(block.join("queue/rotational"), value("rotational"));
            self.put(block.join("wwid"), value("wwid"));
            let device = value("dev").strip_prefix('/').unwrap();
            self.link(block.join("device"), device);
            for attribute in ["model", "vendor", "serial"] {
                self.put(block.join("device").join(attribute), value(attribute));
            }
        }
        self.put("sys/block/loop0/size", "2048");
        self.put("sys/block/sda/dev", "8:0\n");
    }

    fn put_udev(&self) {
        let properties = include_str!("../fixtures/linux/udev_sda.txt").lines().map(|line| format!("E:{line}\n"));
        self.put("run/udev/data/b8:0", properties.collect::<String>());
    }

    fn put_interfaces(&self) {
        for line in include_str!("../fixtures/net/sys_class_net.txt").lines() {
            let mut words = line.split(' ');
            let interface = Path::new("sys/class/net").join(words.next().unwrap());
            let values: BTreeMap<_, _> = words.filter_map(|word| word.split_once('=')).collect();
            for (attribute, name) in [
                ("operstate", "operstate"),
                ("speed", "speed"),
                ("mtu", "mtu"),
                ("type", "type"),
                ("addr", "address"),
                ("addr_assign_type", "addr_assign_type"),
            ] {
                if !values[attribute].is_empty() {
                    self.put(interface.join(name), values[attribute]);
                }
            }
            if let ("0", Some(device)) = (values["virtual"], values["device"].strip_prefix('/')) {
                self.link(interface.join("device"), device);
            }
            if !values["master"].is_empty() {
                symlink(Path::new("..").join(values["master"]), self.path(interface.join("master"))).unwrap();
            }
        }
        self.put("sys/class/net/vmbr0/uevent", "DEVTYPE=bridge\nINTERFACE=vmbr0\n");
        self.put("sys/class/net/vmbr0.20/uevent", "DEVTYPE=vlan\nINTERFACE=vmbr0.20\n");
        self.put("sys/class/net/bond0/uevent", "DEVTYPE=bond\nINTERFACE=bond0\n");
        self.put("sys/class/net/wg0/uevent", "DEVTYPE=wireguard\nINTERFACE=wg0\n");
    }

    fn link(&self, link: PathBuf, target: &str) {
        let target = self.path(target);
        fs::create_dir_all(&target).unwrap();
        let link = self.path(link);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(target, link).unwrap();
    }
}

/// Answers system calls from what was recorded; files are read from the tree.
#[derive(Default)]
pub(crate) struct RecordedKernel {
    denied: Mutex<Vec<PathBuf>>,
    filesystems: Mutex<BTreeMap<PathBuf, io::ErrorKind>>,
    stuck: Mutex<Option<PathBuf>>,
    released: Condvar,
    calls: Mutex<Vec<PathBuf>>,
}

impl RecordedKernel {
    /// From now on the file may not be read.
    pub(crate) fn deny(&self, path: PathBuf) {
        self.denied.lock().unwrap().push(path);
    }

    /// From now on asking the filesystem fails.
    pub(crate) fn fail(&self, mountpoint: &str, error: io::ErrorKind) {
        self.filesystems.lock().unwrap().insert(mountpoint.into(), error);
    }

    /// From now on asking the filesystem blocks, until [`Self::release`].
    pub(crate) fn hang(&self, mountpoint: &str) {
        *self.stuck.lock().unwrap() = Some(mountpoint.into());
    }

    pub(crate) fn release(&self) {
        *self.stuck.lock().unwrap() = None;
        self.released.notify_all();
    }

    /// How often the filesystem was asked.
    pub(crate) fn calls(&self, mountpoint: impl AsRef<Path>) -> usize {
        self.calls.lock().unwrap().iter().filter(|path| path.as_path() == mountpoint.as_ref()).count()
    }
}

impl Kernel for RecordedKernel {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if self.denied.lock().unwrap().iter().any(|denied| denied == path) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        LiveKernel.read(path)
    }

    /// The recorded root filesystem, whatever is asked.
    fn statvfs(&self, mountpoint: &Path) -> io::Result<FilesystemUse> {
        self.calls.lock().unwrap().push(mountpoint.to_owned());
        let is_stuck = |stuck: &mut Option<PathBuf>| stuck.as_deref() == Some(mountpoint);
        drop(self.released.wait_while(self.stuck.lock().unwrap(), is_stuck).unwrap());
        if let Some(error) = self.filesystems.lock().unwrap().get(mountpoint) {
            return Err((*error).into());
        }
        let (total_bytes, available_bytes) = (5_196_382_208, 3_551_256_576);
        Ok(FilesystemUse {
            total_bytes,
            free_bytes: total_bytes - 1_359_912_960,
            available_bytes,
            inodes_total: 327_680,
        })
    }

    fn ipv4_addresses(&self) -> io::Result<Vec<InterfaceAddress>> {
        let recorded = [
            ("lo", "127.0.0.1/8"),
            ("vmbr0", "10.0.2.15/24"),
            ("vmbr0.20", "10.20.0.5/24"),
            ("wg0", "10.99.0.1/32"),
            ("eth0p", "10.0.2.16/24"),
        ];
        let address = |(interface, address): (&str, &str)| InterfaceAddress {
            interface: interface.into(),
            address: address.parse().unwrap(),
        };
        Ok(recorded.into_iter().map(address).collect())
    }

    fn architecture(&self) -> String {
        "x86_64".into()
    }
}

/// The record with the given key.
pub(crate) fn record<'a>(report: &'a Report, key: &str) -> &'a Arc<Record> {
    let keys = || report.records.iter().map(|record| record.key.as_str()).collect::<Vec<_>>();
    report.records.iter().find(|record| record.key.as_str() == key).unwrap_or_else(|| panic!("{key}: {:?}", keys()))
}

/// What the report says of a metric of a record.
pub(crate) fn sample(report: &Report, key: &str, metric: Metric) -> Result<f64, UnknownReason> {
    let place = report.records.iter().position(|record| record.key.as_str() == key).unwrap_or_else(|| panic!("{key}"));
    let of = |sample: &&muster_model::Sample| sample.record as usize == place && sample.metric == metric;
    let samples: Vec<_> = report.samples.iter().filter(of).collect();
    assert_eq!(samples.len(), 1, "{key} {metric}");
    match samples[0].value {
        SampleValue::Value(value) => Ok(value),
        SampleValue::Unknown(reason) => Err(reason),
    }
}

/// The host's own facts.
pub(crate) fn host(report: &Report) -> &HostFacet {
    match &*record(report, "host").facets[0] {
        Facet::Host(host) => host,
        other => panic!("{other:?}"),
    }
}

/// Keys of the records of which the key begins so.
pub(crate) fn keys<'a>(report: &'a Report, start: &str) -> Vec<&'a str> {
    report.records.iter().map(|record| record.key.as_str()).filter(|key| key.starts_with(start)).collect()
}
