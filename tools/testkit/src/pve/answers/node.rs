//! One node: how it is, its time, network, services, certificates, subscription and packages.

use serde_json::{Value, json};

use super::{Asking, Told, resources::object};
use crate::pve::certificates::Certificate;

/// `/nodes/{node}/status`.
pub(super) fn status(asking: &Asking<'_>) -> Told {
    let (place, node) = asking.audited_node()?;
    let world = asking.world;
    let sample = world.node_samples(asking.now)[place];
    let load = [1.0, 0.9, 0.8].map(|part| format!("{:.2}", sample.load * part));
    let release = kernel(asking);
    let mut memory = object(json!({
        "total": node.memory, "used": sample.memory, "free": node.memory - sample.memory,
    }));
    if world.version.since(9, 1) {
        memory.insert("available".to_owned(), (node.memory - sample.memory).into());
    }
    let free = node.root - sample.root;
    let mut status = object(json!({
        "uptime": sample.uptime,
        "cpu": sample.cpu,
        "wait": sample.wait,
        "idle": 0,
        "loadavg": load,
        "memory": memory,
        "swap": {"total": node.swap, "used": sample.swap, "free": node.swap - sample.swap},
        "rootfs": {"total": node.root, "used": sample.root, "free": free, "avail": free / 100 * 95},
        "ksm": {"shared": 0},
        "cpuinfo": {
            "model": node.cpu_model, "sockets": node.sockets, "cores": node.cores, "cpus": node.threads,
            "mhz": "3000.000", "hvm": "1", "family": "23", "user_hz": 100,
            "flags": "fpu vme de pse tsc msr pae mce cx8 apic svm",
        },
        "kversion": format!("Linux {release} #1 SMP PREEMPT_DYNAMIC PMX"),
        "pveversion": format!("pve-manager/{}/0f39f621", world.version.full()),
    }));
    if world.version.major >= 8 {
        status.insert(
            "current-kernel".to_owned(),
            json!({
                "sysname": "Linux", "release": release, "version": "#1 SMP PREEMPT_DYNAMIC PMX", "machine": "x86_64",
            }),
        );
        status.insert("boot-info".to_owned(), json!({"mode": "efi", "secureboot": 0}));
    }
    if world.version.major >= 9 {
        status["cpuinfo"]["vendor"] = node.cpu_vendor.into();
    }
    Ok(Value::Object(status))
}

