//! Documents from several places become one set, and a bad one changes nothing (CC-2, CC-4).

use std::sync::Arc;

use muster_plugins::{Offer, Origin, Outcome, Plugin, PluginSet, Verdict};
use proptest::prelude::*;
use semver::Version;
use serde_json::{Value, json};

use crate::making::{anything, document};

#[test]
fn a_new_file_is_a_new_plugin() {
    // CC-2
    let (set, outcomes) = PluginSet::built_in().with(&[file("things.json", &things("1.0.0"))]);
    assert_eq!(set.iter().count(), 4);
    assert_eq!(set.get("things").unwrap().origin, Origin::File("things.json".into()));
    assert_eq!(outcomes[0].verdict, Verdict::InForce(Version::new(1, 0, 0)));
    let (set, _) = set.with(&[]);
    assert!(set.get("things").is_none());
}

#[test]
fn what_did_not_change_is_not_compiled_again() {
    let offer = [file("things.json", &things("1.0.0"))];
    let (first, _) = PluginSet::built_in().with(&offer);
    let (second, _) = first.with(&offer);
    assert!(Arc::ptr_eq(&first.get("things").unwrap().plugin, &second.get("things").unwrap().plugin));
}

#[test]
fn a_document_that_went_bad_leaves_the_last_good_one_in_force() {
    // CC-2
    let (good, _) = PluginSet::built_in().with(&[file("a.json", &things("1.0.0"))]);
    let mut misspelt = things("1.1.0");
    misspelt["fields"]["size"] = json!({"type": "nubmer"});
    let half = Offer { origin: Origin::File("a.json".into()), content: b"{\"name\": \"thi".to_vec() };
    for bad in [file("a.json", &misspelt), half] {
        let (set, outcomes) = good.with(&[bad, file("b.json", &named("others"))]);
        assert_eq!(set.get("things").unwrap().plugin.document().version, Version::new(1, 0, 0));
        assert!(set.get("others").is_some());
        let (faults, kept) = refusal(&outcomes[0]);
        assert_eq!((outcomes[0].origin.to_string().as_str(), kept), ("a.json", Some("1.0.0".into())), "{faults:?}");
        // And it stays there as long as nothing better comes.
        assert!(set.with(&[file("a.json", &misspelt)]).0.get("things").is_some());
    }
    let (_, outcomes) = good.with(&[file("a.json", &misspelt)]);
    assert!(refusal(&outcomes[0]).0[0].starts_with("/fields/size/type: "), "{outcomes:?}");
}

#[test]
fn a_bad_document_of_its_own_does_no_harm() {
    let bad = Offer { origin: Origin::File("x.json".into()), content: b"[]".to_vec() };
    let (set, outcomes) = PluginSet::built_in().with(&[bad]);
    assert_eq!((set.iter().count(), refusal(&outcomes[0]).1), (3, None));
}

#[test]
fn a_break_takes_a_major_version() {
    // CC-4
    let (first, _) = PluginSet::built_in().with(&[file("a.json", &things("1.0.0"))]);
    let mut without = things("1.1.0");
    without["fields"].as_object_mut().unwrap().remove("size");
    let (kept, outcomes) = first.with(&[file("a.json", &without)]);
    let (faults, version) = refusal(&outcomes[0]);
    assert_eq!(
        faults,
        ["/fields/size: was removed since 1.0.0; that takes version 2.0.0 instead of 1.1.0, or leave it as it was"]
    );
    assert_eq!(version.as_deref(), Some("1.0.0"));
    assert!(kept.get("things").unwrap().plugin.document().fields.contains_key("size"));
    without["version"] = json!("2.0.0");
    let (raised, _) = first.with(&[file("a.json", &without)]);
    assert_eq!(raised.get("things").unwrap().plugin.document().version, Version::new(2, 0, 0));
}

#[test]
fn built_in_plugins_may_be_replaced_and_come_back() {
    // CC-2
    let mut computers = PluginSet::built_in().get("computers").unwrap().plugin.document().source().clone();
    computers["version"] = json!("1.1.0");
    computers["fields"]["assettag"] = json!({"type": "string"});
    let (set, _) = PluginSet::built_in().with(&[file("computers.json", &computers)]);
    assert!(set.get("computers").unwrap().plugin.document().fields.contains_key("assettag"));
    let (set, _) = set.with(&[]);
    assert_eq!(set.get("computers").unwrap().origin, Origin::BuiltIn);
    // One that breaks what is built in is refused.
    computers["fields"].as_object_mut().unwrap().remove("osname");
    let (set, outcomes) = set.with(&[file("computers.json", &computers)]);
    assert_eq!(refusal(&outcomes[0]).1.as_deref(), Some("1.0.0"));
    assert_eq!(set.get("computers").unwrap().origin, Origin::BuiltIn);
}

