//! What is taken of a submission, in which form, with which warnings, and what is refused (CC-6, CC-7, CC-8).

use std::collections::BTreeMap;

use muster_plugins::{Action, JsonFaultKind, Plugin, Rejection, Submission, Warning, merge};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::making::{anything, document, noon, plugin};

#[test]
fn one_asset_under_every_spelling() {
    // CC-6
    let plugin = hosts();
    for hostname in ["PC-1234", " pc-1234 ", "Pc-1234.", "pc-1234 .", "pc-1234\u{0}"] {
        assert_eq!(accepted(&plugin, json!({"hostname": hostname})).identity, "pc-1234", "{hostname:?}");
    }
    for mac in ["AA-BB-CC-00-11-22", "aabb.cc00.1122", " aabbcc001122 "] {
        let submission = accepted(&plugin, json!({"hostname": "pc", "macaddress": mac}));
        assert_eq!(submission.secondary, BTreeMap::from([("macaddress".into(), "aa:bb:cc:00:11:22".into())]));
        assert_eq!(submission.changes["macaddress"], Some(json!("aa:bb:cc:00:11:22")));
    }
}

#[test]
fn null_clears_what_need_not_be_there() {
    // CC-6
    let plugin = hosts();
    let submission = accepted(&plugin, json!({"hostname": "pc", "macaddress": null, "seen": "2026-01-01T00:00:00Z"}));
    assert_eq!(submission.changes["macaddress"], None);
    assert!(submission.changes["seen"].is_some() && !submission.changes.contains_key("count"));
    assert_eq!(refused(&plugin, json!({"hostname": null})), [("/hostname".into(), "type".into())]);
}

#[test]
fn an_identity_must_tell_assets_apart() {
    // The list of bad input: identity empty after trimming, identity that is not a string.
    let plugin = hosts();
    let check = |hostname: Value, keyword: &str| {
        assert_eq!(refused(&plugin, json!({"hostname": hostname})), [("/hostname".into(), keyword.into())]);
    };
    check(json!(" \t\u{a0}\u{0} "), "identityfield");
    check(json!("."), "identityfield");
    check(json!(5), "type");
    check(json!(["pc"]), "type");
    check(json!({"name": "pc"}), "type");
    check(json!("localhost.localdomain"), "identityfield");
    check(json!("a\nb"), "identityfield");
    check(json!("x".repeat(256)), "identityfield");
    check(json!("a\u{0}b"), "type");
    assert_eq!(refused(&plugin, json!({})), [("/hostname".into(), "required".into())]);
}

#[test]
fn makers_placeholders_are_no_identity() {
    let by_serial = plugin(&document(
        "1.0.0",
        json!({"fields": {"serialnumber": {"type": "string"}}, "identityfield": "serialnumber"}),
    ));
    let found = refused(&by_serial, json!({"serialnumber": "To Be Filled By O.E.M."}));
    assert_eq!(found, [("/serialnumber".into(), "identityfield".into())]);
    let by_mac = plugin(&document("1.0.0", json!({"fields": {"mac": {"type": "string"}}, "identityfield": "mac"})));
    assert_eq!(refused(&by_mac, json!({"mac": "ff:ff:ff:ff:ff:ff"})), [("/mac".into(), "identityfield".into())]);
    // As a secondary identity it says nothing, which is no fault.
    let submission = accepted(&hosts(), json!({"hostname": "pc", "macaddress": "00:00:00:00:00:00"}));
    assert!(submission.secondary.is_empty());
}

#[test]
fn undeclared_fields_fare_as_the_plugin_says() {
    // CC-1, CC-7
    let send = json!({"hostname": "pc", "mac_adress": "x", "nothing": null});
    let warned = accepted(&hosts(), send.clone());
    assert_eq!(warned.changes.keys().collect::<Vec<_>>(), ["hostname"]);
    assert_eq!(
        warned.warnings,
        [
            Warning::UnknownField { pointer: "/mac_adress".into(), did_you_mean: Some("macaddress".into()) },
            Warning::UnknownField { pointer: "/nothing".into(), did_you_mean: None },
        ]
    );
    let stored = accepted(&hosts_with("store"), send.clone());
    assert_eq!(stored.changes["mac_adress"], Some(json!("x")));
    assert_eq!(stored.changes["nothing"], None);
    assert_eq!(stored.warnings, []);
    let odd = accepted(&hosts_with("store"), json!({"hostname": "pc", " a": 1}));
    assert_eq!((odd.changes.len(), odd.warnings.len()), (1, 1));
    assert_eq!(
        refused(&hosts_with("reject"), send),
        [("/mac_adress".into(), "additionalProperties".into()), ("/nothing".into(), "additionalProperties".into())]
    );
}

#[test]
fn times_ahead_of_the_clock_are_warned_of() {
    // CC-7
    let warnings = |seen: &str| accepted(&hosts(), json!({"hostname": "pc", "seen": seen})).warnings;
    assert_eq!(warnings("2026-03-01T12:05:00Z"), []);
    assert_eq!(warnings("2026-03-01T13:00:00+01:00"), []);
    let found = warnings("2026-03-01T13:00:00Z");
    assert_eq!(found[0].code(), "clock_skew");
    assert_eq!(found[0].to_string(), "/seen is 3600 s in the future; check the clocks");
}

