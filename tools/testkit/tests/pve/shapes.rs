//! What the simulator answers has the shape of what was recorded: every key, with the same type.

use std::collections::BTreeMap;

use hyper::Method;
use muster_testkit::pve::{Action, AgentState, ClusterBuilder, GuestFacts, Rights, Running, User, Version, recorded};
use serde_json::{Value, json};

use crate::asker::{Asker, at_rest, row};

#[tokio::test]
async fn release_7() {
    let shapes = Shapes::of(Version::V7_4).await;
    let (machine, container) = (shapes.machine(), shapes.container());
    shapes.check("version.v7", "/version", &[]).await;
    shapes.check("cluster_status.v7", "/cluster/status", &[]).await;
    shapes.check("cluster_resources.v7", "/cluster/resources", &[]).await;
    shapes.check("nodes.v7", "/nodes", &[]).await;
    shapes.check("node_status.v7", "/nodes/pve1/status", &[]).await;
    shapes.check("lxc_list.v7", &format!("/nodes/{}/lxc", container.node), &["template"]).await;
    shapes.check("lxc_status_current.v7", &container.path("status/current"), &["template", "tags"]).await;
    shapes.check("qemu_rrddata_stopped.v7", &shapes.stopped_machine().path("rrddata?timeframe=hour"), &[]).await;
    shapes.check("lxc_snapshots.v7", &shapes.with_snapshots("lxc").await.path("snapshot"), &[]).await;
    shapes.check("network.v7", "/nodes/pve1/network", &[]).await;
    shapes.check("pools.v7", "/pools", &[]).await;
    // Thin pools and restrictions to nodes are not simulated.
    shapes.check("storage_config.v7", "/storage", &["thinpool", "vgname", "nodes"]).await;
    shapes.check("access_ticket.v7", "login", &["cap"]).await;
    shapes.refuses("error_403_permission.v7", "/nodes/pve/status").await;
    shapes.refuses("error_501_unknown_path", &container.path("interfaces")).await;
    let text = shapes.asker.get(&machine.path("config")).await;
    assert!(text.data()["memory"].is_number());
}

#[tokio::test]
async fn release_8() {
    let shapes = Shapes::of(Version::V8_2).await;
    let (machine, container) = (shapes.machine(), shapes.container());
    shapes.check("node_storage.v8", "/nodes/pve1/storage", &[]).await;
    // A display and a drive that nothing is in are not simulated.
    shapes.check("qemu_status_current.v8", &machine.path("status/current"), STATUS_NOT_SIMULATED).await;
    shapes.check("lxc_interfaces.v8", &container.path("interfaces"), &[]).await;
    shapes.check("node_rrddata.v8", "/nodes/pve1/rrddata?timeframe=hour", &[]).await;
    shapes.check("guest_rrddata.v8", &machine.path("rrddata?timeframe=hour"), &[]).await;
    shapes.check("ha_status_current.v8", "/cluster/ha/status/current", &["comment"]).await;
    shapes.check("ha_resources.v8", "/cluster/ha/resources", &[]).await;
    shapes.check("access_users_full.v8", "/access/users?full=1", &["email", "totp-locked", "tfa-locked-until"]).await;
    shapes.check("cluster_backup_jobs.v8", "/cluster/backup", &[]).await;
    shapes.check("qemu_snapshots.v8", &shapes.with_snapshots("qemu").await.path("snapshot"), &[]).await;
    shapes.check("access_ticket_needtfa.v8", "login with a second factor", &[]).await;
    assert_eq!(shapes.asker.data("/access/permissions").await, fixture("access_permissions_auditor.v8")["data"]);
    shapes.refuses("error_401_login.v8", "wrong login").await;
    shapes.refuses("error_401_token_value.v8", "wrong token").await;
    shapes.refuses("error_401_ticket_invalid.v8", "wrong ticket").await;
    // The bulk export is younger.
    assert_eq!(shapes.asker.get("/cluster/metrics/export").await.status, 501);
}

