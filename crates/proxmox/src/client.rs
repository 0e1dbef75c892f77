//! Speaks the API of one cluster through its entry points: who we are, which entry is asked, how much runs at once.
//!
//! The provider and the permission doctor call it. It decides nothing about what an answer means for the estate, writes
//! nothing on the platform, and asks nothing twice but a read whose connection broke off before it was answered.

mod answer;
mod budget;
mod call;
mod counter;
mod decode;
mod entries;
mod error;
mod grant;
mod objects;
mod place;
mod session;
mod stream;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use muster_collect::{Auth, Connection, Failure, FailureCategory};
use muster_outbound::{Limits, Outbound, OutboundError, Request, Response, Target, Trust};
use muster_runtime::{Clock, chain};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use url::form_urlencoded;

use self::{
    budget::Budget,
    counter::Counter,
    entries::Entries,
    session::{Proof, Refusal, Session, Step},
};
pub use self::{
    call::{Call, Cost, Need, Spec},
    error::{ApiError, ErrorKind},
    place::Place,
};
pub(crate) use self::{
    error::failure_of,
    grant::{Who, grant},
    stream::{Question, Through},
};
use crate::wire::access::Ticket;

/// No answer that we ask for is larger, unpacked.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// What a call may cost where its own deadline does not say otherwise. The platform closes idle connections after 5 s.
const LIMITS: Limits = Limits {
    total: Duration::from_secs(40),
    connect: Duration::from_secs(5),
    redirects: 0,
    idle: Duration::from_secs(4),
};

/// A client of one cluster.
pub struct Client {
    outbound: Outbound,
    clock: Arc<dyn Clock>,
    who: Who,
    secret: SecretString,
    entries: Vec<Entry>,
    health: Mutex<Entries>,
    /// Locked while somebody logs in, so that one login runs at a time.
    session: tokio::sync::Mutex<Session>,
    budget: Budget,
    counter: Counter,
}

/// A request for something that is read.
#[derive(Clone, Copy)]
struct Asking<'a> {
    call: Call,
    place: Place<'a>,
    query: &'a [(&'a str, &'a str)],
    /// How long one attempt may take as a whole.
    within: Duration,
}

impl<'a> Asking<'a> {
    /// For as long as such calls may take.
    fn usual(call: Call, place: Place<'a>, query: &'a [(&'a str, &'a str)]) -> Self {
        Self { call, place, query, within: call.spec().cost.deadline() }
    }
}

struct Entry {
    target: Target,
    places: budget::AtEntry,
}

/// The client that looks at and asks a connection's entry points.
pub(crate) fn outbound(connection: &Connection, clock: Arc<dyn Clock>) -> Result<Outbound, Failure> {
    let trust = Trust::PinnedAny { pins: connection.pins.clone() };
    Outbound::new(LIMITS, trust, clock)
        .map_err(|error| Failure { category: FailureCategory::Tls, message: chain(&error) })
}

impl Client {
    /// Prepares calls; nothing is dialled yet.
    ///
    /// # Errors
    /// When there is no entry point, TLS cannot be set up, or the secret is nothing that can be sent.
    pub fn new(connection: &Connection, secret: SecretString, clock: Arc<dyn Clock>) -> Result<Self, Failure> {
        let unsendable = |_| Failure {
            category: FailureCategory::Secret,
            message: "the user or the secret holds characters that cannot be sent; enter them again".to_owned(),
        };
        let entry = |target: &Target| Entry { target: target.clone(), places: budget::AtEntry::default() };
        Ok(Self {
            outbound: outbound(connection, Arc::clone(&clock))?,
            clock,
            session: tokio::sync::Mutex::new(Session::new(&connection.auth, &secret).map_err(unsendable)?),
            who: Who(connection.auth.clone()),
            secret,
            health: Mutex::new(Entries::new(connection.endpoints.len())),
            entries: connection.endpoints.iter().map(entry).collect(),
            budget: Budget::default(),
            counter: Counter::default(),
        })
    }

    /// The address of the entry point that is asked next about the cluster as a whole.
    pub fn address(&self) -> String {
        let entry = self.health().choose(None, self.now());
        self.entries.get(entry).map(|entry| entry.target.origin()).unwrap_or_default()
    }

    /// Requests that were sent, logins and repetitions included.
    pub fn requests(&self) -> u64 {
        self.counter.total()
    }

    /// Requests that were sent, by the name of the call; those that were never sent are left out.
    pub fn requests_by_call(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.counter.by_call()
    }

