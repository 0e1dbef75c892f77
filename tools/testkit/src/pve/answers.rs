//! What each call is answered with, from the world and for somebody with rights.

mod access;
mod agent;
mod ceph;
mod cluster;
mod disks;
mod export;
mod guest;
mod ha;
mod node;
mod resources;
mod rrd;
mod storage;
mod tasks;

use serde_json::{Value, json};

use super::{
    access::{Access, Principal},
    answer::{Answer, Body},
    call::{Call, Kind, Place},
    exchange::Asked,
    world::{Guest, Node, Storage, World},
};

/// Everything that an answer is made of.
pub(super) struct Asking<'a> {
    pub(super) world: &'a World,
    pub(super) access: &'a Access,
    pub(super) who: &'a Principal,
    /// The node that was asked, by place.
    pub(super) entry: usize,
    pub(super) call: Call,
    pub(super) place: Place<'a>,
    pub(super) asked: &'a Asked,
    /// Unix seconds.
    pub(super) now: i64,
}

/// Data, or the answer that says why there is none.
type Told = Result<Value, Box<Answer>>;

/// Answers a call of somebody who is believed.
pub(super) fn answer(asking: &Asking<'_>) -> Answer {
    let told = match whole(asking) {
        Some(told) => told,
        None => data(asking).map(Answer::data),
    };
    told.unwrap_or_else(|refused| *refused)
}

/// The answers that are more, or otherwise, than data in an envelope.
fn whole(asking: &Asking<'_>) -> Option<Result<Answer, Box<Answer>>> {
    if asking.call.kind == Kind::NodeTasks {
        return Some(tasks::node(asking).map(Answer::json));
    }
    let has_export = asking.call.kind == Kind::Export && asking.world.version.since(8, 3);
    has_export.then(|| export::export(asking))
}

/// What realms there are, which everybody may ask.
pub(super) fn domains() -> Answer {
    Answer::data(json!([
        {"type": "pve", "realm": "pve", "comment": "Proxmox VE authentication server"},
        {"type": "pam", "realm": "pam", "comment": "Linux PAM standard authentication"},
    ]))
}

/// A path that no release knows.
pub(super) fn unknown(path: &str) -> Answer {
    let reason = format!("Method 'GET {path}' not implemented");
    Answer { status: 501, reason: Some(reason), body: Body::Json(json!({"data": null})) }
}

fn data(asking: &Asking<'_>) -> Told {
    match asking.call.kind {
        Kind::Version => Ok(cluster::version(asking)),
        Kind::NodeVersion => asking.node().map(|_| cluster::version(asking)),
        Kind::Permissions => Ok(json!(asking.who.rights.listed())),
        Kind::Users => Ok(access::users(asking)),
        Kind::ClusterStatus => cluster::status(asking),
        Kind::Resources => Ok(resources::all(asking)),
        Kind::ClusterTasks => Ok(tasks::cluster(asking)),
        Kind::ClusterReplication => Ok(tasks::replication_jobs(asking)),
        Kind::BackupJobs => tasks::backup_jobs(asking),
        Kind::NotBackedUp => tasks::not_backed_up(asking),
        Kind::CephStatus => ceph::cluster(asking),
        Kind::NodeCephStatus => ceph::node(asking),
        Kind::HaStatus => ha::status(asking),
        Kind::HaManager => ha::manager(asking),
        Kind::HaResources => ha::resources(asking),
        Kind::HaGroups => ha::groups(asking),
        Kind::HaRules => ha::rules(asking),
        Kind::Pools => Ok(resources::pool_list(asking)),
        Kind::StorageConfig => Ok(resources::definitions(asking)),
        Kind::Nodes => Ok(resources::nodes(asking, true).into()),
        Kind::NodeStatus => node::status(asking),
        Kind::NodeTime => node::time(asking),
        Kind::NodeRrd => rrd::node(asking),
        Kind::NodeNetwork => node::network(asking),
        Kind::NodeServices => node::services(asking),
        Kind::NodeReplication => tasks::replication(asking),
        Kind::NodeStorage => storage::list(asking),
        Kind::StorageContent => storage::content(asking),
        Kind::StorageRrd => rrd::storage(asking),
        Kind::Certificates => node::certificates(asking),
        Kind::Subscription => node::subscription(asking),
        Kind::Updates => node::updates(asking),
        Kind::Packages => node::packages(asking),
        Kind::Disks => disks::list(asking),
        Kind::Smart => disks::smart(asking),
        Kind::ZfsList => disks::pools(asking),
        Kind::ZfsDetail => disks::pool(asking),
        Kind::GuestList => resources::guests_of_node(asking),
        Kind::GuestStatus => guest::status(asking),
        Kind::GuestConfig => guest::config(asking),
        Kind::GuestSnapshots => guest::snapshots(asking),
        Kind::GuestRrd => rrd::guest(asking),
        Kind::Agent => agent::agent(asking),
        Kind::Interfaces => agent::interfaces(asking),
        Kind::Domains | Kind::NodeTasks | Kind::Export => {
            Err(Box::new(unknown(asking.asked.path.as_deref().unwrap_or_default())))
        }
    }
}

