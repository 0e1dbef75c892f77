//! Jobs that make backups: which guests each is for, and which of them cover a guest.

use std::collections::BTreeSet;

use jiff::Timestamp;
use muster_model::{BackupJob, BackupSelection};
use smol_str::SmolStr;

use crate::wire::backup::BackupJobRow;

/// A guest, as far as jobs choose by it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Covered<'a> {
    pub(crate) vmid: u32,
    pub(crate) node: Option<&'a str>,
    pub(crate) pool: Option<&'a str>,
}

/// What is known of the jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Jobs {
    jobs: Vec<Job>,
    /// Guests that the platform finds in no job.
    uncovered: BTreeSet<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Job {
    row: BackupJobRow,
    enabled: bool,
    chosen: Chosen,
}

/// Which guests a job is for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Chosen {
    Unknown,
    All { except: BTreeSet<u32> },
    Pool(SmolStr),
    Guests(BTreeSet<u32>),
}

/// How jobs cover a guest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Coverage {
    /// Absent where a job does not say whom it is for.
    pub(crate) covered: Option<bool>,
    pub(crate) jobs: Vec<String>,
    pub(crate) next_run: Option<Timestamp>,
}

impl Jobs {
    /// The jobs of a list, and the guests that the platform itself finds in none of them.
    pub(crate) fn new(rows: Vec<BackupJobRow>, uncovered: BTreeSet<u32>) -> Self {
        let mut jobs: Vec<Job> = rows.into_iter().map(Job::new).collect();
        jobs.sort_by(|one, other| one.row.id.cmp(&other.row.id));
        Self { jobs, uncovered }
    }

    /// The jobs that are switched on and cover a guest. The platform's own word that none does wins.
    pub(crate) fn coverage(&self, guest: &Covered<'_>) -> Coverage {
        if self.uncovered.contains(&guest.vmid) {
            return Coverage { covered: Some(false), ..Coverage::default() };
        }
        let running = || self.jobs.iter().filter(|job| job.enabled);
        let covering: Vec<&Job> = running().filter(|job| job.covers(guest)).collect();
        let in_doubt = running().any(|job| job.chosen == Chosen::Unknown);
        Coverage {
            covered: if covering.is_empty() && in_doubt { None } else { Some(!covering.is_empty()) },
            jobs: covering.iter().map(|job| job.row.id.to_string()).collect(),
            next_run: covering.iter().filter_map(|job| job.row.next_run).min(),
        }
    }

    /// The jobs that write to a storage, to be shown. To one that a node has for itself only that node's guests are
    /// written, whomever else a job covers.
    pub(crate) fn to_storage(&self, storage: &str, node: Option<&str>, guests: &[Covered<'_>]) -> Vec<BackupJob> {
        let runs_there = |job: &&Job| node.is_none() || job.row.node.is_none() || job.row.node.as_deref() == node;
        let is_there = |guest: &&Covered<'_>| node.is_none() || guest.node == node;
        let guests: Vec<Covered<'_>> = guests.iter().filter(is_there).copied().collect();
        let to_it = self.jobs.iter().filter(|job| job.row.storage.as_deref() == Some(storage)).filter(runs_there);
        to_it.map(|job| job.shown(&guests)).collect()
    }
}

impl Job {
    fn new(row: BackupJobRow) -> Self {
        Self { enabled: row.enabled != Some(false), chosen: Chosen::of(&row), row }
    }

    fn covers(&self, guest: &Covered<'_>) -> bool {
        let here = self.row.node.as_deref().is_none_or(|node| guest.node == Some(node));
        here && match &self.chosen {
            Chosen::Unknown => false,
            Chosen::All { except } => !except.contains(&guest.vmid),
            Chosen::Pool(pool) => guest.pool == Some(pool.as_str()),
            Chosen::Guests(ids) => ids.contains(&guest.vmid),
        }
    }

    fn shown(&self, guests: &[Covered<'_>]) -> BackupJob {
        let text = |text: &Option<SmolStr>| text.as_ref().map(ToString::to_string).filter(|text| !text.is_empty());
        let covered = guests.iter().filter(|guest| self.covers(guest)).count();
        BackupJob {
            id: self.row.id.to_string(),
            enabled: self.enabled,
            schedule: text(&self.row.schedule).or_else(|| weekly(&self.row)),
            next_run_at: self.row.next_run.filter(|_| self.enabled),
            mode: text(&self.row.mode),
            node: text(&self.row.node),
            selection: self.chosen.shown(),
            guests: u32::try_from(covered).unwrap_or(u32::MAX),
            comment: text(&self.row.comment),
        }
    }
}

/// The schedule of a job that was made by version 6.
fn weekly(row: &BackupJobRow) -> Option<String> {
    let (days, time) = (row.dow.as_deref(), row.starttime.as_deref()?);
    Some(days.map_or_else(|| time.to_owned(), |days| format!("{days} {time}")))
}

impl Chosen {
    fn of(row: &BackupJobRow) -> Self {
        if row.all == Some(true) {
            return Self::All { except: numbers(row.exclude.as_deref()) };
        }
        match (&row.pool, &row.vmid) {
            (Some(pool), _) => Self::Pool(pool.clone()),
            (None, Some(ids)) => Self::Guests(numbers(Some(ids))),
            (None, None) => Self::Unknown,
        }
    }

