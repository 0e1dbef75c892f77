//! Entity tags: what an answer depends on, in a few characters.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use muster_estate::Snapshot;
use sha2::{Digest, Sha256};

/// A strong entity tag of an answer made of facts: the same tenant, revision, server version and question make the same
/// bytes (D-1, D-3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EntityTag(HeaderValue);

impl EntityTag {
    /// The tag of the answer to `question` on a snapshot.
    pub(crate) fn of(snapshot: &Snapshot, question: &str) -> Self {
        let mut hash = Sha256::new();
        for part in [env!("CARGO_PKG_VERSION"), snapshot.tenant().as_str(), question] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        let hash = BASE64_URL_SAFE_NO_PAD.encode(&hash.finalize()[..12]);
        let text = format!("\"{}-{hash}\"", snapshot.revision());
        Self(HeaderValue::from_str(&text).expect("digits and base64 make a header value"))
    }

    /// The tag of an answer that everything in `parts` determines.
    pub(crate) fn of_parts(parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in [env!("CARGO_PKG_VERSION")].iter().chain(parts) {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        Self::of_digest(&hash.finalize())
    }

    /// The tag of an answer with these bytes.
    pub(crate) fn of_bytes(body: &[u8]) -> Self {
        Self::of_digest(&Sha256::digest(body))
    }

    fn of_digest(digest: &[u8]) -> Self {
        let text = format!("\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(&digest[..16]));
        Self(HeaderValue::from_str(&text).expect("base64 makes a header value"))
    }

    /// Whether the client already has this answer.
    pub(crate) fn is_known_to(&self, headers: &HeaderMap) -> bool {
        let sent = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        let mut tags = sent.flat_map(|list| list.split(',')).map(str::trim);
        let ours = self.0.to_str().expect("made of ASCII");
        tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == ours)
    }

    /// The answer to a client that already has it; `None` to one that has not.
    pub(crate) fn not_modified(&self, headers: &HeaderMap) -> Option<Response> {
        self.is_known_to(headers).then(|| (StatusCode::NOT_MODIFIED, [self.header()]).into_response())
    }

    /// As a header.
    pub(crate) fn header(&self) -> (header::HeaderName, HeaderValue) {
        (header::ETAG, self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use muster_model::TenantId;

    use super::*;

    #[test]
    fn a_tag_depends_on_tenant_and_question() {
        let tag = |tenant: &str, question| EntityTag::of(&Snapshot::empty(tenant.parse().unwrap()), question);
        assert_eq!(tag("a", "q"), tag("a", "q"));
        assert_ne!(tag("a", "q"), tag("b", "q"));
        assert_ne!(tag("a", "q"), tag("a", "r"));
    }

    #[test]
    fn a_client_may_send_several_tags() {
        let tag = EntityTag::of(&Snapshot::empty(TenantId::DEFAULT), "q");
        let ours = tag.0.to_str().unwrap().to_owned();
        let check = |sent: &str, expected| {
            let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, sent.parse().unwrap())]);
            assert_eq!(tag.is_known_to(&headers), expected, "{sent}");
        };
        check(&ours, true);
        check(&format!("\"x\", W/{ours}"), true);
        check("*", true);
        check("\"x\"", false);
    }
}
