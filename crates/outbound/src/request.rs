//! What to ask.

use std::time::Duration;

use reqwest::{
    Method,
    header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderName, HeaderValue},
};

use crate::target::Target;

/// A request. Its body is in memory: nothing that the server sends is large.
#[derive(Debug, Clone)]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) target: Target,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) total: Option<Duration>,
}

impl Request {
    /// Asks for something.
    pub fn get(target: Target) -> Self {
        Self { method: Method::GET, target, headers: HeaderMap::new(), body: Vec::new(), total: None }
    }

    /// Hands something over.
    pub fn post(target: Target, body: Vec<u8>) -> Self {
        Self { method: Method::POST, target, headers: HeaderMap::new(), body, total: None }
    }

    /// Adds a header. One that holds a credential is to be marked sensitive, so that no log shows it.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Says that the answer may be packed with gzip; its body is then to be read by [`unpacked`](crate::Response::unpacked).
    #[must_use]
    pub fn packed(self) -> Self {
        self.header(ACCEPT_ENCODING, HeaderValue::from_static("gzip"))
    }

    /// Grants it another time as a whole than the client grants to calls.
    #[must_use]
    pub fn within(self, total: Duration) -> Self {
        Self { total: Some(total), ..self }
    }

    /// Whether a redirect of it may be followed: asking twice changes nothing.
    pub(crate) fn may_follow(&self) -> bool {
        self.method == Method::GET
    }

    /// The same for where a redirect leads. Another origin gets none of our headers but the wanted form.
    pub(crate) fn redirected(mut self, target: Target) -> Self {
        if target.url().origin() != self.target.url().origin() {
            let accept = self.headers.remove(ACCEPT);
            self.headers = accept.into_iter().map(|value| (ACCEPT, value)).collect();
        }
        Self { target, ..self }
    }
}
