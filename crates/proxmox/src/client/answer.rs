//! From an answer to what it means: the words that the platform puts now into the body, now beside the status.

use muster_outbound::Response;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::error::ErrorKind;

/// How much of an answer that is an error is read, in bytes.
const MOST_READ: usize = 64 * 1024;
/// How much of it is told, in characters.
const MOST_TOLD: usize = 512;
/// A secret shorter than this would blot out ordinary words.
const SHORTEST_SECRET: usize = 4;

/// What an answer that is no success means.
pub(crate) async fn refusal(answer: Response, secret: &SecretString) -> ErrorKind {
    let status = answer.status().as_u16();
    let usual = answer.status().canonical_reason().unwrap_or_default();
    let reason = answer.reason();
    let told = told(&answer.beginning(MOST_READ).await);
    let text = told.or(reason).unwrap_or_else(|| usual.to_owned());
    meaning(status, cleaned(&text, secret))
}

fn meaning(status: u16, text: String) -> ErrorKind {
    match status {
        300..=399 => ErrorKind::Redirect(status),
        401 => ErrorKind::Unauthorised(text),
        403 => forbidden(text),
        501 => ErrorKind::NotImplemented(text),
        595..=599 => ErrorKind::PeerUnreachable { status, text },
        _ => ErrorKind::Api { status, text },
    }
}

/// Takes apart `Permission check failed (/nodes/pve, Sys.Audit|Sys.Modify)`.
fn forbidden(text: String) -> ErrorKind {
    let inner = text.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map(|(inner, _)| inner);
    let parts = inner.and_then(|inner| inner.split_once(',')).filter(|(path, _)| path.starts_with('/'));
    let Some((path, privileges)) = parts else {
        return ErrorKind::Forbidden { path: None, privileges: vec![], text };
    };
    let privileges = privileges.split('|').map(|privilege| privilege.trim().to_owned());
    let privileges = privileges.filter(|privilege| !privilege.is_empty()).collect();
    ErrorKind::Forbidden { path: Some(path.trim().to_owned()), privileges, text }
}

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(default)]
    message: Option<String>,
    #[serde(default, borrow)]
    errors: Option<&'a RawValue>,
}

/// What the body says: a message (8.4), and which parameters were wrong.
fn told(body: &[u8]) -> Option<String> {
    let body: Body<'_> = serde_json::from_slice(body).ok()?;
    let errors = body.errors.map(RawValue::get).filter(|errors| *errors != "null" && *errors != "{}");
    let words = body.message.as_deref().map(str::trim).filter(|message| !message.is_empty());
    let words: Vec<&str> = words.into_iter().chain(errors).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// One line without control characters, and without our secret should the other side repeat it.
fn cleaned(text: &str, secret: &SecretString) -> String {
    let secret = secret.expose_secret();
    let text = if secret.len() < SHORTEST_SECRET { text.to_owned() } else { text.replace(secret, "…") };
    text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(MOST_TOLD).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_path_and_privileges() {
        let check = |text: &str, expected: (Option<&str>, &[&str])| {
            let ErrorKind::Forbidden { path, privileges, .. } = forbidden(text.to_owned()) else { panic!("{text}") };
            assert_eq!(
                (path.as_deref(), privileges.iter().map(String::as_str).collect()),
                (expected.0, expected.1.to_vec())
            );
        };
        check("Permission check failed (/nodes/pve, Sys.Audit)", (Some("/nodes/pve"), &["Sys.Audit"]));
        check(
            "Permission check failed (/vms/100, VM.GuestAgent.Audit|VM.GuestAgent.Unrestricted)\n",
            (Some("/vms/100"), &["VM.GuestAgent.Audit", "VM.GuestAgent.Unrestricted"]),
        );
        check("Permission check failed", (None, &[]));
        check("URI '/x' not available with API token, need proper ticket", (None, &[]));
        check("no (really, none)", (None, &[]));
    }

    #[test]
    fn words_of_the_body_are_found() {
        let check = |body: &str, words: Option<&str>| assert_eq!(told(body.as_bytes()).as_deref(), words, "{body}");
        check(r#"{"data":null,"message":"it is locked\n"}"#, Some("it is locked"));
        check(
            r#"{"errors":{"vmid":"VM 100 already exists"},"data":null}"#,
            Some(r#"{"vmid":"VM 100 already exists"}"#),
        );
        check(r#"{"data":null}"#, None);
        check("<html>", None);
    }

    #[test]
    fn a_repeated_secret_is_not_told() {
        let secret = SecretString::from("aaaa-bbbb");
        assert_eq!(cleaned("token aaaa-bbbb\nis wrong", &secret), "token … is wrong");
    }
}
