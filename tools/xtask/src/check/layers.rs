//! Dependencies between our crates point down the layers, never back.

use std::collections::BTreeMap;

use super::Finding;
use crate::packages::Package;

/// What a crate is for decides what it may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Layer {
    /// Words and seams; knows none of ours above it.
    Foundation,
    /// How the world outside is dialled.
    Reach,
    /// What every platform is to its owner: lanes, looks, health.
    Seam,
    /// One idea each: the estate, history, state, the contract, what observes.
    Core,
    /// Puts cores together.
    Assembly,
    /// Speaks HTTP with the world.
    Edge,
    /// The composition root.
    Binary,
    /// For tests, benchmarks and chores; never shipped.
    Tool,
}

fn layer_of(package: &str) -> Option<Layer> {
    Some(match package {
        "muster-model" | "muster-runtime" => Layer::Foundation,
        "muster-outbound" => Layer::Reach,
        "muster-collect" => Layer::Seam,
        "muster-estate" | "muster-history" | "muster-remote" | "muster-store" | "muster-agent" | "muster-api"
        | "muster-backup" | "muster-oidc" | "muster-plugins" | "muster-proxmox" | "muster-vault" => Layer::Core,
        "muster-engine" | "muster-client" => Layer::Assembly,
        "muster-server" => Layer::Edge,
        "muster" => Layer::Binary,
        "muster-testkit" | "muster-bench" | "xtask" => Layer::Tool,
        _ => return None,
    })
}

pub(super) fn check(packages: &BTreeMap<String, Package>) -> Vec<Finding> {
    packages.values().flat_map(|package| direction(package, packages)).collect()
}

/// The ways in which a package's own dependencies point back up.
fn direction(package: &Package, packages: &BTreeMap<String, Package>) -> Vec<Finding> {
    let Some(layer) = layer_of(&package.name) else {
        return vec![Finding::in_file(&package.manifest, "stands in no layer; give it one in xtask's `layers.rs`")];
    };
    let ours = package.dependencies.iter().filter(|name| packages.contains_key(*name));
    ours.filter(|name| layer_of(name).is_some_and(|other| !may_know(layer, other)))
        .map(|name| Finding::in_file(&package.manifest, format!("depends on {name}, which is not below it")))
        .collect()
}

fn may_know(layer: Layer, other: Layer) -> bool {
    other < layer || (layer == Layer::Tool && other == Layer::Tool)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{packages, tree::Tree};

    #[test]
    fn dependencies_point_down() {
        let back = |name: &str| format!("depends on {name}, which is not below it");
        check("muster", "muster-server", None);
        check("xtask", "muster-server", None);
        check("muster-bench", "muster-testkit", None);
        check("muster-engine", "muster-server", Some(&back("muster-server")));
        check("muster-runtime", "muster-model", Some(&back("muster-model")));
        check("muster-store", "muster-testkit", Some(&back("muster-testkit")));
        check("muster-store", "muster-history", Some(&back("muster-history")));
        check("muster-new", "serde", Some("stands in no layer; give it one in xtask's `layers.rs`"));
    }

    fn check(package: &str, dependency: &str, expected: Option<&str>) {
        let tree = Tree::default()
            .with("a/Cargo.toml", &format!("package.name = '{package}'\n[dependencies]\n{dependency} = '0'"))
            .with("b/Cargo.toml", &format!("package.name = '{dependency}'"));
        let found: Vec<String> = super::check(&packages::read(&tree).unwrap()).iter().map(Finding::to_string).collect();
        let found = found.iter().find_map(|line| line.strip_prefix("a/Cargo.toml: "));
        assert_eq!(found, expected);
    }
}
