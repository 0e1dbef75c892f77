//! The machine that runs the tests: what the agent says agrees with what the system's own tools print.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up its machine has failed")]

use std::{fs, process::Command, sync::Arc};

use muster_agent::{Agent, Config};
use muster_model::{Facet, HostFacet, Metric, Report, SampleValue, SourceId, TenantId};
use muster_runtime::SystemClock;

#[test]
fn the_agent_agrees_with_the_tools_of_the_system() {
    let clock = Arc::new(SystemClock::new());
    let mut agent = Agent::new(Config::default(), clock, SourceId::local_agent(), TenantId::DEFAULT);
    let report = agent.collect();
    names_agree(host(&report));
    memory_agrees(&report);
    load_agrees(&report);
    filesystems_agree(&report);
    interfaces_agree(&report);
    let again = agent.collect();
    let moved = report.records.iter().zip(&again.records).filter(|(one, two)| !Arc::ptr_eq(one, two));
    assert_eq!(moved.map(|(_, record)| record.key.as_str()).collect::<Vec<_>>(), Vec::<&str>::new());
}

fn names_agree(host: &HostFacet) {
    assert_eq!(host.hostname, text("/proc/sys/kernel/hostname"));
    assert_eq!(host.boot_id.as_deref(), Some(text("/proc/sys/kernel/random/boot_id").as_str()));
    assert_eq!(host.os.kernel, Some(output("uname", &["-r"])));
    assert_eq!(host.os.architecture, Some(output("uname", &["-m"])));
    let processors = text("/proc/cpuinfo").lines().filter(|line| line.starts_with("processor")).count();
    assert_eq!(host.cpu.threads, u32::try_from(processors).ok());
}

/// Memory moves while the tests of others run: a quarter of it either way is agreement, a wrong unit or field is not.
fn memory_agrees(report: &Report) {
    let meminfo = text("/proc/meminfo");
    let bytes = |name: &str| {
        let line = meminfo.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    };
    let total = bytes("MemTotal:");
    assert_eq!(host(report).memory.total_bytes, Some(total));
    let used = (total - bytes("MemAvailable:")) as f64;
    assert_close(value(report, "host", Metric::MemoryUsed), used, total as f64 / 4.0, "memory");
    assert_close(value(report, "host", Metric::Memory), 100.0 * used / total as f64, 25.0, "memory in percent");
}

fn load_agrees(report: &Report) {
    let load15 = text("/proc/loadavg").split(' ').nth(2).unwrap().parse().unwrap();
    assert_close(value(report, "host", Metric::Load15), load15, 0.5, "load");
}

/// Sizes are exact. What is used may move by a tenth of the size meanwhile.
fn filesystems_agree(report: &Report) {
    for record in &report.records {
        let Facet::Filesystem(facet) = &*record.facets[0] else { continue };
        let shown = output("df", &["--block-size=1", "--output=size,used,avail,pcent", &facet.mountpoint]);
        let shown = shown.lines().nth(1).unwrap().replace('%', "");
        let shown: Vec<f64> = shown.split_whitespace().map(|word| word.parse().unwrap()).collect();
        let [size, used, avail, percent] = shown.as_slice() else { panic!("{shown:?}") };
        let key = record.key.as_str();
        assert_close(value(report, key, Metric::Total), *size, 0.0, key);
        assert_close(value(report, key, Metric::Used), *used, size / 10.0, key);
        assert_close(value(report, key, Metric::Avail), *avail, size / 10.0, key);
        assert_close(value(report, key, Metric::Usage), *percent, 11.0, key);
    }
}

fn interfaces_agree(report: &Report) {
    for record in &report.records {
        let Facet::NetworkInterface(facet) = &*record.facets[0] else { continue };
        let directory = format!("/sys/class/net/{}", facet.name);
        assert_eq!(facet.mtu_bytes.unwrap().to_string(), text(&format!("{directory}/mtu")));
        assert_ne!(facet.name, "lo");
    }
}

fn assert_close(ours: f64, theirs: f64, tolerance: f64, what: &str) {
    assert!((ours - theirs).abs() <= tolerance, "{what}: {ours} and {theirs}");
}

fn text(path: &str) -> String {
    fs::read_to_string(path).unwrap().trim().to_owned()
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).env("LC_ALL", "C").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn host(report: &Report) -> &HostFacet {
    let Facet::Host(host) = &*report.records[0].facets[0] else { panic!("the host comes first") };
    host
}

fn value(report: &Report, key: &str, metric: Metric) -> f64 {
    let of = |sample: &&muster_model::Sample| {
        report.records[sample.record as usize].key.as_str() == key && sample.metric == metric
    };
    match report.samples.iter().find(of).unwrap().value {
        SampleValue::Value(value) => value,
        SampleValue::Unknown(reason) => panic!("{key} {metric}: {reason:?}"),
    }
}
