//! What is said from inside a guest: by the agent of a machine, or read in the network of a container.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde_json::{Value, json};

use super::{Asking, Told, guest::agent_answers, resources::object};
use crate::pve::{
    action::AgentState,
    world::{Guest, Nic, Os, RunState},
};

/// Commands that an agent of today knows.
const COMMANDS: [&str; 9] = [
    "guest-ping",
    "guest-info",
    "guest-get-osinfo",
    "guest-get-host-name",
    "guest-get-fsinfo",
    "guest-network-get-interfaces",
    "guest-get-time",
    "guest-file-read",
    "guest-exec",
];

/// `/nodes/{node}/qemu/{guest}/agent/{command}`.
pub(super) fn agent(asking: &Asking<'_>) -> Told {
    let (_, guest) = asking.guest_anywhere()?;
    let command = asking.place.name.unwrap_or_default();
    let path = format!("/vms/{}", guest.id);
    let version = asking.world.version;
    if command == "file-read" && version.major >= 9 {
        asking.need(&path, &["VM.GuestAgent.FileRead", "VM.GuestAgent.Unrestricted"])?;
    } else if version.major >= 9 {
        asking.need(&path, &[version.agent_right(), "VM.GuestAgent.Unrestricted"])?;
    } else {
        asking.need(&path, &[version.agent_right()])?;
    }
    asking.guest()?;
    if guest.agent.is_none() {
        return Err(asking.fail(500, "No QEMU guest agent configured"));
    }
    if guest.state() != RunState::Running {
        return Err(asking.fail(500, &format!("VM {} is not running", guest.id)));
    }
    if guest.agent == Some(AgentState::Hanging) {
        let text = format!("VM {} qga command 'guest-{command}' failed - got timeout", guest.id);
        return Err(asking.fail(500, &text));
    }
    if !agent_answers(guest) {
        return Err(asking.fail(500, "QEMU guest agent is not running"));
    }
    if command == "file-read" {
        return file(asking, guest);
    }
    let is_known = guest.agent == Some(AgentState::Running) || matches!(command, "info" | "ping");
    let result = is_known.then(|| answered(asking, guest, command)).flatten();
    let refused = || json!({"error": {"class": "CommandNotFound", "desc": format!("The command guest-{command} has not been found")}});
    Ok(json!({"result": result.unwrap_or_else(refused)}))
}

fn answered(asking: &Asking<'_>, guest: &Guest, command: &str) -> Option<Value> {
    Some(match command {
        "info" => {
            let is_ancient = guest.agent == Some(AgentState::Ancient);
            let commands = if is_ancient { &COMMANDS[..2] } else { &COMMANDS[..] };
            let commands = commands.iter().map(|name| json!({"name": name, "enabled": true, "success-response": true}));
            let version = if is_ancient { "0.12.1" } else { "9.2.0" };
            json!({"version": version, "supported_commands": commands.collect::<Value>()})
        }
        "ping" => json!({}),
        "get-host-name" => json!({"host-name": format!("{}.{}", guest.name, asking.world.domain)}),
        "get-osinfo" => osinfo(guest.os),
        "get-fsinfo" => filesystems(asking, guest),
        "network-get-interfaces" => network(asking, guest),
        "get-time" => json!(asking.now.saturating_mul(1_000_000_000)),
        "get-timezone" => json!({"offset": 0, "zone": "UTC"}),
        "get-vcpus" => (0..guest.cores).map(|cpu| json!({"logical-id": cpu, "online": true})).collect(),
        _ => return None,
    })
}

fn osinfo(os: Os) -> Value {
    let words = os.words();
    let mut info = object(json!({
        "id": words.id, "name": words.name, "pretty-name": words.pretty, "version": words.version,
        "version-id": words.version_id, "kernel-release": words.kernel, "kernel-version": "#1 SMP", "machine": "x86_64",
    }));
    if os == Os::Windows {
        info.extend(object(json!({"variant": "server", "variant-id": "server", "kernel-version": "10.0"})));
    }
    Value::Object(info)
}

fn filesystems(asking: &Asking<'_>, guest: &Guest) -> Value {
    let sample = guest.sample(asking.now, asking.world.version);
    let used = sample.map_or(0, |(_, sample)| sample.root);
    let disk = |number: usize| {
        json!([{"bus-type": "scsi", "bus": 0, "unit": 0, "target": 0,
        "serial": format!("drive-scsi{number}"), "dev": format!("/dev/sd{}1", if number == 0 { 'a' } else { 'b' }),
        "pci-controller": {"domain": 0, "bus": 0, "slot": 5, "function": 0}}])
    };
    let volume = |number: usize, name: &str, mountpoint: &str, kind: &str, used: u64| {
        let total = guest.volumes[number].gib << 30;
        json!({
            "name": name, "mountpoint": mountpoint, "type": kind, "used-bytes": used, "total-bytes": total / 100 * 98,
            "disk": disk(number),
        })
    };
    let mut all = if guest.os == Os::Windows {
        vec![
            volume(0, "\\\\?\\Volume{1}\\", "C:\\", "NTFS", used),
            json!({"name": "\\\\?\\Volume{2}\\", "mountpoint": "System Reserved", "type": "NTFS",
                   "used-bytes": 31_457_280, "total-bytes": 104_853_504, "disk": disk(0)}),
        ]
    } else {
        vec![
            volume(0, "sda1", "/", "ext4", used),
            json!({"name": "loop0", "mountpoint": "/snap/core/1", "type": "squashfs", "used-bytes": 67_108_864,
                   "total-bytes": 67_108_864, "disk": []}),
            json!({"name": "sda15", "mountpoint": "/boot/efi", "type": "vfat", "used-bytes": 6_291_456,
                   "total-bytes": 109_422_592, "disk": disk(0)}),
        ]
    };
    if guest.volumes.len() > 1 {
        let (name, mountpoint, kind) =
            if guest.os == Os::Windows { ("\\\\?\\Volume{3}\\", "D:\\", "NTFS") } else { ("sdb1", "/srv", "xfs") };
        all.push(volume(1, name, mountpoint, kind, used));
    }
    Value::Array(all)
}

