//! What a call is answered with, before anything goes wrong with it on its way.

use serde_json::{Value, json};

use super::version::Version;

/// A status, its phrase and a body.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// `None` stands for the standard's own phrase.
    pub(super) reason: Option<String>,
    pub(super) body: Body,
}

/// What is sent.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Body {
    Empty,
    Json(Value),
    /// JSON that is written already.
    Written(Vec<u8>),
    Html(String),
}

impl Answer {
    /// 200 with data.
    pub(super) fn data(data: Value) -> Self {
        Self::json(Value::Object([("data".to_owned(), data)].into_iter().collect()))
    }

    /// 200 with a whole body.
    pub(super) fn json(body: Value) -> Self {
        Self { status: 200, reason: None, body: Body::Json(body) }
    }

    /// A failure that the API itself tells: in the phrase, and since 8.4 in the body as well.
    pub(super) fn failure(version: Version, status: u16, message: &str) -> Self {
        let body = if version.has_messages() {
            json!({"data": null, "message": format!("{message}\n")})
        } else {
            json!({"data": null})
        };
        Self { status, reason: Some(message.to_owned()), body: Body::Json(body) }
    }

    /// A failure that is told by the phrase alone.
    pub(super) fn phrase(status: u16, reason: &str) -> Self {
        Self { status, reason: Some(reason.to_owned()), body: Body::Empty }
    }

    /// A page for people.
    pub(super) fn page() -> Self {
        let page = "<!DOCTYPE html>\n<html><head><title>pve - Proxmox Virtual Environment</title></head>\
                    <body>Loading...</body></html>\n";
        Self { status: 200, reason: None, body: Body::Html(page.to_owned()) }
    }
}
