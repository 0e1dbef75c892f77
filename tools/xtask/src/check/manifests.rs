//! Which crate may know which: pure crates stay free of I/O, and dependencies point down the layers, never back.
//!
//! Only normal dependencies are judged, on every target and whether optional or not. Tests may use what they like.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use toml::{Table, Value};

use super::Finding;
use crate::tree::Tree;

/// Crates that compute and nothing else. A name without a crate is one that is yet to come.
const PURE: &[&str] =
    &["muster-model", "muster-estate", "muster-alerts", "muster-drift", "muster-plugins", "muster-evidence"];

/// What makes a crate impure: async runtimes, SQL, HTTP, TLS, files of others, and anything of ours that has them.
const IMPURE: &[&str] = &[
    "async-trait",
    "axum",
    "axum-extra",
    "bollard",
    "futures",
    "futures-util",
    "http",
    "http-body-util",
    "hyper",
    "hyper-util",
    "kube",
    "muster-runtime",
    "procfs",
    "reqwest",
    "rusqlite",
    "rustix",
    "rustls",
    "sea-orm",
    "sea-orm-migration",
    "sqlx",
    "tokio",
    "tokio-tungstenite",
    "tokio-util",
    "tower",
    "tower-http",
    "tracing-subscriber",
];

/// What a crate is for decides what it may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Layer {
    /// Words and seams; knows none of ours above it.
    Foundation,
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
        "muster-estate" | "muster-history" | "muster-store" | "muster-agent" | "muster-api" => Layer::Core,
        "muster-engine" | "muster-client" => Layer::Assembly,
        "muster-server" => Layer::Edge,
        "muster" => Layer::Binary,
        "muster-testkit" | "muster-bench" | "xtask" => Layer::Tool,
        _ => return None,
    })
}

/// A crate of the workspace.
#[derive(Debug)]
struct Package {
    manifest: String,
    name: String,
    dependencies: BTreeSet<String>,
}

pub(super) fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let packages = packages(tree)?;
    let mut findings: Vec<Finding> = packages.values().flat_map(|package| direction(package, &packages)).collect();
    let pure = PURE.iter().filter_map(|name| packages.get(*name));
    findings.extend(pure.flat_map(|package| impurities(package, &packages)));
    Ok(findings)
}

fn packages(tree: &Tree) -> Result<BTreeMap<String, Package>> {
    let manifests = tree.texts(&["/Cargo.toml"]).filter(|(path, _)| !path.contains("/tests/"));
    manifests
        .map(|(path, text)| {
            let package = package(path, text).with_context(|| format!("reading {path}"))?;
            Ok((package.name.clone(), package))
        })
        .collect()
}

fn package(path: &str, text: &str) -> Result<Package> {
    let manifest: Table = toml::from_str(text)?;
    let name = manifest.get("package").and_then(|package| package.get("name")).and_then(Value::as_str);
    let name = name.context("it has no package name")?.to_owned();
    let targets = manifest.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values);
    let tables = targets.filter_map(Value::as_table).chain([&manifest]).filter_map(|table| table.get("dependencies"));
    let dependencies =
        tables.filter_map(Value::as_table).flat_map(Table::iter).map(|(key, value)| real_name(key, value));
    Ok(Package { manifest: path.to_owned(), name, dependencies: dependencies.collect() })
}

/// A dependency may be renamed; what counts is what it really is.
fn real_name(key: &str, value: &Value) -> String {
    value.get("package").and_then(Value::as_str).unwrap_or(key).to_owned()
}

/// The ways in which a package's own dependencies point back up.
fn direction(package: &Package, packages: &BTreeMap<String, Package>) -> Vec<Finding> {
    let Some(layer) = layer_of(&package.name) else {
        return vec![Finding::in_file(&package.manifest, "stands in no layer; give it one in xtask's manifest check")];
    };
    let ours = package.dependencies.iter().filter(|name| packages.contains_key(*name));
    ours.filter(|name| layer_of(name).is_some_and(|other| !may_know(layer, other)))
        .map(|name| Finding::in_file(&package.manifest, format!("depends on {name}, which is not below it")))
        .collect()
}

fn may_know(layer: Layer, other: Layer) -> bool {
    other < layer || (layer == Layer::Tool && other == Layer::Tool)
}