fn network(asking: &Asking<'_>, guest: &Guest) -> Value {
    let sample = guest.sample(asking.now, asking.world.version).map(|(_, sample)| sample);
    let loopback = json!({
        "name": if guest.os == Os::Windows { "Loopback Pseudo-Interface 1" } else { "lo" },
        "hardware-address": "00:00:00:00:00:00",
        "ip-addresses": [address(Ipv4Addr::LOCALHOST.into(), 8), address(Ipv6Addr::LOCALHOST.into(), 128)],
        "statistics": statistics(163_244, 163_244),
    });
    let interface = |(number, nic): (usize, &Nic)| {
        let name = match guest.os {
            Os::Windows if number == 0 => "Ethernet".to_owned(),
            Os::Windows => format!("Ethernet {}", number + 1),
            Os::Debian | Os::Ubuntu | Os::Alpine => format!("ens{}", 18 + number),
        };
        let (received, sent) = sample.map_or((0, 0), |sample| (sample.net_in, sample.net_out));
        json!({
            "name": name,
            "hardware-address": nic.mac.to_lowercase(),
            "ip-addresses": [address(nic.address.into(), 16), address(link_local(nic).into(), 64)],
            "statistics": statistics(received, sent),
        })
    };
    std::iter::once(loopback).chain(guest.nics.iter().enumerate().map(interface)).collect()
}

fn address(address: IpAddr, prefix: u8) -> Value {
    let kind = if address.is_ipv4() { "ipv4" } else { "ipv6" };
    json!({"ip-address": address.to_string(), "ip-address-type": kind, "prefix": prefix})
}

fn statistics(received: u64, sent: u64) -> Value {
    json!({
        "rx-bytes": received, "rx-packets": received / 700, "rx-errs": 0, "rx-dropped": 0,
        "tx-bytes": sent, "tx-packets": sent / 700, "tx-errs": 0, "tx-dropped": 0,
    })
}

/// The address of a link that comes from a MAC address.
fn link_local(nic: &Nic) -> Ipv6Addr {
    let mut mac = nic.mac.split(':').map(|pair| u8::from_str_radix(pair, 16).expect("we made it"));
    let mut next = || mac.next().expect("it has six pairs");
    let [a, b, c, d, e, f] = [next(), next(), next(), next(), next(), next()];
    Ipv6Addr::from([0xfe, 0x80, 0, 0, 0, 0, 0, 0, a ^ 2, b, c, 0xff, 0xfe, d, e, f])
}

fn file(asking: &Asking<'_>, guest: &Guest) -> Told {
    if asking.asked.parameter("file") != Some("/proc/meminfo") || guest.os == Os::Windows {
        let text = "agent error: failed to open file (mode: 'r'): No such file or directory";
        return Err(asking.fail(500, text));
    }
    let total = guest.ballooned.unwrap_or(guest.memory) >> 10;
    let (cached, used) = (total / 8, crate::pve::wave::whole(guest.used_part(asking.now) * 1000.0) * total / 1000);
    let available = total - used.min(total);
    let free = available - cached.min(available);
    let content = format!(
        "MemTotal:       {total} kB\nMemFree:        {free} kB\nMemAvailable:   {available} kB\n\
         Buffers:            1024 kB\nCached:         {cached} kB\nSwapTotal:             0 kB\n"
    );
    Ok(json!({ "content": content }))
}

/// `/nodes/{node}/lxc/{guest}/interfaces`.
pub(super) fn interfaces(asking: &Asking<'_>) -> Told {
    if !asking.world.version.since(8, 1) {
        return Err(Box::new(super::unknown(asking.asked.path.as_deref().unwrap_or_default())));
    }
    let (_, guest) = asking.guest()?;
    if guest.state() == RunState::Stopped {
        return Ok(Value::Null);
    }
    let has_all = asking.world.version.since(8, 4);
    let interface = |name: &str, mac: &str, v4: (Ipv4Addr, u8), v6: (Ipv6Addr, u8)| {
        let mut row = object(json!({
            "name": name, "hwaddr": mac, "inet": format!("{}/{}", v4.0, v4.1), "inet6": format!("{}/{}", v6.0, v6.1),
        }));
        if has_all {
            row.insert("hardware-address".to_owned(), mac.into());
            row.insert(
                "ip-addresses".to_owned(),
                json!([
                    {"ip-address": v4.0.to_string(), "ip-address-type": "inet", "prefix": v4.1},
                    {"ip-address": v6.0.to_string(), "ip-address-type": "inet6", "prefix": v6.1},
                ]),
            );
        }
        Value::Object(row)
    };
    let loopback = interface("lo", "00:00:00:00:00:00", (Ipv4Addr::LOCALHOST, 8), (Ipv6Addr::LOCALHOST, 128));
    let nics = guest.nics.iter().enumerate().map(|(number, nic)| {
        interface(&format!("eth{number}"), &nic.mac.to_lowercase(), (nic.address, 16), (link_local(nic), 64))
    });
    Ok(std::iter::once(loopback).chain(nics).collect())
}
