//! Where secrets may be read that somebody only names: the roots of `file:` and `env:` references (D-23).

use std::path::PathBuf;

use muster_outbound::{InvalidRoot, Roots};

use super::{ConfigError, layers::Layers};

/// Reads the section. Without any roots, nothing may be named.
pub(super) fn read(layers: &Layers) -> Result<Roots, ConfigError> {
    let directories: Vec<PathBuf> = layers.list("secrets", "directories")?.into_iter().map(PathBuf::from).collect();
    let prefixes = layers.list("secrets", "variables")?;
    Roots::new(&directories, &prefixes).map_err(|error| {
        let name = match &error {
            InvalidRoot::Place { .. } | InvalidRoot::Absent { .. } => "directories",
            InvalidRoot::Prefix { .. } => "variables",
        };
        layers.refuse("secrets", name, &muster_runtime::chain(&error))
    })
}
