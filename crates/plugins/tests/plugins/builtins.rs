//! The built-in plugins take what the specification and the fields of the trade say (CC-2, CC-3).

use muster_plugins::{Plugin, PluginSet};
use serde_json::{Value, json};

use crate::making::noon;

#[test]
fn three_plugins_are_built_in() {
    // CC-2
    let set = PluginSet::built_in();
    let names: Vec<_> = set.iter().map(|it| it.plugin.document().name.to_string()).collect();
    assert_eq!(names, ["computers", "network-devices", "printers"]);
}

#[test]
fn computers_have_the_fields_of_the_specification() {
    // CC-3
    let plugin = computers();
    let document = plugin.document();
    assert_eq!(document.identityfield, "hostname");
    assert_eq!(document.secondaryidentity, ["macaddress"]);
    assert_eq!(document.required.iter().collect::<Vec<_>>(), ["hostname"]);
    let fields: Vec<_> = document.fields.keys().map(String::as_str).collect();
    assert_eq!(
        fields,
        [
            "cputype",
            "currentuser",
            "hostname",
            "imageappliedat",
            "imagename",
            "installedsoftware",
            "ipaddress",
            "lastboottime",
            "macaddress",
            "memorygb",
            "osname",
            "osversion"
        ]
    );
    assert!(plugin.accept(json!({"hostname": "PC-1"}), noon()).is_ok());
}

#[test]
fn computers_refuse_what_does_not_fit() {
    // CC-3, CC-8
    let plugin = computers();
    let check = |field: &str, value: Value, pointer: &str, keyword: &str| {
        let mut submission = json!({"hostname": "pc-1"});
        submission[field] = value;
        let violations = plugin.accept(submission, noon()).unwrap_err();
        let told: Vec<_> = violations.list.iter().map(|it| (it.pointer.as_str(), it.keyword.as_str())).collect();
        assert_eq!(told, [(pointer, keyword)], "{:?}", violations.list);
    };
    check("memorygb", json!(-1), "/memorygb", "minimum");
    check("memorygb", json!("16"), "/memorygb", "type");
    check("lastboottime", json!("01.02.2026 10:00"), "/lastboottime", "format");
    check("imageappliedat", json!("2026-02-30T00:00:00Z"), "/imageappliedat", "format");
    check("macaddress", json!("unknown"), "/macaddress", "format");
    check("installedsoftware", json!([{"version": "1"}]), "/installedsoftware/0/name", "required");
    check("installedsoftware", json!([{"name": "a", "version": 1}]), "/installedsoftware/0/version", "type");
    check("installedsoftware", json!(vec![json!({"name": "a"}); 10_001]), "/installedsoftware", "maxItems");
}

#[test]
fn examples_tell_who_the_asset_is() {
    // CC-13
    for in_force in PluginSet::built_in().iter() {
        let document = in_force.plugin.document();
        let submission = in_force.plugin.accept(document.example.clone().unwrap(), noon()).unwrap();
        let fields = submission.changes.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        let identity = in_force.plugin.evidence(&fields);
        assert_eq!(identity.hostnames.len(), 1, "{}", document.name);
        assert_eq!(identity.mac_addresses.len(), 1, "{}", document.name);
        assert_eq!(identity.ip_addresses.len(), 1, "{}", document.name);
        assert_eq!(identity.serial.is_some(), document.fields.contains_key("serialnumber"), "{}", document.name);
    }
}

fn computers() -> std::sync::Arc<Plugin> {
    PluginSet::built_in().get("computers").expect("computers are built in").plugin.clone()
}