    fn shown(&self) -> BackupSelection {
        let texts = |ids: &BTreeSet<u32>| ids.iter().map(u32::to_string).collect();
        match self {
            Self::Unknown => BackupSelection::Unknown,
            Self::All { except } => BackupSelection::All { except: texts(except) },
            Self::Pool(pool) => BackupSelection::Pool { pool: pool.to_string() },
            Self::Guests(ids) => BackupSelection::Guests { ids: texts(ids) },
        }
    }
}

fn numbers(text: Option<&str>) -> BTreeSet<u32> {
    let words = text.unwrap_or_default().split([',', ';', ' ']);
    words.filter_map(|word| word.trim().parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guest_is_covered_by_jobs_that_are_switched_on() {
        let jobs = read(
            r#"[{"id":"nightly","all":1,"exclude":"102,103","next-run":500},{"id":"off","enabled":"0","vmid":"102"},
                {"id":"pool","pool":"prod","next-run":"300"},{"id":"here","node":"pve2","all":1}]"#,
            [],
        );
        let check = |vmid, pool, covered, by: &[&str]| {
            let found = jobs.coverage(&Covered { vmid, node: Some("pve1"), pool });
            assert_eq!((found.covered, found.jobs), (covered, by.iter().map(ToString::to_string).collect()), "{vmid}");
        };
        check(101, Some("prod"), Some(true), &["nightly", "pool"]);
        check(101, None, Some(true), &["nightly"]);
        check(102, None, Some(false), &[]);
        let next = jobs.coverage(&Covered { vmid: 101, node: None, pool: Some("prod") }).next_run;
        assert_eq!(next.map(Timestamp::as_second), Some(300));
    }

    #[test]
    fn the_platforms_own_word_wins() {
        let jobs = read(r#"[{"id":"nightly","all":1}]"#, [101]);
        assert_eq!(jobs.coverage(&guest(101)).covered, Some(false));
        assert_eq!(jobs.coverage(&guest(102)).covered, Some(true));
    }

    #[test]
    fn a_job_that_does_not_say_whom_it_is_for_leaves_doubt() {
        // D-9
        let jobs = read(r#"[{"id":"odd"}]"#, []);
        assert_eq!(jobs.coverage(&guest(101)).covered, None);
        assert_eq!(read("[]", []).coverage(&guest(101)).covered, Some(false));
    }

    #[test]
    fn a_storage_of_one_node_holds_that_nodes_guests_only() {
        let jobs = read(
            r#"[{"id":"a","storage":"local","all":1},{"id":"b","storage":"local","all":1,"node":"pve1"},
                {"id":"c","storage":"local","all":1,"node":"pve2"}]"#,
            [],
        );
        let on = |vmid, node| Covered { node: Some(node), ..guest(vmid) };
        let guests = [on(101, "pve1"), on(102, "pve2"), on(103, "pve2")];
        let shown = |node| -> Vec<(String, u32)> {
            jobs.to_storage("local", node, &guests).into_iter().map(|job| (job.id, job.guests)).collect()
        };
        assert_eq!(shown(Some("pve1")), [("a".to_owned(), 1), ("b".to_owned(), 1)]);
        assert_eq!(shown(None).len(), 3);
    }

    #[test]
    fn a_storage_shows_the_jobs_that_write_to_it() {
        let jobs = read(
            r#"[{"id":"b","storage":"pbs","enabled":0,"all":true,"next-run":9},{"id":"a","storage":"pbs","vmid":"101,999",
                 "dow":"mon,sat","starttime":"02:00"},{"id":"c","storage":"nas","all":1}]"#,
            [],
        );
        let shown = jobs.to_storage("pbs", None, &[guest(101), guest(102)]);
        assert_eq!(shown.iter().map(|job| (job.id.as_str(), job.guests)).collect::<Vec<_>>(), [("a", 1), ("b", 2)]);
        assert_eq!(shown[0].schedule.as_deref(), Some("mon,sat 02:00"));
        assert_eq!((shown[1].enabled, shown[1].next_run_at), (false, None));
    }

    fn guest(vmid: u32) -> Covered<'static> {
        Covered { vmid, node: Some("pve1"), pool: None }
    }

    fn read(jobs: &str, uncovered: impl IntoIterator<Item = u32>) -> Jobs {
        Jobs::new(serde_json::from_str(jobs).unwrap(), uncovered.into_iter().collect())
    }
}