#[tokio::test]
async fn release_9() {
    let shapes = Shapes::of(Version::V9_2).await;
    let (machine, container) = (shapes.machine(), shapes.container());
    shapes.check("version.v9", "/version", &[]).await;
    // What is locked at the moment is not simulated.
    shapes.check("cluster_resources.v9", "/cluster/resources", &["lock"]).await;
    shapes.check("node_status.v9", "/nodes/pve1/status", &[]).await;
    shapes.check("qemu_status_current.v9", &machine.path("status/current"), STATUS_NOT_SIMULATED).await;
    shapes.check("lxc_status_current.v9", &container.path("status/current"), &["tags"]).await;
    shapes.check("lxc_interfaces.v9", &container.path("interfaces"), &[]).await;
    shapes.check("cluster_metrics_export.v9", "/cluster/metrics/export", &[]).await;
    shapes.check("node_rrddata.v9", "/nodes/pve1/rrddata?timeframe=hour", &[]).await;
    shapes.check("qemu_rrddata.v9", &machine.path("rrddata?timeframe=hour"), &[]).await;
    shapes.check("lxc_rrddata.v9", &container.path("rrddata?timeframe=hour"), &[]).await;
    shapes.check("storage_rrddata.v9", "/nodes/pve1/storage/local/rrddata?timeframe=hour", &[]).await;
    shapes.check("ha_status_current.v9", "/cluster/ha/status/current", &["comment"]).await;
    let done = &["manager_status", "lrm_status"];
    shapes.check("ha_manager_status.v9", "/cluster/ha/status/manager_status", done).await;
    shapes.check("ha_rules.v9", "/cluster/ha/rules", &[]).await;
    shapes.check("certificates_info.v9", "/nodes/pve1/certificates/info", &[]).await;
    shapes.check("subscription_notfound.v9", "/nodes/pve1/subscription", &[]).await;
    shapes.check("services.v9", "/nodes/pve1/services", &[]).await;
    shapes.refuses("error_403_permission.v9", "/nodes/pve/status").await;
    shapes.refuses("error_500_message_body.v9", "/nodes/pve/qemu/999/config").await;
    shapes.refuses("error_500_ha_groups_migrated.v9", "/cluster/ha/groups").await;
    shapes.refuses("error_400_parameter.v9", "/nodes/pve1/rrddata?timeframe=fortnight").await;
    shapes.refuses("error_401_auth_failed.v9", "wrong token").await;
    shapes.refuses("error_401_no_ticket", "nobody").await;
    shapes.refuses("error_501_head_method", "head").await;
    assert_eq!(shapes.asker.data("/access/permissions").await, fixture("access_permissions_auditor.v9")["data"]);
}

#[tokio::test]
async fn the_hardware_of_release_9() {
    let shapes = Shapes::of(Version::V9_1).await;
    shapes.check("disks_list_hdd_smart.v9", "/nodes/pve1/disks/list", &[]).await;
    shapes.check("disks_list_nvme_smart.v9", "/nodes/pve1/disks/list", &[]).await;
    shapes.check("disks_list_ssd_smart.v9", "/nodes/pve1/disks/list", &[]).await;
    shapes.check("disks_smart_hdd.v9", "/nodes/pve1/disks/smart?disk=/dev/sda", &[]).await;
    shapes.check("disks_smart_ssd.v9", "/nodes/pve1/disks/smart?disk=/dev/sdc", &[]).await;
    shapes.check("disks_smart_nvme.v9", "/nodes/pve1/disks/smart?disk=/dev/nvme0n1", &[]).await;
    shapes.check("disks_zfs.v9", "/nodes/pve1/disks/zfs", &[]).await;
    let (node, pool) = ("pve1".to_owned(), "tank".to_owned());
    shapes.cluster.act(Action::Zfs { node, pool, degraded: true });
    shapes.check("disks_zfs_detail_degraded.v9", "/nodes/pve1/disks/zfs/tank", &[]).await;
    let (guest, backups) = (shapes.find(|guest| guest.runs).id, "/cluster/backup-info/not-backed-up");
    shapes.cluster.act(Action::Exclude { guest });
    shapes.check("backup_info_not_backed_up.v9", backups, &[]).await;
    let (node, storage) = ("pve1".to_owned(), "nas".to_owned());
    shapes.cluster.act(Action::Storage { node, storage, active: false });
    shapes.check("node_storage_inactive.v9", "/nodes/pve1/storage", &[]).await;
}

