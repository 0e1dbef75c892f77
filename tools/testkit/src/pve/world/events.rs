//! What happens to the world.

use super::{RunState, Snapshot, World};
use crate::pve::action::{Action, NoSuch};

impl World {
    /// Lets something happen to a guest, a disk, a storage or the cluster.
    ///
    /// # Errors
    /// When what it happens to is not there.
    pub(crate) fn act(&mut self, action: Action, now: i64) -> Result<(), NoSuch> {
        match action {
            Action::Start { guest } => self.turn(guest, RunState::Running, "start", now)?,
            Action::Stop { guest } => self.turn(guest, RunState::Stopped, "stop", now)?,
            Action::Pause { guest } => self.turn(guest, RunState::Paused, "suspend", now)?,
            Action::Migrate { guest, to } => self.migrate(guest, &to, now)?,
            Action::Destroy { guest } => {
                let node = self.guest(guest)?.node();
                self.note(now, node, guest, "destroy", 4);
                self.guests.remove(&guest);
                self.replications.retain(|job| job.guest != guest);
            }
            Action::Recreate { guest } => {
                let node = self.guest(guest)?.node();
                self.note(now, node, guest, "destroy", 4);
                let reborn = self.reborn(&self.guests[&guest], now);
                self.guests.insert(guest, reborn);
                self.note(now, node, guest, "create", 6);
            }
            Action::Rename { guest, name } => self.guest(guest)?.name = name,
            Action::CopyUuid { guest, from } => {
                let uuid = self.guest(from)?.uuid.clone();
                self.guest(guest)?.uuid = uuid;
            }
            Action::Agent { guest, state } => self.guest(guest)?.agent = Some(state),
            Action::Balloon { guest, bytes } => self.guest(guest)?.ballooned = Some(bytes),
            Action::StatusDaemon { node, works } => {
                let place = self.place(&node)?;
                self.nodes[place].silent_since = (!works).then_some(now);
            }
            Action::Quorum { quorate } => self.is_quorate = quorate,
            Action::Zfs { node, pool, degraded } => {
                let place = self.place(&node)?;
                let pools = &mut self.nodes[place].pools;
                let found = pools.iter_mut().find(|other| other.name == pool);
                found.ok_or(NoSuch { what: "pool", name: pool })?.is_degraded = degraded;
            }
            Action::DiskFails { node, disk } => {
                let place = self.place(&node)?;
                let found = self.nodes[place].disks.iter_mut().find(|other| other.path == disk);
                found.ok_or(NoSuch { what: "disk", name: disk })?.fails = true;
            }
            Action::Storage { node, storage, active } => {
                let place = self.place(&node)?;
                let found = self.storages.iter_mut().find(|other| other.name == storage);
                let unreachable = &mut found.ok_or(NoSuch { what: "storage", name: storage })?.unreachable;
                let _ = if active { unreachable.remove(&place) } else { unreachable.insert(place) };
            }
            Action::Replication { guest, error } => {
                let found = self.replications.iter_mut().find(|job| job.guest == guest);
                let job = found.ok_or_else(|| NoSuch { what: "replication of guest", name: guest.to_string() })?;
                job.failing = error.map(|error| (now, error));
            }
            Action::Ceph { down } => {
                let ceph = self.ceph.as_mut().ok_or_else(|| NoSuch { what: "storage", name: "Ceph".to_owned() })?;
                ceph.down = down;
            }
            Action::Snapshot { guest, name, memory } => {
                let found = self.guest(guest)?;
                found.snapshots.push(Snapshot { name, taken: now, has_memory: memory });
                let node = found.node();
                self.note(now, node, guest, "snapshot", 3);
            }
            Action::RemoveSnapshot { guest, name } => {
                let found = self.guest(guest)?;
                found.snapshots.retain(|snapshot| snapshot.name != name);
                let node = found.node();
                self.note(now, node, guest, "delsnapshot", 3);
            }
            Action::Backup { guest } => {
                let node = self.guest(guest)?.node();
                self.backups.push((guest, now));
                self.note(now, node, guest, "dump", 60);
            }
            Action::Exclude { guest } => {
                self.guest(guest)?;
                self.excluded.insert(guest);
                self.backups.retain(|(of, _)| *of != guest);
            }
            Action::BackupJob { enabled } => self.backs_up = enabled,
            Action::ClockSkew { node, seconds } => {
                let place = self.place(&node)?;
                self.nodes[place].skew = seconds;
            }
            // What happens to whole nodes, to rights and on the way is not done here: the simulation does it.
            Action::NodeDown { .. }
            | Action::NodeUp { .. }
            | Action::CutOff { .. }
            | Action::Revoke { .. }
            | Action::Grant { .. }
            | Action::Secret { .. }
            | Action::Certificate { .. }
            | Action::Fail { .. }
            | Action::Heal { .. } => {}
        }
        Ok(())
    }

    /// A node is gone, and whatever ran on it runs no more.
    pub(crate) fn node_down(&mut self, node: usize, now: i64) {
        if self.nodes[node].is_up() {
            self.nodes[node].turns.push(now);
        }
    }

    /// A node is back. Its guests that start with it were started by it.
    pub(crate) fn node_up(&mut self, node: usize, now: i64) {
        if self.nodes[node].is_up() {
            return;
        }
        self.nodes[node].turns.push(now);
        self.nodes[node].silent_since = None;
        for guest in self.guests.values_mut().filter(|guest| guest.node() == node) {
            let ran = guest.state() != RunState::Stopped;
            guest.life.turn(now, RunState::Stopped);
            if ran && guest.starts_at_boot {
                guest.life.turn(now, RunState::Running);
            }
        }
    }

    fn turn(&mut self, guest: u32, state: RunState, verb: &str, now: i64) -> Result<(), NoSuch> {
        let found = self.guest(guest)?;
        let node = found.node();
        if found.state() != state {
            found.life.turn(now, state);
            self.note(now, node, guest, verb, 3);
        }
        Ok(())
    }

    fn migrate(&mut self, guest: u32, to: &str, now: i64) -> Result<(), NoSuch> {
        let target = self.place(to)?;
        let found = self.guest(guest)?;
        let source = found.node();
        if source != target {
            found.life.go(now, target);
            // A guest that moves to its copy is copied back from there; on any other node the job goes on as it was.
            for job in self.replications.iter_mut().filter(|job| job.guest == guest && job.target == target) {
                job.target = source;
            }
            self.note(now, source, guest, "migrate", 12);
        }
        Ok(())
    }

    fn guest(&mut self, guest: u32) -> Result<&mut super::Guest, NoSuch> {
        self.guests.get_mut(&guest).ok_or_else(|| NoSuch { what: "guest", name: guest.to_string() })
    }

    fn place(&self, node: &str) -> Result<usize, NoSuch> {
        let found = self.node(node).map(|(place, _)| place);
        found.ok_or_else(|| NoSuch { what: "node", name: node.to_owned() })
    }
}
