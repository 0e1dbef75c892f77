//! Everything that can be wrong with a cluster or its address, the whole way: the last good state stays with its age, the
//! record of health names the reason and what to do, and the other source is untouched.

use std::collections::BTreeSet;

use jiff::Timestamp;
use muster_testkit::pve::{Action, Cluster, Fault, Running, Shown, TOKEN, Where};
use serde_json::{Value, json};

use super::{
    outage::away,
    site::{Site, id, is_called},
};

/// Something that goes wrong with a cluster that was seen before.
struct Case {
    what: &'static str,
    trouble: fn(&Running),
    over: fn(&Running),
    /// What the record of health says: the category, and words of the message.
    category: &'static str,
    words: &'static [&'static str],
    /// Whether looks only end when time passes.
    hangs: bool,
}

const CASES: &[Case] = &[
    Case {
        what: "nobody answers",
        trouble: |cluster| away(cluster, true),
        over: |cluster| away(cluster, false),
        category: "unreachable",
        words: &["check address, port and firewall"],
        hangs: false,
    },
    Case {
        what: "an expired certificate",
        trouble: |cluster| show(cluster, Shown::Expired),
        over: |cluster| show(cluster, Shown::Proper),
        category: "pin_mismatch",
        words: &["not the pinned one", "compare", "pin it"],
        hangs: false,
    },
    Case {
        what: "somebody else's certificate",
        trouble: |cluster| show(cluster, Shown::Stranger),
        over: |cluster| show(cluster, Shown::Proper),
        category: "pin_mismatch",
        words: &["not the pinned one", "pin it"],
        hangs: false,
    },
    Case {
        what: "http where https is expected",
        trouble: |cluster| show(cluster, Shown::Plain),
        over: |cluster| show(cluster, Shown::Proper),
        category: "tls",
        words: &["does not speak TLS"],
        hangs: false,
    },
    Case {
        what: "a token that is not accepted",
        trouble: |cluster| secret(cluster, "00000000-0000-4000-8000-000000000000"),
        over: |cluster| secret(cluster, muster_testkit::pve::SECRET),
        category: "unauthorised",
        words: &["check that", "enter its secret again"],
        hangs: false,
    },
    Case {
        what: "200 with a page for people",
        trouble: |cluster| cluster.fail(Where::everywhere(), Fault::Html),
        over: Running::heal,
        category: "malformed",
        words: &["not JSON", "portal"],
        hangs: false,
    },
    Case {
        what: "a redirect",
        trouble: |cluster| {
            cluster.fail(Where::everywhere(), Fault::Status { code: 301, reason: "Moved".to_owned() });
        },
        over: Running::heal,
        category: "malformed",
        words: &["redirect", "8006"],
        hangs: false,
    },
    Case {
        what: "a body of 100 MB",
        trouble: |cluster| cluster.fail(Where::path("/cluster/resources"), Fault::Huge { bytes: 100_000_000 }),
        over: Running::heal,
        category: "malformed",
        words: &["larger than 16777216 bytes"],
        hangs: false,
    },
    Case {
        what: "a body that becomes 100 MB",
        trouble: |cluster| cluster.fail(Where::path("/cluster/resources"), Fault::Bomb { bytes: 100_000_000 }),
        over: Running::heal,
        category: "malformed",
        words: &["larger than 16777216 bytes"],
        hangs: false,
    },
    Case {
        what: "an answer that never ends",
        trouble: |cluster| cluster.fail(Where::everywhere(), Fault::NeverEnding),
        over: Running::heal,
        category: "timed_out",
        words: &["within"],
        hangs: true,
    },
    Case {
        what: "an answer that never comes",
        trouble: |cluster| cluster.fail(Where::everywhere(), Fault::Hang),
        over: Running::heal,
        category: "timed_out",
        words: &["within"],
        hangs: true,
    },
    Case {
        what: "an answer that breaks off",
        trouble: |cluster| cluster.fail(Where::everywhere(), Fault::Truncated),
        over: Running::heal,
        category: "unreachable",
        words: &["no whole answer"],
        hangs: false,
    },
    Case {
        what: "half of an answer",
        trouble: |cluster| body(cluster, "{\"data\":[{\"type\":\"node\""),
        over: Running::heal,
        category: "malformed",
        words: &["check that this is the API of Proxmox VE"],
        hangs: false,
    },
    Case {
        what: "a failure in the platform's own words",
        trouble: |cluster| {
            let reason = "cluster not ready - no quorum?".to_owned();
            cluster.fail(Where::path("/cluster/resources"), Fault::Status { code: 500, reason });
        },
        over: Running::heal,
        category: "api",
        words: &["500", "cluster not ready - no quorum?"],
        hangs: false,
    },
];