#[tokio::test]
async fn ceph_of_release_9() {
    let (builder, _clock) = at_rest();
    let shapes = Shapes::start(builder.ceph()).await;
    // Filesystems, services and most of what managers and monitors say of themselves are not simulated.
    let left_out = ["fsmap", "servicemap", "mgrmap", "monmap", "health.checks", "osd_up_since", "osd_in_since"];
    shapes.check("ceph_status_reef.v8", "/cluster/ceph/status", &left_out).await;
    shapes.check("ceph_status_reef.v8", "/nodes/pve1/ceph/status", &left_out).await;
    shapes.cluster.act(Action::Ceph { down: 2 });
    let health = shapes.asker.data("/cluster/ceph/status").await["health"].clone();
    assert_eq!(
        (&health["status"], &health["checks"]["OSD_DOWN"]["summary"]["count"]),
        (&json!("HEALTH_WARN"), &json!(2))
    );
}

#[tokio::test]
async fn the_work_of_release_9() {
    let shapes = Shapes::of(Version::V9_1).await;
    let guest = shapes.machine();
    let to = shapes.cluster.nodes().into_iter().find(|node| *node != guest.node).unwrap();
    shapes.cluster.act(Action::Migrate { guest: guest.id, to });
    shapes.check("cluster_tasks.v9", "/cluster/tasks", &[]).await;
    shapes.check("node_tasks.v9", &format!("/nodes/{}/tasks?source=all", guest.node), &[]).await;
    // Limits and comments of a job are not simulated.
    shapes.check("cluster_replication.v9", "/cluster/replication", &["rate", "disable", "comment"]).await;
    let copied = shapes.asker.data("/cluster/replication").await[0].clone();
    let error = Some("target node is not online".to_owned());
    let guest = u32::try_from(copied["guest"].as_u64().unwrap()).unwrap();
    shapes.cluster.act(Action::Replication { guest, error });
    let node = shapes.cluster.guest(guest).unwrap().node;
    shapes.check("node_replication_failing.v9", &format!("/nodes/{node}/replication"), &[]).await;
}