#[test]
fn long_texts_are_cut_with_a_warning() {
    // CC-7
    let note = "ä".repeat(5_000);
    let submission = accepted(&hosts(), json!({"hostname": "pc", "note": note}));
    assert_eq!(submission.warnings, [Warning::Truncated { pointer: "/note".into(), kept: 4_096 }]);
    assert_eq!(submission.changes["note"], Some(json!("ä".repeat(4_096))));
}

#[test]
fn warnings_come_to_an_end() {
    let mut submission = json!({"hostname": "pc"});
    for number in 0..150 {
        submission[format!("x{number}")] = json!(1);
    }
    let warnings = accepted(&hosts(), submission).warnings;
    assert_eq!((warnings.len(), warnings.last()), (101, Some(&Warning::More(50))));
}

#[test]
fn numbers_that_are_the_same_are_no_change() {
    // CC-7
    let plugin = hosts();
    let first = merge(None, &accepted(&plugin, json!({"hostname": "PC", "count": 16}))).unwrap();
    let second = merge(Some(&first.fields), &accepted(&plugin, json!({"hostname": "pc ", "count": 16.0}))).unwrap();
    assert_eq!(second.action, Action::Noop);
}

#[test]
fn everything_wrong_is_told_at_once() {
    // CC-8
    let send = json!({"macaddress": "x", "count": -1, "seen": 5, "tags": ["a", 1]});
    let found: Vec<String> =
        refused(&hosts(), send).into_iter().map(|(place, keyword)| place + " " + &keyword).collect();
    assert_eq!(found, ["/count minimum", "/hostname required", "/macaddress format", "/seen type", "/tags/1 type"]);
}

#[test]
fn what_cannot_be_read_is_another_matter() {
    // CC-8
    let read = |bytes: &[u8]| hosts().read(bytes, noon()).unwrap_err();
    for bad in [&b"{"[..], b"{\"hostname\": NaN}", b"{\"hostname\": \"\\ud800\"}", b"hostname=pc"] {
        let Rejection::Unreadable(fault) = read(bad) else { panic!("{}", String::from_utf8_lossy(bad)) };
        assert!(matches!(fault.kind, JsonFaultKind::Syntax(_)));
    }
    let Rejection::Unreadable(fault) = read(b"{\"hostname\": \"a\", \"hostname\": \"b\"}") else { panic!() };
    assert_eq!((fault.pointer.as_str(), fault.kind), ("/hostname", JsonFaultKind::DuplicateName));
    let Rejection::Unreadable(fault) = read(&vec![b' '; 1024 * 1024 + 1]) else { panic!() };
    assert!(matches!(fault.kind, JsonFaultKind::TooLarge { .. }));
    for list in [&b"[]"[..], b"\"pc\"", b"null"] {
        let Rejection::Unfit(violations) = read(list) else { panic!() };
        assert_eq!((violations.list[0].pointer.as_str(), violations.list[0].keyword.as_str()), ("", "type"));
    }
}

#[test]
fn the_published_schema_stands_alone() {
    // CC-11
    let schema = hosts_with("reject").published_schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["$id"], "urn:muster:collector:things:1.0.0");
    assert_eq!(schema["required"], json!(["hostname"]));
    assert_eq!(schema["additionalProperties"], json!(false));
    assert_eq!(schema["properties"]["count"]["type"], json!(["integer", "null"]));
}

proptest! {
    #[test]
    fn no_submission_is_too_odd(value in anything()) {
        let plugin = hosts();
        let _ = plugin.accept(value.clone(), noon());
        let mut with_identity = json!({"hostname": "pc"});
        with_identity["note"] = value;
        let _ = plugin.accept(with_identity, noon());
    }

    #[test]
    fn what_was_taken_is_taken_again_as_it_is(hostname in "[ -~ä]{1,20}", note in ".{0,20}", count in any::<u32>()) {
        // CC-6: a normal form is its own normal form.
        let plugin = hosts();
        let send = json!({"hostname": hostname, "note": note, "count": f64::from(count)});
        if let Ok(first) = plugin.accept(send, noon()) {
            let fields: serde_json::Map<_, _> =
                first.changes.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
            prop_assert_eq!(plugin.accept(Value::Object(fields), noon()), Ok(first));
        }
    }
}

fn hosts() -> Plugin {
    hosts_with("warn")
}

fn hosts_with(additional: &str) -> Plugin {
    let mut document = document(
        "1.0.0",
        json!({
            "fields": {
                "hostname": {"type": "string"},
                "macaddress": {"type": "string"},
                "seen": {"type": "string", "format": "date-time"},
                "note": {"type": "string"},
                "count": {"type": "integer", "minimum": 0},
                "tags": {"type": "array", "items": {"type": "string"}},
            },
            "identityfield": "hostname", "secondaryidentity": ["macaddress"], "additionalfields": additional,
        }),
    );
    document["fields"].as_object_mut().expect("fields are an object").remove("id");
    plugin(&document)
}

fn accepted(plugin: &Plugin, value: Value) -> Submission {
    plugin.accept(value, noon()).unwrap_or_else(|violations| panic!("{:#?}", violations.list))
}

fn refused(plugin: &Plugin, value: Value) -> Vec<(String, String)> {
    let violations = plugin.accept(value, noon()).expect_err("the submission does not fit");
    violations.list.into_iter().map(|violation| (violation.pointer, violation.keyword)).collect()
}
