//! The guide for operators says how often the platform is asked; what it says is what is done.

use std::{collections::BTreeMap, fs, path::Path};

use jiff::SignedDuration;

use super::lab::Lab;

#[tokio::test]
async fn the_guide_names_every_lane_and_its_interval() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operating/proxmox.md");
    let guide = fs::read_to_string(guide).unwrap();
    let written: BTreeMap<String, SignedDuration> = guide.lines().filter_map(row).collect();
    let lab = Lab::new().await;
    let lanes: BTreeMap<String, SignedDuration> =
        lab.lanes().into_iter().map(|lane| (lane.name.to_owned(), lane.every)).collect();
    assert_eq!(written, lanes);
}

/// A row of the table: a lane between backticks, then its interval.
fn row(line: &str) -> Option<(String, SignedDuration)> {
    let mut cells = line.strip_prefix("| `")?.split(" | ");
    let lane = cells.next()?.strip_suffix('`')?;
    let interval = cells.next()?;
    let (number, unit) = interval.strip_prefix("the interval, ").unwrap_or(interval).split_once(' ')?;
    let unit = match unit {
        "s" => 1,
        "min" => 60,
        _ => return None,
    };
    Some((lane.to_owned(), SignedDuration::from_secs(number.parse::<i64>().ok()? * unit)))
}