#[tokio::test]
async fn what_takes_more_rights_in_release_9() {
    let shapes = Shapes::with(Version::V9_1, Rights::everything(Version::V9_1)).await;
    let machine = shapes.machine();
    shapes.check("apt_update.v9", "/nodes/pve1/apt/update", &["NotifyStatus"]).await;
    let not_simulated = &["protected", "encrypted", "parent"];
    shapes.check("storage_content_pbs.v9", "/nodes/pve1/storage/pbs/content?content=backup", not_simulated).await;
    shapes.check("agent_file_read.v9", &machine.path("agent/file-read?file=/proc/meminfo"), &["truncated"]).await;
    shapes.check("agent_get_fsinfo.v9", &machine.path("agent/get-fsinfo"), &[]).await;
    shapes.check("agent_get_host_name.v9", &machine.path("agent/get-host-name"), &[]).await;
    shapes.check("agent_get_osinfo.v9", &machine.path("agent/get-osinfo"), &[]).await;
    shapes.check("agent_info.v9", &machine.path("agent/info"), &[]).await;
    shapes.check("agent_network_get_interfaces.v6", &machine.path("agent/network-get-interfaces"), &[]).await;
    let config = [
        "bios",
        "machine",
        "ciuser",
        "cipassword",
        "sshkeys",
        "nameserver",
        "searchdomain",
        "protection",
        "description",
        "lock",
        "balloon",
        "net1",
        "net2",
        "ipconfig1",
        "tags",
    ];
    shapes.check("qemu_config_ipam.v9", &machine.path("config"), &config).await;
    let config = ["nameserver", "searchdomain", "net1", "net2", "mp0", "tags"];
    shapes.check("lxc_config_ipam.v9", &shapes.container().path("config"), &config).await;

    let agent = |state| shapes.cluster.act(Action::Agent { guest: machine.id, state });
    agent(AgentState::Ancient);
    let unsupported = "agent_network_get_interfaces_unsupported_200.v6";
    shapes.check(unsupported, &machine.path("agent/network-get-interfaces"), &[]).await;
    agent(AgentState::Dead);
    shapes.refuses("error_500_agent_not_running.v9", &machine.path("agent/get-osinfo")).await;
    let without = shapes.find(|guest| guest.kind == "qemu" && !guest.has_agent);
    shapes.refuses("error_500_agent_not_configured.v9", &without.path("agent/get-osinfo")).await;
}

#[tokio::test]
async fn a_node_alone_is_in_no_cluster() {
    let (builder, _clock) = at_rest();
    let shapes = Shapes::start(builder.standalone()).await;
    shapes.check("cluster_status_standalone", "/cluster/status", &[]).await;
    let status = shapes.asker.data("/cluster/status").await;
    assert_eq!((status.as_array().unwrap().len(), &status[0]["nodeid"]), (1, &json!(0)));
}

#[tokio::test]
async fn what_is_not_known_has_no_keys() {
    let (builder, clock) = at_rest();
    let shapes = Shapes::start(builder.rights(Rights::none())).await;
    shapes.cluster.act(Action::NodeDown { node: "pve2".to_owned() });
    clock.advance(std::time::Duration::from_secs(600));
    shapes.check("nodes_unprivileged_offline", "/nodes", &[]).await;
    let nodes = shapes.asker.data("/nodes").await;
    assert!(nodes.as_array().unwrap().iter().all(|node| node.get("cpu").is_none()), "{nodes}");

    let (builder, clock) = at_rest();
    let shapes = Shapes::start(builder).await;
    shapes.cluster.act(Action::NodeDown { node: "pve2".to_owned() });
    clock.advance(std::time::Duration::from_secs(600));
    let resources = shapes.asker.data("/cluster/resources").await;
    let keys = |row: &Value| row.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        keys(row(&resources, "id", "storage/pve2/local")),
        ["content", "id", "node", "plugintype", "shared", "status", "storage", "type",]
    );
    let guest = shapes.find(|guest| guest.node == "pve2");
    let row = row(&resources, "id", &format!("{}/{}", guest.kind, guest.id));
    assert_eq!((&row["status"], row.get("name"), row.get("cpu")), (&json!("unknown"), None, None));
}

#[tokio::test]
async fn a_stopped_container_has_no_interfaces() {
    let (builder, _clock) = at_rest();
    let shapes = Shapes::start(builder).await;
    let container = shapes.container();
    shapes.cluster.act(Action::Stop { guest: container.id });
    let answer = shapes.asker.get(&container.path("interfaces")).await;
    assert_eq!(answer.json(), fixture("lxc_interfaces_stopped_null"));
}

/// Spice, and a drive without a disk.
const STATUS_NOT_SIMULATED: &[&str] = &["spice", "blockstat.scsi0", "blockstat.ide2", "nics", "proxmox-support"];

/// A cluster whose answers are held against recorded ones.
struct Shapes {
    cluster: Running,
    asker: Asker,
}

/// How the path of a guest is written.
trait PathOf {
    fn path(&self, rest: &str) -> String;
}

