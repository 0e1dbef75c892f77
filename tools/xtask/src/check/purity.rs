//! Pure crates compute and nothing else: no async runtime, SQL or HTTP, directly or through others.
//!
//! The ways are followed through our manifests and, beyond them, through the lock file.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use crate::packages::Package;

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

/// Crates of platforms that we never build for; the lock file lists what they need all the same.
const ELSEWHERE: &[&str] = &["js-sys", "wasm-bindgen", "web-sys"];

pub(super) fn check(packages: &BTreeMap<String, Package>, locked: &BTreeMap<String, BTreeSet<String>>) -> Vec<Finding> {
    let pure = PURE.iter().filter_map(|name| packages.get(*name));
    pure.flat_map(|package| impurities(package, packages, locked)).collect()
}

/// The impure crates that a package reaches, each with the way there. Nothing is followed behind an impure crate.
fn impurities(
    package: &Package,
    packages: &BTreeMap<String, Package>,
    locked: &BTreeMap<String, BTreeSet<String>>,
) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    let mut ways = vec![vec![package.name.as_str()]];
    let mut findings = Vec::new();
    while let Some(way) = ways.pop() {
        let here = way.last().expect("a way has at least its start");
        let ours = packages.get(*here).map(|package| &package.dependencies);
        for name in ours.or_else(|| locked.get(*here)).into_iter().flatten() {
            if ELSEWHERE.contains(&name.as_str()) || !seen.insert(name.as_str()) {
                continue;
            }
            let way = [way.as_slice(), &[name.as_str()]].concat();
            if IMPURE.contains(&name.as_str()) {
                findings.push(Finding::in_file(&package.manifest, format!("must stay pure: {}", way.join(" -> "))));
            } else {
                ways.push(way);
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{packages, tree::Tree};

    #[test]
    fn pure_crates_reach_no_io() {
        // A dependency of a test does not count, and neither does one that is pure.
        check("[dependencies]\nmuster-model.workspace = true\n[dev-dependencies]\ntokio = '1'", &[]);
        check("[dependencies]\ntokio = { version = '1', optional = true }", &["muster-estate -> tokio"]);
        check("[dependencies]\nnet = { package = 'reqwest', version = '1' }", &["muster-estate -> reqwest"]);
        check("[target.'cfg(unix)'.dependencies]\nrustix = '1'", &["muster-estate -> rustix"]);
    }

    #[test]
    fn purity_looks_through_other_crates() {
        check("[dependencies]\nmuster-engine = '0'", &["muster-estate -> muster-engine -> tokio"]);
        check("[dependencies]\nhandy = '1'", &["muster-estate -> handy -> hidden -> sqlx"]);
    }

    fn check(dependencies: &str, expected_ways: &[&str]) {
        let lock = "[[package]]\nname = 'handy'\ndependencies = ['serde', 'hidden 0.2.0']\n\
                    [[package]]\nname = 'hidden'\ndependencies = ['sqlx']\n";
        let tree = Tree::from([("Cargo.lock", lock)])
            .with("crates/model/Cargo.toml", "package.name = 'muster-model'\n[dependencies]\nserde = '1'")
            .with("crates/engine/Cargo.toml", "package.name = 'muster-engine'\n[dependencies]\ntokio = '1'")
            .with("crates/estate/Cargo.toml", &format!("package.name = 'muster-estate'\n{dependencies}"));
        let found: Vec<String> = super::check(&packages::read(&tree).unwrap(), &packages::locked(&tree).unwrap())
            .iter()
            .map(Finding::to_string)
            .collect();
        for way in expected_ways {
            assert!(found.contains(&format!("crates/estate/Cargo.toml: must stay pure: {way}")), "{found:?}");
        }
        assert_eq!(found.is_empty(), expected_ways.is_empty(), "{found:?}");
    }
}
