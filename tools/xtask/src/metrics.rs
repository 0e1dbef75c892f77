//! The table of metric families in `docs/operating/metrics.md`, made from the server's catalogue.

use std::{fmt::Write, fs, path::PathBuf};

use anyhow::{Context, Result, ensure};
use muster_server::{Family, families};

const BEGIN: &str = "<!-- families: begin; written by `cargo run -p xtask -- metrics` -->\n";
const END: &str = "<!-- families: end -->";

/// Writes the table.
pub(crate) fn write() -> Result<()> {
    let (path, text) = read()?;
    fs::write(&path, renewed(&text)?).with_context(|| format!("writing {}", path.display()))
}

/// Fails when the table is stale.
pub(crate) fn check() -> Result<()> {
    let (path, text) = read()?;
    ensure!(renewed(&text)? == text, "{} is stale: run `cargo run -p xtask -- metrics`", path.display());
    Ok(())
}

fn read() -> Result<(PathBuf, String)> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/operating/metrics.md");
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    Ok((path, text))
}

fn renewed(text: &str) -> Result<String> {
    let (before, rest) = text.split_once(BEGIN).context("the page has no place for the table")?;
    let (_, after) = rest.split_once(END).context("the place for the table has no end")?;
    Ok(format!("{before}{BEGIN}{}{END}{after}", table()))
}

fn table() -> String {
    let mut table = "| Family | Type | Labels | Meaning |\n|---|---|---|---|\n".to_owned();
    for Family { name, kind, help, labels } in families() {
        let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
        writeln!(table, "| `{name}` | {} | {} | {help} |", kind.as_str(), labels.join(", "))
            .expect("writing to a text cannot fail");
    }
    table
}