impl PathOf for GuestFacts {
    fn path(&self, rest: &str) -> String {
        format!("/nodes/{}/{}/{}/{rest}", self.node, self.kind, self.id)
    }
}

impl Shapes {
    async fn of(version: Version) -> Self {
        Self::with(version, Rights::auditor(version)).await
    }

    async fn with(version: Version, rights: Rights) -> Self {
        let (builder, _clock) = at_rest();
        let user = |id: &str, has_second_factor| User {
            id: id.to_owned(),
            password: "right".to_owned(),
            rights: Rights::auditor(version),
            has_second_factor,
        };
        let builder = builder.version(version).rights(rights);
        Self::start(builder.user(user("ada@pve", false)).user(user("bob@pve", true))).await
    }

    async fn start(builder: ClusterBuilder) -> Self {
        let cluster = builder.start().await;
        let asker = Asker::of(&cluster, "pve1");
        Self { cluster, asker }
    }

    fn find(&self, is_it: impl Fn(&GuestFacts) -> bool) -> GuestFacts {
        let all = self.cluster.guests().into_iter().filter_map(|id| self.cluster.guest(id));
        all.into_iter().find(|guest| is_it(guest)).expect("the cluster has such a guest")
    }

    /// A running machine with an agent and everything else that can be seen of one.
    fn machine(&self) -> GuestFacts {
        self.find(|guest| {
            guest.kind == "qemu" && guest.runs && guest.has_agent && guest.has_balloon && !guest.is_windows
        })
    }

    fn stopped_machine(&self) -> GuestFacts {
        self.find(|guest| guest.kind == "qemu" && !guest.runs)
    }

    fn container(&self) -> GuestFacts {
        self.find(|guest| guest.kind == "lxc" && guest.runs)
    }

    async fn with_snapshots(&self, kind: &str) -> GuestFacts {
        for guest in self.cluster.guests().into_iter().filter_map(|id| self.cluster.guest(id)) {
            if guest.kind == kind && self.asker.data(&guest.path("snapshot")).await.as_array().unwrap().len() > 2 {
                return guest;
            }
        }
        panic!("no {kind} has two snapshots");
    }

    /// Holds an answer against a recorded one. What is left out is named: a key, or a path of keys.
    async fn check(&self, name: &str, path: &str, left_out: &[&str]) {
        let nobody = Asker::nobody(&self.cluster, "pve1");
        let answer = match path {
            "login" => nobody.login("ada@pve", "right").await,
            "login with a second factor" => nobody.login("bob@pve", "right").await,
            path => self.asker.get(path).await,
        };
        assert_eq!(answer.status, 200, "{name}: {answer:?}");
        let (recorded, ours) = (Shape::of(&fixture(name)), Shape::of(&answer.json()));
        let missing: Vec<String> = recorded
            .missing_in(&ours, "")
            .into_iter()
            .filter(|missing| {
                let key = missing.split(' ').next().unwrap().trim_start_matches(".data");
                !left_out.iter().any(|left| is_below(key, left))
            })
            .collect();
        assert!(missing.is_empty(), "{name} against {path}:\n{}", missing.join("\n"));
    }