#[test]
fn an_administrators_document_goes_before_a_file() {
    let admin = Origin::Admin("things".parse().unwrap());
    let put = |document: &Value| Offer { origin: admin.clone(), content: document.to_string().into_bytes() };
    let offers = [file("a.json", &things("1.2.0")), put(&things("1.1.0"))];
    let (set, outcomes) = PluginSet::built_in().with(&offers);
    assert_eq!(set.get("things").unwrap().origin, admin);
    assert_eq!(outcomes[1].verdict, Verdict::Shadowed(admin.clone()));
    // The file does not take over because the other went bad.
    let bad = Offer { origin: admin.clone(), content: b"?".to_vec() };
    let (set, outcomes) = set.with(&[file("a.json", &things("1.2.0")), bad]);
    assert_eq!(set.get("things").unwrap().origin, admin);
    assert_eq!(refusal(&outcomes[0]).1.as_deref(), Some("1.1.0"));
    let (_, outcomes) = PluginSet::built_in().with(&[put(&named("others"))]);
    assert!(refusal(&outcomes[0]).0[0].starts_with("/name: is not `things`"));
}

#[test]
fn two_files_of_one_name_are_a_mistake() {
    let offers = [file("b.json", &things("1.0.0")), file("a.json", &things("1.0.0"))];
    let (set, outcomes) = PluginSet::built_in().with(&offers);
    assert_eq!(set.get("things").unwrap().origin, Origin::File("a.json".into()));
    assert!(refusal(&outcomes[1]).0[0].starts_with("/name: is that of the plugin in a.json"));
}

#[test]
fn a_renamed_file_is_the_same_plugin() {
    let (set, _) = PluginSet::built_in().with(&[file("a.json", &things("1.0.0"))]);
    let (set, _) = set.with(&[file("b.json", &things("1.0.0"))]);
    assert_eq!(set.get("things").unwrap().origin, Origin::File("b.json".into()));
}

#[test]
fn an_example_must_fit() {
    // CC-1
    let mut document = things("1.0.0");
    document["example"] = json!({"id": "1", "size": "big"});
    let (_, outcomes) = PluginSet::built_in().with(&[file("a.json", &document)]);
    assert_eq!(
        refusal(&outcomes[0]).0,
        ["/example/size: does not fit the plugin's own fields: \"big\" is not of type \"number\" (type)"]
    );
}

proptest! {
    #[test]
    fn no_file_however_damaged_takes_a_plugin_away(
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        end in prop::option::of(any::<prop::sample::Index>()),
    ) {
        // CC-2
        let good = file("a.json", &things("1.0.0"));
        let (set, _) = PluginSet::built_in().with(std::slice::from_ref(&good));
        let mut content = good.content;
        let place = place.index(content.len());
        content[place] = byte;
        content.truncate(end.map_or(content.len(), |end| end.index(content.len())));
        let (after, outcomes) = set.with(&[Offer { origin: good.origin, content }]);
        match &outcomes[0].verdict {
            Verdict::InForce(_) => {
                let name = outcomes[0].name.as_ref().expect("what is in force has a name");
                prop_assert!(after.get(name.as_str()).is_some());
            }
            Verdict::Refused { faults, kept } => {
                prop_assert!(!faults.is_empty() && kept.is_some() && after.get("things").is_some());
            }
            Verdict::Shadowed(other) => prop_assert!(false, "shadowed by {}", other),
        }
    }

    #[test]
    fn no_document_is_too_odd(member in 0..12_usize, value in anything()) {
        // CC-2
        let members = [
            "name", "version", "assetkind", "identityfield", "fields", "required", "secondaryidentity",
            "additionalfields", "description", "example", "$defs", "other",
        ];
        for inside in [None, Some("id"), Some("x")] {
            let mut document = things("1.0.0");
            match inside {
                None => document[members[member]] = value.clone(),
                Some(field) => document["fields"][field] = value.clone(),
            }
            if let Err(invalid) = Plugin::parse(document.to_string().as_bytes()) {
                prop_assert!(!invalid.faults.is_empty());
            }
        }
    }
}

fn things(version: &str) -> Value {
    document(version, json!({"fields": {"size": {"type": "number"}}}))
}

fn named(name: &str) -> Value {
    document("1.0.0", json!({ "name": name }))
}

fn file(name: &str, document: &Value) -> Offer {
    Offer { origin: Origin::File(name.into()), content: document.to_string().into_bytes() }
}

fn refusal(outcome: &Outcome) -> (Vec<String>, Option<String>) {
    let Verdict::Refused { faults, kept } = &outcome.verdict else { panic!("{outcome:?}") };
    (faults.iter().map(ToString::to_string).collect(), kept.as_ref().map(Version::to_string))
}
