//! Work that was done: noted when it happens, or known because it is done every night.

use super::{GuestKind, World};

/// Seconds of a day.
const DAY: i64 = 24 * 60 * 60;

/// When the backups of a night begin, in seconds after midnight.
const NIGHT: i64 = 2 * 60 * 60;

/// A task.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    /// By place.
    pub(crate) node: usize,
    pub(crate) kind: String,
    /// What it was done to, often a guest.
    pub(crate) id: String,
    pub(crate) user: String,
    pub(crate) token: Option<String>,
    /// Unix seconds.
    pub(crate) start: i64,
    /// Unix seconds.
    pub(crate) end: i64,
    pub(crate) status: String,
    pub(crate) pid: u32,
}

impl Task {
    /// Whether it is over at a time.
    pub(crate) fn is_over(&self, now: i64) -> bool {
        self.end <= now
    }

    /// Its identifier, which names everything about it.
    pub(crate) fn upid(&self, world: &World) -> String {
        let Self { node, kind, id, user, token, start, pid, .. } = self;
        let user = token.as_ref().map_or_else(|| user.clone(), |token| format!("{user}!{token}"));
        let name = &world.nodes[*node].name;
        format!("UPID:{name}:{pid:08X}:{:08X}:{start:08X}:{kind}:{id}:{user}:", self.process_start(world))
    }

    /// When its process started, in hundredths of a second after the node.
    pub(crate) fn process_start(&self, world: &World) -> u64 {
        let node = &world.nodes[self.node];
        u64::try_from(self.start - node.started(self.start)).unwrap_or_default() * 100
    }
}

impl World {
    /// The tasks of a time, latest first: what was noted, and the backups of the last two nights.
    pub(crate) fn tasks_at(&self, now: i64) -> Vec<Task> {
        let noted = self.tasks.iter().filter(|task| task.start <= now).cloned();
        let midnight = now - now.rem_euclid(DAY);
        let nights = [midnight, midnight - DAY].into_iter().map(|day| day + NIGHT);
        let nightly = nights.flat_map(|night| (0..self.nodes.len()).map(move |node| (night, node)));
        let nightly = nightly.filter(|(night, node)| *night <= now && self.nodes[*node].was_up(*night));
        let mut tasks: Vec<Task> = noted.chain(nightly.map(|(night, node)| backup(night, node))).collect();
        tasks.sort_by(|one, other| other.start.cmp(&one.start).then_with(|| one.node.cmp(&other.node)));
        tasks
    }

    /// Notes a task that was done to a guest.
    pub(super) fn note(&mut self, now: i64, node: usize, guest: u32, verb: &str, seconds: i64) {
        self.events += 1;
        let is_container = self.guests.get(&guest).is_some_and(|guest| guest.kind == GuestKind::Container);
        let kind = match (is_container, verb) {
            (true, verb) => format!("vz{verb}"),
            // The one that is spelt otherwise.
            (false, "migrate") => "qmigrate".to_owned(),
            (false, "dump") => "vzdump".to_owned(),
            (false, verb) => format!("qm{verb}"),
        };
        self.tasks.push(Task {
            node,
            kind,
            id: guest.to_string(),
            user: "root@pam".to_owned(),
            token: None,
            start: now,
            end: now + seconds,
            status: "OK".to_owned(),
            pid: 4000 + self.events,
        });
    }
}

fn backup(night: i64, node: usize) -> Task {
    Task {
        node,
        kind: "vzdump".to_owned(),
        id: String::new(),
        user: "backup@pve".to_owned(),
        token: Some("nightly".to_owned()),
        start: night,
        end: night + 1200,
        status: "OK".to_owned(),
        pid: 900 + u32::try_from(node).expect("few nodes"),
    }
}
