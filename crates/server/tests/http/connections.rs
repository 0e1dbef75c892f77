//! Connections over HTTP: making, changing and removing them, where their secrets go, and who may try what.

use std::fs;

use jiff::SignedDuration;
use muster_model::{ConnectionId, Report, Role, SourceId, SourceKind, TenantId};
use muster_outbound::Roots;
use reqwest::{Method, StatusCode};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    harness::{Answer, Front, Harness, host_report, send},
    matrix::foreign_token,
    platform::{FakePlatform, SECRET, VARIABLE},
};

const LAB: &str = "https://pve1.example.org:8006";

#[tokio::test]
async fn a_connection_is_made_polled_changed_and_removed() {
    // D-26
    let harness = Harness::start().await;
    let token = harness.token(Role::Operator).await;
    let made = make(&harness, &token, &lab()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let made = made.json();
    let path = format!("/api/connections/{}", made["id"].as_str().unwrap());
    assert_eq!(made["endpoints"], json!([LAB]), "the platform's own port is named");
    assert_eq!(made["source"], format!("proxmox:{}", made["id"].as_str().unwrap()));
    assert_eq!((&made["intervalSeconds"], &made["enabled"], &made["version"]), (&json!(10), &json!(true), &json!(1)));

    let tested = send(harness.request(Method::POST, &format!("{path}/test")).bearer_auth(&token)).await;
    assert_eq!(tested.status, StatusCode::OK, "{}", tested.text);
    let tested = tested.json();
    assert_eq!(tested["observed"]["counts"], json!({"guests": 7}));
    assert_eq!((&tested["poll"]["lastError"], &tested["poll"]["consecutiveFailures"]), (&Value::Null, &json!(0)));
    assert!(tested["poll"]["nextAt"].is_string() && tested["observed"]["requests"].as_u64() >= Some(3), "{tested}");
    let viewer = harness.token(Role::Viewer).await;
    assert_eq!(harness.json(&path, &viewer).await["poll"]["lastSuccessAt"], tested["poll"]["lastSuccessAt"]);
    let listed = harness.json("/api/connections", &viewer).await;
    assert_eq!(listed["items"][0]["observed"]["counts"], json!({"guests": 7}), "one truth on every surface");

    let changed = put(&harness, &token, &path, &changed(&json!({"name": "Attic", "enabled": false}))).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    assert_eq!((&changed.json()["name"], &changed.json()["version"]), (&json!("Attic"), &json!(2)));
    let removed = send(harness.request(Method::DELETE, &path).bearer_auth(&token)).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    assert_eq!(harness.get(&path, &viewer).await.code(), "not_found");
    let source = made["source"].as_str().unwrap();
    while !harness.platform.noted().withdrawn.iter().any(|it| it.to_string() == source) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_stored_secret_goes_nowhere_else() {
    // D-20
    let harness = Harness::start().await;
    let token = harness.token(Role::Admin).await;
    let path = made(&harness, &token).await;
    let pin = "AB".repeat(32);
    for elsewhere in [
        json!({"endpoints": ["https://evil.example:8006"]}),
        json!({"endpoints": ["https://pve1.example.org:8007"]}),
        json!({"endpoints": ["https://pve1.example.org:8006", "https://evil.example"]}),
        json!({"pins": [pin]}),
        json!({"auth": {"method": "token", "user": "root@pam", "token": "muster"}}),
        json!({"auth": {"method": "token", "user": "monitor@pve", "token": "other"}}),
        json!({"auth": {"method": "password", "user": "monitor@pve"}}),
    ] {
        let refused = put(&harness, &token, &path, &changed(&elsewhere)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{elsewhere}: {}", refused.text);
        assert_eq!((refused.code().as_str(), refused.field().as_str()), ("secret_required", "/secret"), "{elsewhere}");
        // Nor is it tried there.
        let mut probe = json!({"platform": "proxmox-pve", "endpoints": [LAB], "auth": lab()["auth"]});
        probe["connection"] = json!(path.rsplit('/').next());
        merge(&mut probe, &elsewhere);
        let refused =
            send(harness.request(Method::POST, "/api/connections/probe").bearer_auth(&token).json(&probe)).await;
        assert_eq!(refused.code(), "secret_required", "{elsewhere}");
    }
    let noted = harness.platform.noted();
    assert!(noted.polled.iter().all(|(places, _)| *places == [LAB]), "{noted:?}");
    assert!(noted.probed.is_empty(), "{noted:?}");

    let mut elsewhere = changed(&json!({"endpoints": ["https://pve2.example.org:8006"]}));
    elsewhere["secret"] = json!("another-secret");
    assert_eq!(put(&harness, &token, &path, &elsewhere).await.status, StatusCode::OK);
    settled(&harness.platform, |polled| {
        polled == (vec!["https://pve2.example.org:8006".into()], "another-secret".into())
    })
    .await;
}

#[tokio::test]
async fn what_is_sealed_does_not_open_for_other_places_in_the_database_either() {
    // D-20, D-21
    let harness = Harness::start().await;
    let token = harness.token(Role::Admin).await;
    let path = made(&harness, &token).await;
    let id = ConnectionId(path.rsplit('/').next().unwrap().parse().unwrap());
    let stored = harness.store.connection_get(&TenantId::DEFAULT, id).await.unwrap().unwrap();
    assert!(!stored.sealed_secret.expose_secret().contains(SECRET));
    let mut body = stored.body.clone();
    body.endpoints = vec!["https://evil.example:8006".into()];
    let (from, sealed) = ((id, stored.version), &stored.sealed_secret);
    harness.store.connection_update(&TenantId::DEFAULT, from, &body, sealed, stored.updated_at).await.unwrap();
    let tested = send(harness.request(Method::POST, &format!("{path}/test")).bearer_auth(&token)).await.json();
    assert_eq!(tested["poll"]["lastError"]["category"], "secret", "{tested}");
    assert!(harness.platform.noted().polled.iter().all(|(places, _)| *places == [LAB]));
}

#[tokio::test]
async fn what_is_not_a_matter_of_places_needs_no_secret() {
    let harness = Harness::start().await;
    let token = harness.token(Role::Operator).await;
    let path = made(&harness, &token).await;
    let change = json!({"name": "Other", "intervalSeconds": 60, "endpoints": ["https://pve1.example.org"]});
    assert_eq!(put(&harness, &token, &path, &changed(&change)).await.status, StatusCode::OK);
    let late = put(&harness, &token, &path, &changed(&change)).await;
    assert_eq!((late.status, late.code().as_str()), (StatusCode::CONFLICT, "changed_meanwhile"));
    let tested = send(harness.request(Method::POST, &format!("{path}/test")).bearer_auth(&token)).await.json();
    assert_eq!((&tested["poll"]["lastError"], &tested["poll"]["intervalSeconds"]), (&Value::Null, &json!(60)));
}

#[tokio::test]
async fn what_is_chosen_is_polled_kept_and_told() {
    // D-16
    let harness = Harness::start().await;
    let token = harness.token(Role::Admin).await;
    let mut body = lab();
    body["options"] = json!({"guestAgent": {"retries": 0}});
    let made = make(&harness, &token, &body).await.json();
    let chosen = made["options"].clone();
    assert_eq!((&chosen["guestAgent"]["retries"], &chosen["guestAgent"]["enabled"]), (&json!(0), &Value::Null));
    let path = format!("/api/connections/{}", made["id"].as_str().unwrap());
    // Who leaves them out does not mean them.
    let renamed = put(&harness, &token, &path, &changed(&json!({"name": "Attic"}))).await.json();
    assert_eq!(renamed["options"], chosen);
    harness.pass(SignedDuration::from_secs(1));
    let other = json!({"guestAgent": {"retries": null}, "disks": {"everyMinutes": 60}});
    let replaced = put(&harness, &token, &path, &changed(&json!({"version": 2, "options": other}))).await;
    assert_eq!(replaced.status, StatusCode::OK, "{}", replaced.text);
    let replaced = replaced.json()["options"].clone();
    let told = (&replaced["guestAgent"]["retries"], &replaced["disks"]["everyMinutes"]);
    assert_eq!(told, (&Value::Null, &json!(60)), "as a whole, and without a secret");
    let patience = std::time::Duration::from_secs(60);
    let polled = |platform: &FakePlatform| platform.noted().options.last().map(|options| json!(options));
    let waited = tokio::time::timeout(patience, async {
        while polled(&harness.platform).as_ref() != Some(&replaced) {
            tokio::task::yield_now().await;
        }
    });
    assert!(waited.await.is_ok(), "an edit is polled at once: {:?}", harness.platform.noted());
    let rows = harness.json("/api/audit?action=connection.update", &token).await;
    let patch = rows["items"][0]["detail"]["patch"].to_string();
    assert!(patch.contains("everyMinutes") && patch.contains("retries"), "{patch}");
    let (app, platform) = harness.restarted();
    app.launch_connections().await.unwrap();
    let waited = tokio::time::timeout(patience, async {
        while polled(&platform).as_ref() != Some(&replaced) {
            tokio::task::yield_now().await;
        }
    });
    assert!(waited.await.is_ok(), "a restart polls what is stored: {:?}", platform.noted());
}

#[tokio::test]
async fn a_wrong_option_is_refused_with_its_field() {
    let harness = Harness::start().await;
    let token = harness.token(Role::Operator).await;
    let path = made(&harness, &token).await;
    for (options, field, right) in [
        (json!({"guestAgent": {"retries": 4}}), "/options/guestAgent/retries", "use 0 to 3"),
        (
            json!({"guestAgent": {"fileSystemsTimeoutSeconds": 0}}),
            "/options/guestAgent/fileSystemsTimeoutSeconds",
            "1 to 30",
        ),
        (json!({"guestAgent": {"networkTimeoutSeconds": 31}}), "/options/guestAgent/networkTimeoutSeconds", "1 to 30"),
        (json!({"guestAgent": {"osInfoTimeoutSeconds": "5"}}), "/options/guestAgent/osInfoTimeoutSeconds", "u32"),
        (json!({"guestAgent": {"versionTimeoutSeconds": -1}}), "/options/guestAgent/versionTimeoutSeconds", "u32"),
        (json!({"guestAgent": {"refreshSeconds": 29}}), "/options/guestAgent/refreshSeconds", "30 to 3600"),
        (json!({"guestAgent": {"jitterSeconds": 601}}), "/options/guestAgent/jitterSeconds", "0 to 600"),
        (json!({"guestAgent": {"backoffSeconds": 3601}}), "/options/guestAgent/backoffSeconds", "30 to 3600"),
        (json!({"guestAgent": {"parallel": 0}}), "/options/guestAgent/parallel", "1 to 8"),
        (json!({"guestAgent": {"enabled": 1}}), "/options/guestAgent/enabled", "boolean"),
        (json!({"disks": {"everyMinutes": 1441}}), "/options/disks/everyMinutes", "1 to 1440"),
        (json!({"disks": {"smart": "no"}}), "/options/disks/smart", "boolean"),
        (json!({"zfs": {"enabled": []}}), "/options/zfs/enabled", "boolean"),
        (json!({"zfs": {"speed": 1}}), "/options/zfs/speed", "`enabled`"),
    ] {
        let mut new = lab();
        merge(&mut new, &json!({"name": "Attic", "options": options}));
        let change = changed(&json!({"options": options}));
        for refused in [make(&harness, &token, &new).await, put(&harness, &token, &path, &change).await] {
            assert_eq!(
                (refused.code().as_str(), refused.field().as_str()),
                ("invalid_body", field),
                "{}",
                refused.text
            );
            assert!(refused.text.contains(right), "{}", refused.text);
        }
    }
}

#[tokio::test]
async fn a_wrong_value_is_refused_with_its_field() {
    let harness = Harness::start().await;
    let token = harness.token(Role::Operator).await;
    let check = async |part: Value, field: &str| {
        let mut body = lab();
        merge(&mut body, &part);
        let refused = make(&harness, &token, &body).await;
        assert_eq!(refused.code(), "invalid_value", "{part}: {}", refused.text);
        assert_eq!(refused.field(), field, "{part}");
        assert!(!refused.text.contains("s3cret"), "{}", refused.text);
    };
    check(json!({"name": " "}), "/name").await;
    check(json!({"endpoints": []}), "/endpoints").await;
    check(json!({"endpoints": vec![LAB; 17]}), "/endpoints").await;
    check(json!({"endpoints": [LAB, "pve1.example.org"]}), "/endpoints/1").await;
    check(json!({"endpoints": ["https://root:s3cret@pve1"]}), "/endpoints/0").await;
    check(json!({"endpoints": [LAB, "https://169.254.169.254"]}), "/endpoints/1").await;
    check(json!({"endpoints": ["http://pve1.example.org"]}), "/endpoints/0").await;
    check(json!({"auth": {"method": "token", "user": "monitor", "token": "muster"}}), "/auth/user").await;
    check(json!({"auth": {"method": "token", "user": "monitor@pve!muster", "token": "muster"}}), "/auth/user").await;
    check(json!({"auth": {"method": "token", "user": "monitor@pve", "token": "s3cret=1"}}), "/auth/token").await;
    check(json!({"auth": {"method": "password", "user": "a b@pve"}}), "/auth/user").await;
    check(json!({"secret": ""}), "/secret").await;
    check(json!({"secret": "s3cret\u{1b}"}), "/secret").await;
    check(json!({"pins": ["s3cret"]}), "/pins/0").await;
    for seconds in [0, 9, 15, 3610] {
        check(json!({"intervalSeconds": seconds}), "/intervalSeconds").await;
    }
    let mut body = lab();
    body["platform"] = json!("toaster");
    let refused = make(&harness, &token, &body).await;
    assert_eq!((refused.code().as_str(), refused.field().as_str()), ("invalid_body", "/platform"));
    made(&harness, &token).await;
    let taken = make(&harness, &token, &lab()).await;
    assert_eq!((taken.code().as_str(), taken.field().as_str()), ("name_taken", "/name"));
}

#[tokio::test]
async fn a_secret_may_stand_elsewhere_below_the_roots_and_only_administrators_name_it() {
    // D-23
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("lab");
    fs::write(&file, "a-wrong-secret\n").unwrap();
    let outside = tempfile::NamedTempFile::new().unwrap();
    let roots = Roots::new(&[directory.path().to_owned()], &["MUSTER_SECRET_".to_owned()]).unwrap();
    let harness = Harness::behind(Front { roots, ..Front::default() }, |_| {}).await;
    let (admin, operator) = (harness.token(Role::Admin).await, harness.token(Role::Operator).await);
    let naming = |text: String| {
        let mut body = lab();
        body["secret"] = json!(text);
        body
    };
    let by_file = naming(format!("file:{}", file.display()));
    assert_eq!(make(&harness, &operator, &by_file).await.field(), "/secret");
    for unreadable in [format!("file:{}", outside.path().display()), "env:PATH".into(), "env:MUSTER_SECRET_X".into()] {
        let refused = make(&harness, &admin, &naming(unreadable)).await;
        assert_eq!((refused.code().as_str(), refused.field().as_str()), ("invalid_value", "/secret"));
    }
    let made = make(&harness, &admin, &by_file).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let path = format!("/api/connections/{}", made.json()["id"].as_str().unwrap());
    let test =
        async || send(harness.request(Method::POST, &format!("{path}/test")).bearer_auth(&operator)).await.json();
    assert_eq!(test().await["poll"]["lastError"]["category"], "unauthorised");
    fs::write(&file, SECRET).unwrap();
    assert_eq!(test().await["poll"]["lastError"], Value::Null, "a test reads it again");
    fs::remove_file(&file).unwrap();
    assert_eq!(test().await["poll"]["lastError"]["category"], "secret");
    let mut by_variable = changed(&json!({}));
    by_variable["secret"] = json!(format!("env:{}", VARIABLE.0));
    assert_eq!(put(&harness, &admin, &path, &by_variable).await.status, StatusCode::OK);
    assert_eq!(test().await["poll"]["lastError"], Value::Null);
}

#[tokio::test]
async fn a_probe_tells_who_answers_and_what_may_be_seen() {
    let harness = Harness::start().await;
    let admin = harness.token(Role::Admin).await;
    let probe = async |body: Value| {
        send(harness.request(Method::POST, "/api/connections/probe").bearer_auth(&admin).json(&body)).await
    };
    let place = json!({"platform": "proxmox-pve", "endpoints": ["pve1.example.org"]});
    let stranger = probe(place.clone()).await.json();
    let certificate = &stranger["endpoints"][0]["certificate"];
    assert_eq!((&certificate["trusted"], &certificate["pinned"]), (&json!(false), &json!(false)));
    assert_eq!((&stranger["endpoints"][0]["endpoint"], &stranger["calls"]), (&json!(LAB), &json!([])));
    let mut known = place;
    known["pins"] = json!([certificate["fingerprint"]]);
    known["auth"] = lab()["auth"].clone();
    known["secret"] = json!(SECRET);
    let found = probe(known.clone()).await.json();
    assert_eq!(found["endpoints"][0]["certificate"]["pinned"], true);
    assert_eq!((&found["version"], &found["failure"]), (&json!("9.0.3"), &Value::Null));
    assert_eq!(
        (&found["calls"][0]["state"], &found["calls"][0]["without"]),
        (&json!("refused"), &json!("physical disks"))
    );
    known["secret"] = json!("a-wrong-secret");
    assert_eq!(probe(known).await.json()["failure"]["category"], "unauthorised");

    // The stored secret, where it goes where it went before.
    let path = made(&harness, &admin).await;
    let mut own = json!({"platform": "proxmox-pve", "endpoints": [LAB], "auth": lab()["auth"]});
    own["connection"] = json!(path.rsplit('/').next());
    assert_eq!(probe(own).await.json()["failure"], Value::Null);
    let sent = harness.platform.noted().probed.into_iter().map(|(_, secret)| secret).collect::<Vec<_>>();
    let some = |secret: &str| Some(secret.to_owned());
    assert_eq!(sent, [None, some(SECRET), some("a-wrong-secret"), some(SECRET)]);
}

#[tokio::test]
async fn nobody_scans_a_network_with_it() {
    let harness = Harness::start().await;
    let admin = harness.token(Role::Admin).await;
    let path = made(&harness, &admin).await;
    let place = json!({"platform": "proxmox-pve", "endpoints": ["10.0.0.7"]});
    let probe =
        async || send(harness.request(Method::POST, "/api/connections/probe").bearer_auth(&admin).json(&place)).await;
    for _ in 0..10 {
        assert_eq!(probe().await.status, StatusCode::OK);
    }
    let refused = probe().await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::TOO_MANY_REQUESTS, "rate_limited"));
    let test = send(harness.request(Method::POST, &format!("{path}/test")).bearer_auth(&admin)).await;
    assert_eq!(test.code(), "rate_limited", "a test dials too");
    harness.pass(SignedDuration::from_secs(1));
    assert_eq!(probe().await.status, StatusCode::OK);
}

#[tokio::test]
async fn every_change_is_told_and_no_secret() {
    // D-18
    let harness = Harness::start().await;
    let admin = harness.token(Role::Admin).await;
    let path = made(&harness, &admin).await;
    harness.pass(SignedDuration::from_secs(1));
    let mut change = changed(&json!({"name": "Attic"}));
    change["secret"] = json!("another-secret");
    assert_eq!(put(&harness, &admin, &path, &change).await.status, StatusCode::OK);
    harness.pass(SignedDuration::from_secs(1));
    let place = json!({"platform": "proxmox-pve", "endpoints": [LAB], "auth": lab()["auth"], "secret": SECRET});
    send(harness.request(Method::POST, "/api/connections/probe").bearer_auth(&admin).json(&place)).await;
    harness.pass(SignedDuration::from_secs(1));
    assert_eq!(send(harness.request(Method::DELETE, &path).bearer_auth(&admin)).await.status, StatusCode::NO_CONTENT);
    let rows = harness.json("/api/audit?action=connection", &admin).await;
    let told: Vec<_> = rows["items"].as_array().unwrap().iter().map(|row| (&row["action"], &row["target"])).collect();
    assert_eq!(
        told,
        [
            (&json!("connection.remove"), &json!("Attic")),
            (&json!("connection.probe"), &json!(LAB)),
            (&json!("connection.update"), &json!("Lab")),
            (&json!("connection.create"), &json!("Lab")),
        ]
    );
    let patch = rows["items"][2]["detail"]["patch"].to_string();
    assert!(patch.contains("Attic") && patch.contains("secretReplaced"), "{patch}");
    for text in [rows.to_string(), harness.get("/api/connections", &admin).await.text] {
        assert!(!text.contains(SECRET) && !text.contains("another-secret"), "{text}");
    }
}

#[tokio::test]
async fn what_is_stored_is_polled_from_the_start() {
    let harness = Harness::start().await;
    let token = harness.token(Role::Operator).await;
    made(&harness, &token).await;
    let gone = SourceId::new(SourceKind::Proxmox, &Uuid::from_u128(7).to_string()).unwrap();
    let before = Report { source: gone.clone(), ..host_report("x", "left-behind", 1.0) };
    harness.submit(before).await;
    let (app, platform) = harness.restarted();
    app.launch_connections().await.unwrap();
    settled(&platform, |polled| polled == (vec![LAB.into()], SECRET.into())).await;
    // What a connection reported that was removed while nobody could be told of it leaves the picture.
    let patience = std::time::Duration::from_secs(60);
    let is_there =
        || harness.engine.snapshot(&TenantId::DEFAULT).rows().iter().any(|row| row.name.as_str() == "left-behind");
    let waited = tokio::time::timeout(patience, async {
        while is_there() {
            harness.clock.advance(std::time::Duration::from_millis(250));
            tokio::task::yield_now().await;
        }
    });
    assert!(waited.await.is_ok(), "{gone} is still there");
}

#[tokio::test]
async fn a_foreign_tenant_sees_and_changes_nothing_of_ours() {
    // D-4
    let harness = Harness::start().await;
    let token = harness.token(Role::Operator).await;
    let path = made(&harness, &token).await;
    let stranger = foreign_token(&harness).await;
    assert_eq!(harness.json("/api/connections", &stranger).await["items"], json!([]));
    for (method, path) in [
        (Method::GET, path.clone()),
        (Method::PUT, path.clone()),
        (Method::DELETE, path.clone()),
        (Method::POST, format!("{path}/test")),
    ] {
        let request = harness.request(method.clone(), &path).bearer_auth(&stranger).json(&changed(&json!({})));
        assert_eq!(send(request).await.code(), "not_found", "{method}");
    }
    let mut probe = json!({"platform": "proxmox-pve", "endpoints": [LAB], "auth": lab()["auth"]});
    probe["connection"] = json!(path.rsplit('/').next());
    let request = harness.request(Method::POST, "/api/connections/probe").bearer_auth(&stranger).json(&probe);
    assert_eq!(send(request).await.code(), "not_found");
    assert_eq!(harness.get(&path, &token).await.status, StatusCode::OK);
}

fn lab() -> Value {
    json!({
        "platform": "proxmox-pve",
        "name": "Lab",
        "endpoints": ["https://pve1.example.org"],
        "auth": {"method": "token", "user": "monitor@pve", "token": "muster"},
        "secret": SECRET,
    })
}

/// A change of the lab that differs in these fields, based on its first version.
fn changed(fields: &Value) -> Value {
    let mut change = json!({
        "name": "Lab",
        "endpoints": [LAB],
        "auth": lab()["auth"],
        "pins": [],
        "intervalSeconds": 10,
        "enabled": true,
        "version": 1,
    });
    merge(&mut change, fields);
    change
}

fn merge(into: &mut Value, fields: &Value) {
    for (name, value) in fields.as_object().unwrap() {
        into[name] = value.clone();
    }
}

async fn make(harness: &Harness, token: &str, body: &Value) -> Answer {
    send(harness.request(Method::POST, "/api/connections").bearer_auth(token).json(body)).await
}

/// Makes the lab and tells its path.
pub(crate) async fn made(harness: &Harness, token: &str) -> String {
    let made = make(harness, token, &lab()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    format!("/api/connections/{}", made.json()["id"].as_str().unwrap())
}

async fn put(harness: &Harness, token: &str, path: &str, body: &Value) -> Answer {
    send(harness.request(Method::PUT, path).bearer_auth(token).json(body)).await
}

/// Waits until a provider was made of these places and this secret.
async fn settled(platform: &FakePlatform, wanted: impl Fn((Vec<String>, String)) -> bool) {
    let patience = std::time::Duration::from_secs(60);
    let waited = tokio::time::timeout(patience, async {
        while !platform.noted().polled.into_iter().any(&wanted) {
            tokio::task::yield_now().await;
        }
    });
    assert!(waited.await.is_ok(), "{:?}", platform.noted());
}
