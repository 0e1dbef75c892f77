//! What a token says.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{CLIENT_ID, Script, overlay};

/// A token for the person of the script, good for five minutes.
pub(super) fn issue(script: &Script, issuer: &str, nonce: Option<&str>, claims: &Value, now: Timestamp) -> String {
    let seconds = now.as_second();
    let mut all = json!({"iss": issuer, "aud": CLIENT_ID, "iat": seconds, "exp": seconds + 300});
    if let Some(nonce) = nonce {
        all["nonce"] = nonce.into();
    }
    for change in [&script.person, &script.claims, claims] {
        overlay(&mut all, change);
    }
    script.signer.as_ref().expect("the provider has a key").sign(&all, script.forgery)
}