    /// Entry points that failed when they were last asked, and why. Others may answer in their place.
    pub fn failed_entries(&self) -> Vec<(Target, Failure)> {
        let health = self.health();
        health.failures().map(|(entry, failure)| (self.entries[entry].target.clone(), failure.clone())).collect()
    }

    /// The same by their places.
    pub(crate) fn lost_entries(&self) -> Vec<usize> {
        self.health().failures().map(|(entry, _)| entry).collect()
    }

    /// Asks, and decodes what stands in the envelope.
    ///
    /// # Errors
    /// When nobody answers, the credentials or the rights do not suffice, or the answer makes no sense.
    pub async fn get<T: DeserializeOwned + Send + 'static>(
        &self,
        call: Call,
        place: Place<'_>,
        query: &[(&str, &str)],
    ) -> Result<T, ApiError> {
        self.get_within(call.spec().cost.deadline(), call, place, query).await
    }

    /// Asks for so long, not counting how long it waits for its turn, and decodes what stands in the envelope.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn get_within<T: DeserializeOwned + Send + 'static>(
        &self,
        within: Duration,
        call: Call,
        place: Place<'_>,
        query: &[(&str, &str)],
    ) -> Result<T, ApiError> {
        let _permit = self.budget.enter(place.node, call.spec().cost).await;
        let (entry, answer) = self.answered(Asking { call, place, query, within }).await?;
        self.decoded(entry, call, place, answer).await
    }

    /// What stands in the envelope of an answer.
    async fn decoded<T: DeserializeOwned + Send + 'static>(
        &self,
        entry: usize,
        call: Call,
        place: Place<'_>,
        answer: Response,
    ) -> Result<T, ApiError> {
        let failed = |kind| self.error(call, place, entry, kind);
        let body = answer.unpacked(MOST_BYTES).await.map_err(|error| failed(ErrorKind::Transport(error)))?;
        decode::decode(body).await.map_err(|decode::Senseless(why)| failed(ErrorKind::Malformed(why)))
    }

    /// Asks one entry point after the other until one answers, and returns its answer if it is a success.
    async fn answered(&self, asking: Asking<'_>) -> Result<(usize, Response), ApiError> {
        let place = asking.place;
        let mut entry = self.health().choose(place.node, self.now());
        let mut tried = vec![];
        loop {
            let error = match self.at(entry, asking).await {
                Ok(answer) => return Ok((entry, answer)),
                Err(error) => error,
            };
            tried.push(entry);
            let next = self.learn(entry, &error, place, &tried);
            entry = next.ok_or(error)?;
        }
    }

    /// Takes note of a failure, and says who may be asked instead.
    fn learn(&self, entry: usize, error: &ApiError, place: Place<'_>, tried: &[usize]) -> Option<usize> {
        let now = self.now();
        let mut health = self.health();
        match (&error.kind, place.node) {
            (ErrorKind::Transport(cause), _) if is_entrys_fault(cause) => {
                health.failed(entry, failure_of(cause), now);
                health.another(tried, now)
            }
            (ErrorKind::PeerUnreachable { .. }, Some(node)) => {
                health.detour(entry, node, now);
                None
            }
            _ => None,
        }
    }

    /// Asks one entry point. Logs in where that is needed, and once more where a ticket is no longer accepted.
    async fn at(&self, entry: usize, asking: Asking<'_>) -> Result<Response, ApiError> {
        let Asking { call, place, query, within } = asking;
        let _permit = self.entries[entry].places.enter(call).await;
        let failed = |kind| self.error(call, place, entry, kind);
        let target = place::address(&self.entries[entry].target, call, place, query);
        let target = target.ok_or_else(|| failed(ErrorKind::Malformed("a name in the path is none".to_owned())))?;
        let mut again = false;
        loop {
            let proof = self.proof(entry).await?;
            let request = Request::get(target.clone()).packed().within(within);
            let request = request.header(ACCEPT, JSON).header(proof.name.clone(), proof.value.clone());
            let answer = self.sent(call, entry, request).await.map_err(failed)?;
            if answer.status().is_success() {
                return Ok(answer);
            }
            let refusal = answer::refusal(answer, &self.secret).await;
            if let ErrorKind::Unauthorised(text) = &refusal
                && self.session.lock().await.call_refused(proof.generation, text, again, self.now())
            {
                again = true;
                continue;
            }
            return Err(failed(refusal));
        }
    }

    /// Sends, and once more where the connection broke off before the answer.
    async fn sent(&self, call: Call, entry: usize, request: Request) -> Result<Response, ErrorKind> {
        self.counter.count(call);
        let mut answer = self.outbound.send(request.clone()).await;
        if answer.as_ref().is_err_and(OutboundError::broke_off) {
            self.counter.count(call);
            answer = self.outbound.send(request).await;
        }
        let answer = answer.map_err(ErrorKind::Transport)?;
        self.health().answered(entry, self.now());
        Ok(answer)
    }

    /// What proves who we are; logs in where that is needed.
    async fn proof(&self, entry: usize) -> Result<Proof, ApiError> {
        let failed = |kind| self.error(Call::Login, Place::CLUSTER, entry, kind);
        let mut session = self.session.lock().await;
        let password = match session.step(self.now()) {
            Step::Use(proof) => return Ok(proof),
            Step::Refused(refusal) => return Err(failed(refusal.into())),
            Step::Renew(ticket) => match self.exchange(entry, &ticket).await {
                Ok(Ok(ticket)) => return session.received(ticket, self.now()).map_err(|_| failed(odd_ticket())),
                Ok(Err(_)) => {
                    session.not_renewed();
                    self.secret.clone()
                }
                Err(kind) => return Err(failed(kind)),
            },
            Step::LogIn => self.secret.clone(),
        };
        match self.exchange(entry, &password).await.map_err(failed)? {
            Ok(ticket) => session.received(ticket, self.now()).map_err(|_| failed(odd_ticket())),
            Err(refusal) => {
                session.login_refused(refusal.clone(), self.now());
                Err(failed(refusal.into()))
            }
        }
    }

    /// Exchanges a password, or a ticket that is still good, for a ticket.
    async fn exchange(
        &self,
        entry: usize,
        password: &SecretString,
    ) -> Result<Result<SecretString, Refusal>, ErrorKind> {
        let (Auth::Token { user, .. } | Auth::Password { user }) = &self.who.0;
        let target = place::address(&self.entries[entry].target, Call::Login, Place::CLUSTER, &[]);
        let target = target.expect("the path of a login holds no names");
        let request = Request::post(target, form(user, password)).packed().within(Call::Login.spec().cost.deadline());
        let answer = self.sent(Call::Login, entry, request.header(ACCEPT, JSON).header(CONTENT_TYPE, FORM)).await?;
        if !answer.status().is_success() {
            return match answer::refusal(answer, &self.secret).await {
                ErrorKind::Unauthorised(text) => Ok(Err(Refusal::Refused(text))),
                other => Err(other),
            };
        }
        let body = answer.unpacked(MOST_BYTES).await.map_err(ErrorKind::Transport)?;
        let ticket: Ticket = decode::decode(body).await.map_err(|decode::Senseless(why)| ErrorKind::Malformed(why))?;
        if ticket.second_factor == Some(true) {
            return Ok(Err(Refusal::SecondFactor));
        }
        ticket.ticket.map(Ok).ok_or_else(odd_ticket)
    }

    fn error(&self, call: Call, place: Place<'_>, entry: usize, kind: ErrorKind) -> ApiError {
        let method = if call == Call::Login { "POST" } else { "GET" };
        let call = format!("{method} {}", place::shown(call, place));
        ApiError { call, origin: self.entries[entry].target.origin(), kind, who: self.who.clone() }
    }

    fn now(&self) -> Duration {
        self.clock.monotonic()
    }

    fn health(&self) -> MutexGuard<'_, Entries> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("who", &self.who).finish_non_exhaustive()
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

fn form(user: &str, password: &SecretString) -> Vec<u8> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("username", user).append_pair("password", password.expose_secret()).finish().into_bytes()
}

fn odd_ticket() -> ErrorKind {
    ErrorKind::Malformed("the answer to the login holds no ticket".to_owned())
}

/// Whether a failure tells that an entry point cannot be used. One that is slow, or whose answer is too large or damaged,
/// may be so for this call alone.
fn is_entrys_fault(error: &OutboundError) -> bool {
    match error {
        OutboundError::Unreachable { .. }
        | OutboundError::NoConnection { .. }
        | OutboundError::NotVerified { .. }
        | OutboundError::PinMismatch { .. }
        | OutboundError::NotTls { .. }
        | OutboundError::Tls { .. } => true,
        OutboundError::TooSlow { .. }
        | OutboundError::Packing { .. }
        | OutboundError::TooLarge { .. }
        | OutboundError::Redirect { .. }
        | OutboundError::TooManyRedirects { .. } => false,
    }
}