#[tokio::test]
async fn whatever_fails_leaves_the_last_state_with_its_age_and_says_why() {
    // D-26, D-9, R-9
    let pair = Pair::new().await;
    let before = pair.rows_of_lab().await;
    for case in CASES {
        pair.site.looks.hang("lab", case.hangs);
        (case.trouble)(&pair.lab);
        pair.site.pass(100).await;
        let health = pair.health().await;
        let error = &health["poll"]["lastError"];
        assert_eq!(error["category"], case.category, "{}: {health}", case.what);
        for word in case.words {
            assert!(error["message"].as_str().unwrap().contains(word), "{}: `{word}` in {error}", case.what);
        }
        assert!(health["poll"]["consecutiveFailures"].as_u64().unwrap() >= 1, "{}: {health}", case.what);
        let rows = pair.rows_of_lab().await;
        assert_eq!(ids(&rows), ids(&before), "{}", case.what);
        let limit = pair.site.now();
        for row in &rows {
            let seen: Timestamp = row["lastSeen"].as_str().unwrap().parse().unwrap();
            assert!(limit.duration_since(seen).as_secs() >= 60, "{}: its age is told: {row}", case.what);
            assert_eq!(row["sources"][0]["status"], "stale", "{}: {row}", case.what);
            assert_ne!(row["status"], "online", "{}: {row}", case.what);
        }
        pair.rack_is_untouched(case.what).await;
        (case.over)(&pair.lab);
        if case.hangs {
            // What hangs ends by its deadline; what begins after that is waited for.
            pair.site.pass(60).await;
            pair.site.looks.hang("lab", false);
        }
        pair.recovers(case.what).await;
    }
}

#[tokio::test]
async fn whatever_is_odd_in_an_answer_loses_that_and_nothing_else() {
    // R-86, R-88
    let pair = Pair::new().await;
    let before = pair.rows_of_lab().await;
    // What a list lacks is gone once two answers in a row lack it; the odd ones come once.
    for text in [
        r#"{"data":null}"#,
        r#"{"data":{}}"#,
        r#"{"data":[null,7,"x",[],{}]}"#,
        r#"{"data":[{"type":"node","node":{"a":1}},{"type":"qemu","vmid":"many","node":"pve1"}]}"#,
        r#"{"data":[{"type":"node","node":"pve1","status":"online","maxmem":1e400,"cpu":"NaN","uptime":-5,"mem":null}]}"#,
        r#"{"data":[{"type":"node","node":"pve1","status":"online","maxmem":"99999999999999999999","maxcpu":"8"}]}"#,
    ] {
        let fault = Fault::Body { text: text.to_owned() };
        pair.lab.fail(Where::path("/cluster/resources").times(1), fault);
        pair.site.pass(12).await;
        let health = pair.health().await;
        assert_eq!(ids(&pair.rows_of_lab().await), ids(&before), "{text}: {health}");
        pair.recovers(text).await;
        assert_eq!(ids(&pair.rows_of_lab().await), ids(&before), "{text}");
        pair.rack_is_untouched(text).await;
    }
    // And what holds no row at all takes nothing away however often it comes.
    for text in [r#"{"data":null}"#, r#"{"data":{}}"#, r#"{"data":[null,7,"x",[],{}]}"#] {
        body(&pair.lab, text);
        pair.site.pass(60).await;
        assert_eq!(ids(&pair.rows_of_lab().await), ids(&before), "{text}");
        assert_eq!(pair.health().await["observed"]["degraded"], true, "{text}");
        pair.lab.heal();
        pair.recovers(text).await;
    }
}

