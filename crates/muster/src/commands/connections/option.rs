//! `--option NAME=VALUE`: what is chosen about how a platform is looked at.
//!
//! A name is that of the API, as it stands there or in words with dashes. Which there are and what they may be, the types
//! of the API know; nothing of it stands here.

use muster_model::PveOptions;
use serde_json::{Value, json};

use crate::commands::CommandError;

/// The options before with these in their place. An empty value takes a choice back.
pub(super) fn chosen(before: PveOptions, options: &[String]) -> Result<PveOptions, CommandError> {
    options.iter().try_fold(before, |before, option| choose(before, option))
}

fn choose(before: PveOptions, option: &str) -> Result<PveOptions, CommandError> {
    let wrong = |what: String| CommandError::Usage(format!("--option {option}: {what}"));
    let example = || {
        let such = "such as guest-agent.retries=0; `guest-agent.retries=` takes it back";
        wrong(format!("expected NAME=VALUE with a name of two parts, {such}"))
    };
    let (name, value) = option.split_once('=').ok_or_else(example)?;
    let (part, field) = name.trim().split_once('.').ok_or_else(example)?;
    let value = match value.trim() {
        "" => Value::Null,
        text => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
    };
    let mut options = json!(before);
    options[in_one_word(part)][in_one_word(field)] = value;
    serde_json::from_value(options).map_err(|error| wrong(error.to_string()))
}

/// `guest-agent` as `guestAgent`.
fn in_one_word(words: &str) -> String {
    let mut words = words.split('-');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let mut letters = word.chars();
        let capital = letters.next().map(|letter| letter.to_ascii_uppercase());
        name + &capital.into_iter().chain(letters).collect::<String>()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_changes_and_the_rest_stays() {
        let read = |options: Value| serde_json::from_value::<PveOptions>(options).unwrap();
        let before = read(json!({"disks": {"smart": false, "everyMinutes": 60}}));
        let check = |options: &[&str], expected: Value| {
            let options: Vec<String> = options.iter().map(ToString::to_string).collect();
            assert_eq!(chosen(before, &options).unwrap(), read(expected), "{options:?}");
        };
        check(&[], json!({"disks": {"smart": false, "everyMinutes": 60}}));
        check(
            &["guest-agent.retries=0", "guest-agent.os-info-timeout-seconds = 3", "disks.smart=", "zfs.enabled=false"],
            json!({
                "guestAgent": {"retries": 0, "osInfoTimeoutSeconds": 3},
                "disks": {"everyMinutes": 60},
                "zfs": {"enabled": false},
            }),
        );
        check(
            &["guestAgent.enabled=false", "disks.everyMinutes=5", "disks.every-minutes=6"],
            json!({"guestAgent": {"enabled": false}, "disks": {"smart": false, "everyMinutes": 6}}),
        );
    }

    #[test]
    fn what_cannot_be_is_refused_with_what_can() {
        let check = |option: &str, expected: &str| {
            let said = chosen(PveOptions::default(), &[option.to_owned()]).unwrap_err().to_string();
            assert!(said.contains(option) && said.contains(expected), "{said}");
        };
        check("guest-agent.retries", "expected NAME=VALUE");
        check("retries=1", "expected NAME=VALUE");
        check("guest-agent.retries=9", "use 0 to 3");
        check("guest-agent.retry=1", "`retries`");
        check("guests.retries=1", "`guestAgent`");
        check("zfs.enabled=maybe", "expected a boolean");
        check("disks.every-minutes=-5", "integer `-5`");
    }
}
