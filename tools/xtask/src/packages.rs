//! What the manifests and the lock file say about who depends on whom.
//!
//! Only normal dependencies count, on every target and whether optional or not. Tests may use what they like.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use toml::{Table, Value};

use crate::tree::Tree;

/// A crate of the workspace.
#[derive(Debug)]
pub(crate) struct Package {
    /// Path of its manifest.
    pub(crate) manifest: String,
    pub(crate) name: String,
    pub(crate) dependencies: BTreeSet<String>,
}

/// Reads every crate of the workspace, by name.
pub(crate) fn read(tree: &Tree) -> Result<BTreeMap<String, Package>> {
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

/// What every package of the lock file depends on, by name; several versions of one package count together.
pub(crate) fn locked(tree: &Tree) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let text = tree.text("Cargo.lock").unwrap_or_default();
    let lock: Table = toml::from_str(text).context("reading Cargo.lock")?;
    let mut dependencies: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in lock.get("package").and_then(Value::as_array).into_iter().flatten() {
        let name = package.get("name").and_then(Value::as_str).context("reading Cargo.lock: a package has no name")?;
        let needed = package.get("dependencies").and_then(Value::as_array).into_iter().flatten();
        // A dependency is written as its name, with the version behind it where there are several.
        let names = needed.filter_map(|entry| entry.as_str()?.split(' ').next()).map(str::to_owned);
        dependencies.entry(name.to_owned()).or_default().extend(names);
    }
    Ok(dependencies)
}