/// The impure crates that a package reaches, each with the way there.
fn impurities(package: &Package, packages: &BTreeMap<String, Package>) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    let mut ways = vec![vec![package.name.as_str()]];
    let mut findings = Vec::new();
    while let Some(way) = ways.pop() {
        let Some(here) = way.last().and_then(|name| packages.get(*name)) else { continue };
        for name in here.dependencies.iter().filter(|name| seen.insert(name.as_str())) {
            let way = [way.as_slice(), &[name.as_str()]].concat();
            if IMPURE.contains(&name.as_str()) {
                findings.push(Finding::in_file(&package.manifest, format!("must stay pure: {}", way.join(" -> "))));
            }
            ways.push(way);
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: (&str, &str) =
        ("crates/model/Cargo.toml", "package.name = 'muster-model'\n[dependencies]\nserde = '1'");

    #[test]
    fn pure_crates_reach_no_io() {
        // A dependency of a test does not count, and neither does one that is pure.
        check(
            &[(
                "crates/estate/Cargo.toml",
                "package.name = 'muster-estate'\n[dependencies]\nmuster-model.workspace = true\n[dev-dependencies]\ntokio = '1'",
            )],
            &[],
        );
        check(
            &[(
                "crates/estate/Cargo.toml",
                "package.name = 'muster-estate'\n[dependencies]\ntokio = { version = '1', optional = true }",
            )],
            &["crates/estate/Cargo.toml: must stay pure: muster-estate -> tokio"],
        );
        check(
            &[(
                "crates/estate/Cargo.toml",
                "package.name = 'muster-estate'\n[dependencies]\nnet = { package = 'reqwest', version = '1' }",
            )],
            &["crates/estate/Cargo.toml: must stay pure: muster-estate -> reqwest"],
        );
        check(
            &[(
                "crates/estate/Cargo.toml",
                "package.name = 'muster-estate'\n[target.'cfg(unix)'.dependencies]\nrustix = '1'",
            )],
            &["crates/estate/Cargo.toml: must stay pure: muster-estate -> rustix"],
        );
    }

    #[test]
    fn purity_looks_through_our_own_crates() {
        check(
            &[
                (
                    "crates/estate/Cargo.toml",
                    "package.name = 'muster-estate'\n[dependencies]\nmuster-runtime.workspace = true",
                ),
                ("crates/runtime/Cargo.toml", "package.name = 'muster-runtime'\n[dependencies]\ntokio = '1'"),
            ],
            &[
                "crates/estate/Cargo.toml: must stay pure: muster-estate -> muster-runtime",
                "crates/estate/Cargo.toml: must stay pure: muster-estate -> muster-runtime -> tokio",
            ],
        );
    }

    #[test]
    fn dependencies_point_down() {
        let server = ("crates/server/Cargo.toml", "package.name = 'muster-server'");
        check(
            &[server, ("crates/muster/Cargo.toml", "package.name = 'muster'\n[dependencies]\nmuster-server = '0'")],
            &[],
        );
        check(
            &[server, ("tools/xtask/Cargo.toml", "package.name = 'xtask'\n[dependencies]\nmuster-server = '0'")],
            &[],
        );
        check(
            &[
                server,
                ("crates/engine/Cargo.toml", "package.name = 'muster-engine'\n[dependencies]\nmuster-server = '0'"),
            ],
            &["crates/engine/Cargo.toml: depends on muster-server, which is not below it"],
        );
        check(
            &[("crates/runtime/Cargo.toml", "package.name = 'muster-runtime'\n[dependencies]\nmuster-model = '0'")],
            &["crates/runtime/Cargo.toml: depends on muster-model, which is not below it"],
        );
        check(
            &[
                ("crates/store/Cargo.toml", "package.name = 'muster-store'\n[dependencies]\nmuster-testkit = '0'"),
                ("tools/testkit/Cargo.toml", "package.name = 'muster-testkit'"),
            ],
            &["crates/store/Cargo.toml: depends on muster-testkit, which is not below it"],
        );
        check(
            &[("crates/new/Cargo.toml", "package.name = 'muster-new'")],
            &["crates/new/Cargo.toml: stands in no layer; give it one in xtask's manifest check"],
        );
    }

    fn check(manifests: &[(&str, &str)], expected: &[&str]) {
        let tree = manifests.iter().fold(Tree::from([MODEL]), |tree, file| tree.with(file.0, file.1));
        let found: Vec<String> = super::check(&tree).unwrap().iter().map(Finding::to_string).collect();
        assert_eq!(found, expected);
    }
}