fn kernel(asking: &Asking<'_>) -> &'static str {
    match asking.world.version.major {
        ..=7 => "5.15.108-1-pve",
        8 => "6.8.12-10-pve",
        9.. => "6.14.11-4-pve",
    }
}

/// `/nodes/{node}/time`: what the node's own clock says.
pub(super) fn time(asking: &Asking<'_>) -> Told {
    let (_, node) = asking.node()?;
    let time = asking.now + node.skew;
    Ok(json!({"timezone": "UTC", "time": time, "localtime": time}))
}

/// `/nodes/{node}/network`.
pub(super) fn network(asking: &Asking<'_>) -> Told {
    let (_, node) = asking.node()?;
    let [a, b, c, d] = node.address;
    let (address, gateway) = (format!("{a}.{b}.{c}.{d}"), format!("{a}.{b}.{c}.1"));
    Ok(json!([
        {
            "iface": "eno1", "type": "eth", "active": 1, "exists": 1, "priority": 3, "method": "manual",
            "method6": "manual", "families": ["inet"],
        },
        {
            "iface": "vmbr0", "type": "bridge", "active": 1, "autostart": 1, "priority": 4, "method": "static",
            "method6": "manual", "families": ["inet"], "address": address, "netmask": "16",
            "cidr": format!("{address}/16"), "gateway": gateway, "bridge_ports": "eno1", "bridge_stp": "off",
            "bridge_fd": "0", "bridge_vlan_aware": 1, "bridge_vids": "2-4094", "comments": "guests\n",
        },
        {
            "iface": "vmbr1", "type": "bridge", "active": "1", "autostart": 1, "priority": 5, "method": "manual",
            "method6": "manual", "families": ["inet"], "exists": null, "bridge_ports": "", "bridge_stp": "off",
            "bridge_fd": "0",
        },
    ]))
}

/// `/nodes/{node}/services`.
pub(super) fn services(asking: &Asking<'_>) -> Told {
    let (_, node) = asking.audited_node()?;
    let service = |name: &str, description: &str, is_active: bool, unit: &str| {
        let (state, active) = if is_active { ("running", "active") } else { ("dead", "inactive") };
        json!({
            "service": name, "name": name, "desc": description, "state": state, "active-state": active,
            "unit-state": unit,
        })
    };
    let is_silent = node.silent_since.is_some();
    Ok(json!([
        service("pveproxy", "PVE API Proxy", true, "enabled"),
        service("pvedaemon", "PVE API Daemon", true, "enabled"),
        service("pvestatd", "PVE Status Daemon", !is_silent, "enabled"),
        service("pve-cluster", "The Proxmox VE cluster filesystem", true, "enabled"),
        service("corosync", "Corosync Cluster Engine", !asking.world.is_standalone, "enabled"),
        service("chrony", "Chrony, an NTP client/server", true, "enabled"),
        service("postfix", "Postfix Mail Transport Agent", true, "enabled"),
        service("ksmtuned", "Kernel Samepage Merging (KSM) Tuning Daemon", true, "enabled"),
        service("systemd-timesyncd", "systemd-timesyncd", false, "not-found"),
    ]))
}

/// `/nodes/{node}/certificates/info`.
pub(super) fn certificates(asking: &Asking<'_>) -> Told {
    let (_, node) = asking.node()?;
    let files = [("pve-root-ca.pem", &asking.world.authority), ("pve-ssl.pem", &node.certificate)];
    let files = files.into_iter().filter_map(|(name, certificate)| Some(file(name, certificate.as_ref()?)));
    Ok(files.collect())
}

fn file(name: &str, certificate: &Certificate) -> Value {
    json!({
        "filename": name,
        "fingerprint": certificate.fingerprint,
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "notbefore": certificate.not_before,
        "notafter": certificate.not_after,
        "san": certificate.names,
        "public-key-type": "ED25519",
        "public-key-bits": 256,
        "pem": certificate.pem,
    })
}

/// `/nodes/{node}/subscription`.
pub(super) fn subscription(asking: &Asking<'_>) -> Told {
    let (_, node) = asking.node()?;
    let mut subscription = object(json!({
        "status": "notfound",
        "message": "There is no subscription key",
        "url": "https://www.proxmox.com/en/proxmox-virtual-environment/pricing",
    }));
    if asking.may(&format!("/nodes/{}", node.name), "Sys.Audit") {
        subscription.insert("serverid".to_owned(), format!("{:032X}", node.seed).into());
    }
    Ok(Value::Object(subscription))
}

/// `/nodes/{node}/apt/update`.
pub(super) fn updates(asking: &Asking<'_>) -> Told {
    let (_, node) = asking.node()?;
    asking.need(&format!("/nodes/{}", node.name), &["Sys.Modify"])?;
    Ok(json!([
        package("openssl", "3.5.1-1+deb13u1", "3.5.1-1", "Debian", "amd64"),
        package("pve-manager", "99.0.1", &asking.world.version.full(), "Proxmox", "all"),
    ]))
}

/// `/nodes/{node}/apt/versions`.
pub(super) fn packages(asking: &Asking<'_>) -> Told {
    asking.audited_node()?;
    let release = kernel(asking);
    let version = asking.world.version.full();
    let prefix = if asking.world.version.major < 8 { "pve" } else { "proxmox" };
    let installed = |name: &str, version: &str| {
        let mut row = object(package(name, version, version, "Proxmox", "all"));
        row.insert("CurrentState".to_owned(), "Installed".into());
        row
    };
    let mut whole = installed("proxmox-ve", &version);
    whole.insert("RunningKernel".to_owned(), release.into());
    let mut manager = installed("pve-manager", &version);
    manager.insert("ManagerVersion".to_owned(), version.clone().into());
    let kernel = installed(&format!("{prefix}-kernel-{release}"), release);
    let (qemu, firmware) = (installed("pve-qemu-kvm", running_qemu(asking)), installed("pve-firmware", "3.16-3"));

    Ok(json!([whole, manager, kernel, qemu, firmware]))
}

/// The emulator that a release brings.
pub(super) fn running_qemu(asking: &Asking<'_>) -> &'static str {
    match asking.world.version.major {
        ..=7 => "7.2.0",
        8 => "9.2.0",
        9.. => "10.1.2",
    }
}

fn package(name: &str, version: &str, old: &str, origin: &str, architecture: &str) -> Value {
    json!({
        "Package": name, "Title": name, "Version": version, "OldVersion": old, "Origin": origin,
        "Arch": architecture, "Section": "admin", "Priority": "optional", "Description": format!("The package {name}."),
    })
}
