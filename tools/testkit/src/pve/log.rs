//! What was asked of a cluster: by whom, when, how often, and how much at once.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;

/// Requests that are kept one by one; older ones are only counted.
const KEPT: usize = 10_000;

/// How a request says who sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// It does not.
    None,
    /// By a token, named `user@realm!name`.
    Token(String),
    /// By the ticket of a login, of a user named `user@realm`.
    Ticket(String),
}

/// One request.
#[derive(Debug, Clone)]
pub struct Request {
    /// When it came, by the simulator's clock.
    pub at: Timestamp,
    /// The node whose address was dialled.
    pub entry: String,
    /// Its method.
    pub method: String,
    /// Its path with the query, as it was sent.
    pub path: String,
    /// The API call that this is, such as `/nodes/{node}/status`; `None` for what is none.
    pub call: Option<&'static str>,
    /// How it says who sent it, believed or not.
    pub credential: Credential,
    /// The status that it was answered with; `None` while it is not, or never was.
    pub status: Option<u16>,
}

/// How much was asked.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// Requests in all.
    pub requests: u64,
    /// Requests by API call, such as `/nodes/{node}/status`.
    pub by_call: BTreeMap<&'static str, u64>,
    /// Requests by status.
    pub by_status: BTreeMap<u16, u64>,
    /// The most requests at once that one node had to answer, by node: those whose path names it, and those that were
    /// asked at its address and name none.
    pub peak_by_node: BTreeMap<String, u32>,
    /// The most requests at once at one address, by node.
    pub peak_by_entry: BTreeMap<String, u32>,
    /// Handshakes, finished or not.
    pub connections: u64,
}

/// The log of a cluster.
#[derive(Debug, Default)]
pub(super) struct Log {
    first: u64,
    requests: VecDeque<Request>,
    counts: Counts,
    now_by_node: BTreeMap<String, u32>,
    now_by_entry: BTreeMap<String, u32>,
}

impl Log {
    pub(super) fn connection(&mut self) {
        self.counts.connections += 1;
    }

    /// Notes a request that has come, and says under which number.
    pub(super) fn begin(&mut self, request: Request, node: &str) -> u64 {
        self.counts.requests += 1;
        if let Some(call) = request.call {
            *self.counts.by_call.entry(call).or_default() += 1;
        }
        raise(&mut self.now_by_node, &mut self.counts.peak_by_node, node);
        raise(&mut self.now_by_entry, &mut self.counts.peak_by_entry, &request.entry);
        self.requests.push_back(request);
        if self.requests.len() > KEPT {
            self.requests.pop_front();
            self.first += 1;
        }
        self.first + self.requests.len() as u64 - 1
    }

    /// Notes with which status it was answered.
    pub(super) fn answered(&mut self, number: u64, status: u16) {
        *self.counts.by_status.entry(status).or_default() += 1;
        let place = number.checked_sub(self.first).and_then(|place| usize::try_from(place).ok());
        if let Some(request) = place.and_then(|place| self.requests.get_mut(place)) {
            request.status = Some(status);
        }
    }

    /// Notes that nobody works on a request any more.
    pub(super) fn end(&mut self, entry: &str, node: &str) {
        lower(&mut self.now_by_node, node);
        lower(&mut self.now_by_entry, entry);
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.requests.iter().cloned().collect()
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts.clone()
    }

    pub(super) fn clear(&mut self) {
        self.first += self.requests.len() as u64;
        self.requests.clear();
        self.counts = Counts::default();
    }
}

fn raise(now: &mut BTreeMap<String, u32>, peak: &mut BTreeMap<String, u32>, key: &str) {
    let now = now.entry(key.to_owned()).or_default();
    *now += 1;
    let peak = peak.entry(key.to_owned()).or_default();
    *peak = (*peak).max(*now);
}

fn lower(now: &mut BTreeMap<String, u32>, key: &str) {
    if let Some(now) = now.get_mut(key) {
        *now = now.saturating_sub(1);
    }
}
