//! How Ceph is, as its own status says it.

use serde_json::{Map, Value, json};

use super::{Asking, Told, resources::object};
use crate::pve::{
    wave::whole,
    world::{CEPH_MONITORS, Ceph, OSDS_OF_NODE, PLACEMENT_GROUPS},
};

/// `/cluster/ceph/status`.
pub(super) fn cluster(asking: &Asking<'_>) -> Told {
    asking.need("/", &["Sys.Audit", "Datastore.Audit"])?;
    told(asking)
}

/// `/nodes/{node}/ceph/status`.
pub(super) fn node(asking: &Asking<'_>) -> Told {
    asking.node()?;
    asking.need("/", &["Sys.Audit", "Datastore.Audit"])?;
    told(asking)
}

fn told(asking: &Asking<'_>) -> Told {
    match &asking.world.ceph {
        Some(ceph) => Ok(status(asking, ceph)),
        None => Err(asking.fail(500, "binary not installed: /usr/bin/ceph-mon")),
    }
}

/// How many of its daemons there are, and run.
struct Daemons {
    all: u32,
    up: u32,
}

fn daemons(asking: &Asking<'_>, ceph: &Ceph) -> Daemons {
    let count = |nodes: usize| u32::try_from(nodes).expect("few nodes") * OSDS_OF_NODE;
    let up = count(asking.world.nodes.iter().filter(|node| node.is_up()).count());
    Daemons { all: count(asking.world.nodes.len()), up: up.saturating_sub(ceph.down) }
}

fn status(asking: &Asking<'_>, ceph: &Ceph) -> Value {
    let Daemons { all, up } = daemons(asking, ceph);
    let monitors: Vec<_> = asking.world.nodes.iter().take(CEPH_MONITORS).collect();
    let quorum: Vec<&str> = monitors.iter().filter(|node| node.is_up()).map(|node| node.name.as_str()).collect();
    let monitor = |(rank, node): (usize, &&super::Node)| {
        let [a, b, c, d] = node.address;
        let address = format!("{a}.{b}.{c}.{d}:6789/0");
        json!({
            "name": node.name, "rank": rank, "addr": address, "public_addr": address, "priority": 0, "weight": 0,
            "crush_location": "{}",
        })
    };
    json!({
        "fsid": ceph.fsid,
        "health": health(all, up),
        "election_epoch": 148,
        "quorum": (0..quorum.len()).collect::<Vec<_>>(),
        "quorum_age": 4161,
        "monmap": {
            "epoch": 3, "fsid": ceph.fsid, "min_mon_release": 19, "min_mon_release_name": "squid",
            "disallowed_leaders: ": "", "mons": monitors.iter().enumerate().map(monitor).collect::<Vec<_>>(),
            "features": {"persistent": ["kraken", "luminous", "mimic"], "optional": []},
        },
        "mgrmap": {
            "available": !quorum.is_empty(), "active_name": quorum.first(), "active_mgr_features": 4_540_138_322_906_710_015_u64,
            "standbys": quorum.iter().skip(1).map(|name| json!({"name": name, "gid": 1})).collect::<Vec<_>>(),
            "modules": ["iostat", "nfs"],
        },
        "quorum_names": quorum,
        "servicemap": {"epoch": 7, "modified": "2025-11-01T00:00:00.000000+0000", "services": {}},
        "progress_events": {},
        "osdmap": {"epoch": 33_867, "num_osds": all, "num_up_osds": up, "num_in_osds": all, "num_remapped_pgs": 0},
        "pgmap": placement(asking, ceph, all, up),
    })
}

fn health(all: u32, up: u32) -> Value {
    let down = all - up;
    let check = |severity: &str, message: String, count: u32| json!({"severity": severity, "summary": {"message": message, "count": count}, "detail": [], "muted": false});
    let mut checks = Map::new();
    if down > 0 {
        checks.insert("OSD_DOWN".to_owned(), check("HEALTH_WARN", format!("{down} osds down"), down));
        let degraded = "Degraded data redundancy: 24135/180405 objects degraded (13.378%), 77 pgs degraded".to_owned();
        checks.insert("PG_DEGRADED".to_owned(), check("HEALTH_WARN", degraded, 77));
    }
    let fails = down * 2 >= all;
    if fails {
        let message = "Reduced data availability: 65 pgs inactive".to_owned();
        checks.insert("PG_AVAILABILITY".to_owned(), check("HEALTH_ERR", message, 65));
    }
    let word = if fails {
        "HEALTH_ERR"
    } else if down > 0 {
        "HEALTH_WARN"
    } else {
        "HEALTH_OK"
    };
    json!({"status": word, "checks": checks, "mutes": []})
}

fn placement(asking: &Asking<'_>, ceph: &Ceph, all: u32, up: u32) -> Value {
    let used = whole(ceph.used.at(asking.now)).min(ceph.size);
    let (degraded, scrubbed) = if up < all { (77, 0) } else { (0, 2) };
    let states = [
        ("active+clean", PLACEMENT_GROUPS - degraded - scrubbed),
        ("active+undersized+degraded", degraded),
        ("active+clean+scrubbing+deep", scrubbed),
    ];
    let states = states.into_iter().filter(|(_, count)| *count > 0);
    let mut map = object(json!({
        "pgs_by_state": states.map(|(name, count)| json!({"state_name": name, "count": count})).collect::<Vec<_>>(),
        "num_pgs": PLACEMENT_GROUPS, "num_pools": 4, "num_objects": used / (4 << 20), "data_bytes": used / 3,
        "bytes_used": used, "bytes_avail": ceph.size - used, "bytes_total": ceph.size,
    }));
    // Nobody reads while half of it is gone, and then the rates are left out.
    if up * 2 > all {
        map.insert("read_bytes_sec".to_owned(), whole(ceph.read.at(asking.now)).into());
        map.insert("write_bytes_sec".to_owned(), whole(ceph.written.at(asking.now)).into());
        map.insert("read_op_per_sec".to_owned(), 3.into());
        map.insert("write_op_per_sec".to_owned(), 211.into());
    }
    Value::Object(map)
}
