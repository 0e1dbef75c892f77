//! What the kernel says of the server while it is under load: memory, and open files.

use std::{fs, time::Duration};

use muster_runtime::{Clock, Shutdown};

use crate::site::Site;

/// Connections of clients that have left may stay for so long: until a stalled answer is given up, and some more.
const PATIENCE: Duration = Duration::from_secs(90);

/// Files that a server may have opened under load and keep: connections to its databases, up to the size of their pools.
const KEPT_FILES: usize = 16;

/// Between two looks.
const EVERY: Duration = Duration::from_millis(500);

/// A server's memory and files over time.
#[derive(Debug)]
pub(crate) struct Health {
    /// Open files before and after the load.
    pub(crate) files_before: usize,
    pub(crate) files_after: usize,
    looks: Vec<Look>,
}

#[derive(Debug, Clone, Copy)]
struct Look {
    resident_bytes: u64,
    files: usize,
}

impl Health {
    /// Looks before the load.
    pub(crate) fn begin(site: &Site) -> Self {
        let files_before = look(site).files;
        Self { files_before, files_after: files_before, looks: Vec::new() }
    }

    /// Looks on for as long as the load lasts.
    pub(crate) async fn watch(&mut self, site: &Site, span: Duration) {
        let (began, never) = (site.clock.monotonic(), Shutdown::new());
        while site.clock.monotonic() - began < span {
            self.looks.push(look(site));
            site.pause(&never, EVERY).await;
        }
    }

    /// Waits until what belonged to clients is closed, and no longer than it may take.
    pub(crate) async fn end(&mut self, site: &Site) {
        let (began, never) = (site.clock.monotonic(), Shutdown::new());
        loop {
            self.files_after = look(site).files;
            if !self.leaks_files() || site.clock.monotonic() - began > PATIENCE {
                return;
            }
            site.pause(&never, EVERY).await;
        }
    }

    /// Whether more files are open than before, and more than a server keeps.
    pub(crate) fn leaks_files(&self) -> bool {
        self.files_after > self.files_before + KEPT_FILES
    }

    /// The most files that were open.
    pub(crate) fn most_files(&self) -> usize {
        self.looks.iter().map(|look| look.files).max().unwrap_or_default()
    }

    /// The middle of resident memory in each quarter of the load, in bytes.
    pub(crate) fn memory_by_quarter(&self) -> [u64; 4] {
        std::array::from_fn(|quarter| {
            let part = &self.looks[self.looks.len() * quarter / 4..self.looks.len() * (quarter + 1) / 4];
            let mut sizes: Vec<u64> = part.iter().map(|look| look.resident_bytes).collect();
            sizes.sort_unstable();
            sizes[sizes.len() / 2]
        })
    }

    /// The most resident memory, in bytes.
    pub(crate) fn most_memory(&self) -> u64 {
        self.looks.iter().map(|look| look.resident_bytes).max().unwrap_or_default()
    }
}

fn look(site: &Site) -> Look {
    let of = format!("/proc/{}", site.server.pid().as_raw_nonzero());
    let status = fs::read_to_string(format!("{of}/status")).expect("the server runs");
    let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
    let resident_bytes = kibibytes.and_then(|text| text.trim().parse::<u64>().ok()).expect("it has memory") * 1024;
    Look { resident_bytes, files: fs::read_dir(format!("{of}/fd")).expect("the server runs").count() }
}