impl<'a> Asking<'a> {
    /// Refuses whoever has none of these privileges on a path.
    fn need(&self, path: &str, privileges: &[&str]) -> Result<(), Box<Answer>> {
        if privileges.iter().any(|privilege| self.who.rights.allow(path, privilege)) {
            return Ok(());
        }
        let text = format!("Permission check failed ({path}, {})", privileges.join("|"));
        Err(self.fail(403, &text))
    }

    /// Whether a privilege is given on a path.
    fn may(&self, path: &str, privilege: &str) -> bool {
        self.who.rights.allow(path, privilege)
    }

    /// The node that the path names, and its place, whether it is up or not.
    fn known_node(&self) -> Result<(usize, &'a Node), Box<Answer>> {
        let name = self.place.node.unwrap_or_default();
        self.world.node(name).ok_or_else(|| {
            let text = format!(
                "hostname lookup '{name}' failed - failed to get address info for: {name}: Name or service not known"
            );
            self.fail(500, &text)
        })
    }

    /// The same of a node that has to answer itself: one that is down cannot.
    fn node(&self) -> Result<(usize, &'a Node), Box<Answer>> {
        let (place, node) = self.known_node()?;
        if !node.is_up() {
            let reason = "Errors during connection establishment, proxy handshake: No route to host";
            return Err(Box::new(Answer::phrase(595, reason)));
        }
        Ok((place, node))
    }

    /// The same for those who may see how nodes are.
    fn audited_node(&self) -> Result<(usize, &'a Node), Box<Answer>> {
        let (place, node) = self.node()?;
        self.need(&format!("/nodes/{}", node.name), &["Sys.Audit"])?;
        Ok((place, node))
    }

    /// The guest that the path names, for those who may see it.
    fn guest(&self) -> Result<(usize, &'a Guest), Box<Answer>> {
        let (place, node) = self.node()?;
        let id = self.place.guest.unwrap_or_default();
        self.need(&format!("/vms/{id}"), &["VM.Audit"])?;
        self.found(place, node, id)
    }

    /// The same without asking its node.
    fn guest_anywhere(&self) -> Result<(usize, &'a Guest), Box<Answer>> {
        let (place, node) = self.known_node()?;
        let id = self.place.guest.unwrap_or_default();
        self.need(&format!("/vms/{id}"), &["VM.Audit"])?;
        self.found(place, node, id)
    }

    fn found(&self, place: usize, node: &Node, id: &str) -> Result<(usize, &'a Guest), Box<Answer>> {
        let kind = self.place.guest_kind.unwrap_or_default();
        let guest = self.world.guest_at(id, kind, place);
        guest.map(|guest| (place, guest)).ok_or_else(|| {
            let folder = if kind == "lxc" { "lxc" } else { "qemu-server" };
            let text = format!("Configuration file 'nodes/{}/{folder}/{id}.conf' does not exist", node.name);
            self.fail(500, &text)
        })
    }

    /// The guests that may be seen.
    fn guests(&self) -> impl Iterator<Item = &'a Guest> + use<'a> {
        let rights = &self.who.rights;
        self.world.guests.values().filter(|guest| rights.allow(&format!("/vms/{}", guest.id), "VM.Audit"))
    }

    /// The storages that may be seen.
    fn storages(&self) -> impl Iterator<Item = &'a Storage> + use<'a> {
        let rights = &self.who.rights;
        self.world
            .storages
            .iter()
            .filter(|storage| rights.allow(&format!("/storage/{}", storage.name), "Datastore.Audit"))
    }

    /// The storage that the path names, for those who may see it.
    fn storage(&self) -> Result<&'a Storage, Box<Answer>> {
        let name = self.place.name.unwrap_or_default();
        self.need(&format!("/storage/{name}"), &["Datastore.Audit", "Datastore.AllocateSpace"])?;
        let found = self.world.storages.iter().find(|storage| storage.name == name);
        found.ok_or_else(|| self.fail(500, &format!("storage '{name}' does not exist")))
    }

    fn fail(&self, status: u16, message: &str) -> Box<Answer> {
        Box::new(Answer::failure(self.world.version, status, message))
    }
}