#[tokio::test]
async fn a_missing_right_is_named_with_the_command_that_grants_it() {
    // D-26
    let pair = Pair::new().await;
    let before = pair.rows_of_lab().await;
    let rights = [("/", "Sys.Audit"), ("/vms", "VM.Audit"), ("/storage", "Datastore.Audit")];
    for (path, privilege) in rights {
        let (token, owned) = (TOKEN.to_owned(), (path.to_owned(), privilege.to_owned()));
        pair.lab.act(Action::Revoke { token: token.clone(), path: owned.0.clone(), privilege: owned.1.clone() });
        pair.site.pass(120).await;
        let health = pair.health().await;
        let told = health["observed"]["issues"].to_string() + &health["poll"]["lastError"].to_string();
        assert!(told.contains(privilege), "{path} {privilege}: {health}");
        assert!(ids(&before).is_subset(&ids(&pair.rows_of_lab().await)), "{path} {privilege}: nothing goes");
        pair.rack_is_untouched(privilege).await;
        pair.lab.act(Action::Grant { token, path: owned.0, privilege: owned.1 });
        pair.recovers(privilege).await;
    }
}

#[tokio::test]
async fn a_refused_call_is_told_and_loses_nothing_that_was_known() {
    let pair = Pair::new().await;
    // Every lane has had its turn.
    pair.site.pass(600).await;
    let before = pair.rows_of_lab().await;
    for path in [
        "/cluster/status",
        "/cluster/tasks",
        "/cluster/ha/status/current",
        "/nodes/*/status",
        "/nodes/*/storage",
        "/nodes/*/network",
        "/nodes/*/disks/list",
        "/nodes/*/disks/zfs",
        "/nodes/*/*/*/config",
        "/nodes/*/*/*/status/current",
    ] {
        let reason = "Permission check failed (/nodes/pve1, Sys.Audit)".to_owned();
        pair.lab.fail(Where::path(path), Fault::Status { code: 403, reason });
    }
    pair.site.pass(400).await;
    let health = pair.health().await;
    let told = health["observed"]["issues"].to_string();
    assert!(told.contains("Permission check failed") && told.contains("pveum acl modify"), "{health}");
    assert_eq!(ids(&pair.rows_of_lab().await), ids(&before));
    let kernel = |rows: &[Value]| -> Vec<Value> { rows.iter().map(|row| row["facets"][0]["os"].clone()).collect() };
    assert_eq!(kernel(&pair.rows_of_lab().await), kernel(&before), "what is known stays");
    pair.rack_is_untouched("refused calls").await;
}

#[tokio::test]
async fn half_a_cluster_down_leaves_the_other_half_green() {
    let pair = Pair::new().await;
    let before = pair.rows_of_lab().await;
    pair.lab.act(Action::NodeDown { node: "pve2".to_owned() });
    pair.site.pass(400).await;
    let rows = pair.rows_of_lab().await;
    assert!(ids(&before).is_subset(&ids(&rows)), "nothing goes");
    let status = |key: &str| rows.iter().find(|row| is_called(row, key)).unwrap()["status"].clone();
    assert_eq!((status("node/pve1"), status("node/pve2")), (json!("online"), json!("offline")));
    for guest in pair.lab.guests_by_node()["pve2"].iter().filter_map(|guest| pair.lab.guest(*guest)) {
        if !guest.is_template {
            assert_ne!(status(&format!("{}/{}", guest.kind, guest.id)), "online", "{guest:?}");
        }
    }
    for guest in pair.lab.guests_by_node()["pve1"].iter().filter_map(|guest| pair.lab.guest(*guest)) {
        if guest.runs && !guest.is_template {
            assert_eq!(status(&format!("{}/{}", guest.kind, guest.id)), "online", "{guest:?}");
        }
    }
    pair.rack_is_untouched("half a cluster").await;
}