    /// Holds a refusal against a recorded one, word for word. Recorded nodes are called `pve`.
    async fn refuses(&self, name: &str, path: &str) {
        let recorded = fixture(name);
        let words = |text: &Value| {
            text.as_str()
                .unwrap()
                .replace("pve'", "pve1'")
                .replace("/nodes/pve", "/nodes/pve1")
                .replace("nodes/pve/", "nodes/pve1/")
                .replace("pve11", "pve1")
        };
        let nobody = Asker::nobody(&self.cluster, "pve1");
        let (id, _) = self.cluster.token();
        let answer = match path {
            "nobody" => nobody.get("/version").await,
            "head" => self.asker.ask(Method::HEAD, "/api2/json/version", "").await.unwrap(),
            "wrong login" => nobody.login("ada@pve", "wrong").await,
            "wrong token" => nobody.with("authorization", &format!("PVEAPIToken={id}=wrong")).get("/version").await,
            "wrong ticket" => nobody.with("cookie", "PVEAuthCookie=PVE:ada@pve:00000000::x").get("/version").await,
            path if name.contains("403") => {
                let (builder, _clock) = at_rest();
                let version = if name.contains("v7") { Version::V7_4 } else { Version::V9_2 };
                let bare = builder.version(version).rights(Rights::none()).start().await;
                Asker::of(&bare, "pve1").get(&path.replace("/nodes/pve/", "/nodes/pve1/")).await
            }
            path => self.asker.get(&path.replace("/nodes/pve/", "/nodes/pve1/")).await,
        };
        assert_eq!(u64::from(answer.status), recorded["http_status"].as_u64().unwrap(), "{name}: {answer:?}");
        assert!(answer.closes, "{name}: {answer:?}");
        let body = recorded["body"].as_str().unwrap();
        if path.contains("interfaces") {
            assert_eq!(answer.reason, format!("Method 'GET {path}' not implemented"));
        } else {
            assert_eq!(answer.reason, words(&recorded["reason_phrase"]), "{name}");
        }
        match serde_json::from_str::<Value>(body) {
            Ok(body) => {
                let text: Value = serde_json::from_str(&words(&json!(body.to_string()))).unwrap();
                assert_eq!(answer.json(), text, "{name}");
            }
            Err(_) => assert!(answer.body.is_empty(), "{name}: {answer:?}"),
        }
    }
}

fn is_below(key: &str, left_out: &str) -> bool {
    let key = key.trim_start_matches(['.', '[', ']']);
    key == left_out || key.starts_with(&format!("{left_out}.")) || key.ends_with(&format!(".{left_out}"))
}

fn fixture(name: &str) -> Value {
    serde_json::from_str(&recorded(name)).unwrap()
}

/// Kinds of rows that stand in one list and have different keys.
const MIXED: &[&str] =
    &["cluster", "node", "qemu", "lxc", "storage", "pool", "network", "quorum", "master", "lrm", "service", "fencing"];

/// Which keys an answer has, and of which types their values are.
#[derive(Debug, Default)]
struct Shape {
    types: Vec<&'static str>,
    keys: BTreeMap<String, Shape>,
}

impl Shape {
    fn of(value: &Value) -> Self {
        let mut shape = Self::default();
        shape.add(value);
        shape
    }

    fn add(&mut self, value: &Value) {
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Number(_) => "number",
            Value::String(_) => "text",
            Value::Array(elements) => {
                for element in elements {
                    // Rows of different kinds stand in one list.
                    let kind = element.get("type").and_then(Value::as_str).filter(|kind| MIXED.contains(kind));
                    let key = kind.map_or_else(|| "[]".to_owned(), |kind| format!("[{kind}]"));
                    self.keys.entry(key).or_default().add(element);
                }
                "list"
            }
            Value::Object(fields) => {
                for (key, value) in fields {
                    self.keys.entry(key.clone()).or_default().add(value);
                }
                "object"
            }
        };
        if !self.types.contains(&kind) {
            self.types.push(kind);
        }
    }

    /// The keys and types of this shape that the other one lacks.
    fn missing_in(&self, other: &Self, path: &str) -> Vec<String> {
        let types = self.types.iter().filter(|kind| !other.types.contains(kind));
        let mut missing: Vec<String> = types.map(|kind| format!("{path} is never {kind}")).collect();
        for (key, shape) in &self.keys {
            let path = if key.starts_with('[') { path.to_owned() } else { format!("{path}.{key}") };
            match other.keys.get(key) {
                Some(other) => missing.extend(shape.missing_in(other, &path)),
                None => missing.push(format!("{path} is missing in {key}")),
            }
        }
        missing
    }
}
