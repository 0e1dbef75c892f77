//! The cluster as a whole.

use serde_json::{Value, json};

use super::{Asking, Told};

/// `/version` and `/nodes/{node}/version`.
pub(super) fn version(asking: &Asking<'_>) -> Value {
    let version = asking.world.version;
    json!({"version": version.full(), "release": version.to_string(), "repoid": "0f39f621"})
}

/// `/cluster/status`.
pub(super) fn status(asking: &Asking<'_>) -> Told {
    asking.need("/", &["Sys.Audit"])?;
    let world = asking.world;
    let node = |(place, node): (usize, &super::Node)| {
        json!({
            "type": "node",
            "id": format!("node/{}", node.name),
            "name": node.name,
            "nodeid": if world.is_standalone { 0 } else { place + 1 },
            "ip": "127.0.0.1",
            "local": u8::from(place == asking.entry),
            "online": u8::from(node.is_up()),
            "level": "",
        })
    };
    let nodes = world.nodes.iter().enumerate().map(node);
    let cluster = json!({
        "type": "cluster",
        "id": "cluster",
        "name": world.name,
        "nodes": world.nodes.len(),
        "quorate": u8::from(world.is_quorate),
        "version": world.nodes.len(),
    });
    let cluster = (!world.is_standalone).then_some(cluster);
    Ok(cluster.into_iter().chain(nodes).collect())
}