#[tokio::test]
async fn a_clock_that_is_wrong_moves_nothing() {
    // D-10
    for seconds in [3600, -3600] {
        let pair = Pair::new().await;
        let from = pair.site.now();
        pair.lab.act(Action::ClockSkew { node: "pve1".to_owned(), seconds });
        pair.site.pass(60).await;
        away(&pair.lab, true);
        pair.site.pass(180).await;
        away(&pair.lab, false);
        pair.recovers("a wrong clock").await;
        pair.site.pass(60).await;
        let now = pair.site.now();
        let chart = pair.site.chart("node/pve1", "cpu", from, now).await;
        assert!(chart.gaps.is_empty() && chart.longest_hole() <= 20, "{seconds}: {chart:?}");
        let later = pair.site.chart("node/pve1", "cpu", now, now + jiff::SignedDuration::from_hours(2)).await;
        assert!(later.points.len() <= 2, "nothing is said of the future: {later:?}");
        pair.rack_is_untouched("a wrong clock").await;
    }
}

#[tokio::test]
async fn names_are_text_and_nothing_else() {
    let pair = Pair::new().await;
    let guest = *pair.lab.guests().first().unwrap();
    let before = pair.rows_of_lab().await;
    for name in ["<img src=x onerror=alert(1)>", "a\u{7}\u{1b}[31m\n\tb\u{202e}", "=cmd|' /C calc'!A0", ""] {
        pair.lab.act(Action::Rename { guest, name: name.to_owned() });
        pair.site.pass(40).await;
        let rows = pair.rows_of_lab().await;
        assert_eq!(ids(&rows), ids(&before), "{name:?}");
        let shown: Vec<&str> = rows.iter().filter_map(|row| row["canonicalIdentity"]["displayName"].as_str()).collect();
        assert!(shown.iter().all(|name| !name.is_empty()), "{shown:?}");
        assert_eq!(pair.health().await["poll"]["lastError"], Value::Null);
    }
}

#[tokio::test]
async fn two_clusters_of_one_name_and_two_guests_of_one_uuid_stay_two() {
    // D-6, D-7
    let pair = Pair::of(Cluster::builder().name("lab").seed(7).nodes(2).guests(6)).await;
    let (lab, rack) = (pair.rows_of_lab().await, pair.rows_of_rack().await);
    assert!(ids(&lab).iter().all(|id| !ids(&rack).contains(id)));
    assert!(lab.iter().chain(&rack).all(|row| row["sources"].as_array().unwrap().len() == 1));
    let mut guests = pair.lab.guests().into_iter().filter_map(|guest| pair.lab.guest(guest));
    let mut machine = || guests.find(|guest| guest.kind == "qemu" && !guest.is_template).unwrap().id;
    let (guest, from) = (machine(), machine());
    pair.lab.act(Action::CopyUuid { guest, from });
    pair.site.pass(120).await;
    assert_eq!(ids(&pair.rows_of_lab().await), ids(&lab));
    pair.rack_is_untouched("two guests of one uuid").await;
}

#[tokio::test]
async fn an_address_that_never_worked_says_why_and_shows_nothing() {
    let pair = Pair::new().await;
    let before = pair.site.resources().await.len();
    let check = async |name: &str, change: fn(&mut Value), category: &str, words: &[&str]| {
        let made = pair.site.connect_with(name, &pair.lab, change).await;
        pair.site.pass(40).await;
        let health = pair.site.json(&format!("/api/connections/{}", id(&made))).await;
        let error = &health["poll"]["lastError"];
        assert_eq!(error["category"], category, "{name}: {health}");
        assert!(words.iter().all(|word| error["message"].as_str().unwrap().contains(word)), "{name}: {error}");
        assert_eq!(health["poll"]["lastSuccessAt"], Value::Null, "{name}");
        assert_eq!(pair.site.resources().await.len(), before, "{name}");
        pair.rack_is_untouched(name).await;
    };
    check("no pin", |wanted| wanted["pins"] = json!([]), "tls", &["not trusted", "pin it"]).await;
    let port = |wanted: &mut Value| wanted["endpoints"] = json!(["https://127.0.0.1:1"]);
    check("wrong port", port, "unreachable", &["127.0.0.1:1", "check address, port and firewall"]).await;
    let secret = |wanted: &mut Value| wanted["secret"] = json!("00000000-0000-4000-8000-000000000000");
    check("wrong secret", secret, "unauthorised", &["monitor@pve", "enter its secret again"]).await;
}

/// A cluster that things happen to, and one that they must not happen to.
struct Pair {
    site: Site,
    lab: Running,
    _rack: Running,
    lab_id: String,
    rack_id: String,
}

impl Pair {
    async fn new() -> Self {
        Self::of(Cluster::builder().name("rack").seed(7).nodes(1).guests(3)).await
    }

    async fn of(rack: muster_testkit::pve::ClusterBuilder) -> Self {
        let site = Site::new().await;
        let lab = site.cluster(Cluster::builder().nodes(2).guests(6)).await;
        let rack = site.cluster(rack).await;
        let rack_id = site.connect("rack", &rack).await;
        let lab_id = site.connect("lab", &lab).await;
        Self { site, lab, _rack: rack, lab_id, rack_id }
    }

    async fn health(&self) -> Value {
        self.site.json(&format!("/api/connections/{}", self.lab_id)).await
    }

    async fn rows_of_lab(&self) -> Vec<Value> {
        self.rows_of(&self.lab_id).await
    }

    async fn rows_of_rack(&self) -> Vec<Value> {
        self.rows_of(&self.rack_id).await
    }

    async fn rows_of(&self, connection: &str) -> Vec<Value> {
        let source = self.site.json(&format!("/api/connections/{connection}")).await["source"].clone();
        let mut rows = self.site.resources().await;
        rows.retain(|row| row["sources"][0]["source"] == source);
        assert!(!rows.is_empty());
        rows
    }

    async fn rack_is_untouched(&self, what: &str) {
        let health = self.site.json(&format!("/api/connections/{}", self.rack_id)).await;
        assert_eq!(health["poll"]["lastError"], Value::Null, "{what}: {health}");
        for row in self.rows_of_rack().await {
            assert_eq!(row["sources"][0]["status"], "online", "{what}: {row}");
        }
    }

    async fn recovers(&self, what: &str) {
        let path = format!("/api/connections/{}", self.lab_id);
        self.site.until(&path, what, |connection| connection["poll"]["lastError"] == Value::Null).await;
        self.site.pass(30).await;
    }
}

/// In an order that does not depend on names.
fn ids(rows: &[Value]) -> BTreeSet<String> {
    rows.iter().map(id).collect()
}

/// Shows a certificate in every handshake from now on. Connections that are open would go on without one.
fn show(cluster: &Running, shown: Shown) {
    for node in cluster.nodes() {
        cluster.act(Action::Certificate { node, shown });
    }
    away(cluster, true);
    away(cluster, false);
}

fn secret(cluster: &Running, secret: &str) {
    cluster.act(Action::Secret { token: TOKEN.to_owned(), secret: secret.to_owned() });
}

fn body(cluster: &Running, text: &str) {
    cluster.fail(Where::path("/cluster/resources"), Fault::Body { text: text.to_owned() });
}
