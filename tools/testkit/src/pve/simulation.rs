//! A cluster that runs: its world, who may see what of it, what is broken, and what was asked so far.
//!
//! Everything happens under one lock, which nobody holds while waiting, nor while an answer is made: that is done on the
//! world as it was when the question came.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use hyper::Method;
use muster_runtime::Clock;
use rustls::ServerConfig;
use serde_json::json;
use tokio::sync::watch;

use super::{
    access::{self, Access, Login, Principal},
    action::{Action, NoSuch},
    answer::Answer,
    answers,
    call::{Call, Kind},
    certificates::{Authority, Certificate, NodeCertificates, Shown},
    entry::Ended,
    exchange::Asked,
    fault::{Fault, Faults, Where},
    log::{Log, Request},
    rendered::Rendered,
    world::World,
};

/// How often a status daemon looks at its node, in seconds: answers stay the same in between.
pub(super) const TICK: i64 = 10;

/// The longest answer that is kept until the next tick, in bytes.
const CACHED_BYTES: usize = 16 << 20;

/// A running cluster.
pub(super) struct Simulation {
    clock: Arc<dyn Clock>,
    pub(super) authority: Certificate,
    /// Whether whoever is not believed has to wait.
    pub(super) delays_refusals: bool,
    nodes: Vec<Wire>,
    inner: Mutex<Inner>,
}

/// What a node's address is made of.
struct Wire {
    name: String,
    certificates: NodeCertificates,
    up: watch::Sender<bool>,
}

struct Inner {
    world: Arc<World>,
    access: Arc<Access>,
    faults: Faults,
    shown: Vec<Shown>,
    log: Log,
    cache: Cache,
}

/// Answers of one tick. Whatever happens in the world empties it.
#[derive(Default)]
struct Cache {
    tick: i64,
    answers: HashMap<(usize, String, String), Arc<Rendered>>,
}

/// An answer that is to be made.
struct Question<'a> {
    world: Arc<World>,
    access: Arc<Access>,
    entry: usize,
    who: Principal,
    path: &'a str,
    now: i64,
}

/// An answer that was made in this tick, or what it is to be made of.
enum Next<'a> {
    Known(Arc<Rendered>),
    Wanted(Question<'a>),
}

/// What a request is answered with, and what goes wrong with it.
pub(super) struct Handled {
    pub(super) rendered: Arc<Rendered>,
    pub(super) fault: Option<Fault>,
    /// Whether another node than the one that was asked has to answer.
    pub(super) is_forwarded: bool,
}

impl Simulation {
    pub(super) fn new(clock: Arc<dyn Clock>, mut world: World, access: Access, delays_refusals: bool) -> Self {
        let authority = Authority::of(&world.name, world.seed);
        let wire = |node: &mut super::world::Node| {
            let certificates = authority.certify(&node.name, &world.domain);
            node.certificate = Some(certificates.certificate(Shown::Proper).clone());
            Wire { name: node.name.clone(), certificates, up: watch::Sender::new(true) }
        };
        let nodes: Vec<Wire> = world.nodes.iter_mut().map(wire).collect();
        world.authority = Some(authority.certificate.clone());
        let shown = vec![Shown::default(); nodes.len()];
        let (faults, log, cache) = (Faults::default(), Log::default(), Cache::default());
        let (world, access) = (Arc::new(world), Arc::new(access));
        let inner = Mutex::new(Inner { world, access, faults, shown, log, cache });
        Self { clock, authority: authority.certificate, delays_refusals, nodes, inner }
    }

    pub(super) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Whether a node is up, now and whenever that changes.
    pub(super) fn watch(&self, node: usize) -> watch::Receiver<bool> {
        self.nodes[node].up.subscribe()
    }

    /// How a node speaks TLS at the moment. `None` when it does not.
    pub(super) fn tls(&self, node: usize) -> Option<Arc<ServerConfig>> {
        let shown = self.lock().shown[node];
        self.nodes[node].certificates.config(shown)
    }

    /// The certificate that a node shows at the moment.
    pub(super) fn certificate(&self, node: usize) -> Certificate {
        let shown = self.lock().shown[node];
        self.nodes[node].certificates.certificate(shown).clone()
    }

    pub(super) fn node_names(&self) -> Vec<String> {
        self.nodes.iter().map(|node| node.name.clone()).collect()
    }

    pub(super) fn connected(&self) {
        self.lock().log.connection();
    }

    pub(super) fn log<T>(&self, change: impl FnOnce(&mut Log) -> T) -> T {
        change(&mut self.lock().log)
    }

    /// Looks at the world as it is now.
    pub(super) fn world<T>(&self, look: impl FnOnce(&World, i64) -> T) -> T {
        let now = self.now();
        look(&self.lock().world, now)
    }

    /// Lets something happen.
    ///
    /// # Errors
    /// When what it happens to is not there.
    pub(super) fn act(&self, action: Action) -> Result<(), NoSuch> {
        let now = self.now();
        let inner = &mut *self.lock();
        inner.cache.answers.clear();
        match action {
            Action::Certificate { node, shown } => inner.shown[self.node(&node)?] = shown,
            Action::Fail { place, fault } => inner.faults.add(place, fault),
            Action::Heal { place } if place == Where::everywhere() => inner.faults.clear(),
            Action::Heal { place } => inner.faults.heal(&place),
            Action::Revoke { token, path, privilege } => {
                let token = Arc::make_mut(&mut inner.access).token_mut(&token)?;
                token.rights = std::mem::take(&mut token.rights).without(&path, &privilege);
            }
            Action::Grant { token, path, privilege } => {
                let token = Arc::make_mut(&mut inner.access).token_mut(&token)?;
                token.rights = std::mem::take(&mut token.rights).with(&path, &privilege);
            }
            Action::Secret { token, secret } => Arc::make_mut(&mut inner.access).token_mut(&token)?.secret = secret,
            Action::NodeDown { node } => {
                let place = self.node(&node)?;
                Arc::make_mut(&mut inner.world).node_down(place, now);
                self.nodes[place].up.send_replace(false);
            }
            Action::NodeUp { node } => {
                let place = self.node(&node)?;
                Arc::make_mut(&mut inner.world).node_up(place, now);
                self.nodes[place].up.send_replace(true);
            }
            Action::CutOff { node, cut } => {
                let place = self.node(&node)?;
                self.nodes[place].up.send_replace(!cut && inner.world.nodes[place].is_up());
            }
            other => Arc::make_mut(&mut inner.world).act(other, now)?,
        }
        Ok(())
    }

    /// Notes a request: its number, the node that was asked, and the node that has to answer.
    pub(super) fn begin(&self, entry: usize, asked: &Asked) -> (u64, String, String) {
        let at = self.clock.now();
        let inner = &mut *self.lock();
        let credential = access::credential(asked.cookie.as_deref(), asked.authorization.as_deref());
        let call = asked.path.as_deref().and_then(Call::of);
        let entry = self.nodes[entry].name.clone();
        let node = call.and_then(|(_, place)| place.node).map_or_else(|| entry.clone(), str::to_owned);
        let name = if asked.path.as_deref() == Some("/access/ticket") {
            Some("/access/ticket")
        } else {
            call.map(|(call, _)| call.name)
        };
        let request = Request {
            at,
            entry: entry.clone(),
            method: asked.method.to_string(),
            path: asked.uri.clone(),
            call: name,
            credential,
            status: None,
        };
        (inner.log.begin(request, &node), entry, node)
    }

    /// Answers a request.
    ///
    /// # Errors
    /// When nobody is there to answer.
    pub(super) fn handle(&self, entry: usize, asked: &Asked) -> Result<Handled, Ended> {
        let now = self.now();
        let path = asked.path.as_deref().unwrap_or_default();
        let node = Call::of(path).and_then(|(_, place)| place.node);
        let own = self.nodes[entry].name.as_str();
        let is_forwarded = node.is_some_and(|node| node != own);
        let (next, fault) = {
            let inner = &mut *self.lock();
            if !inner.world.nodes[entry].is_up() {
                return Err(Ended::Closed);
            }
            let fault = inner.faults.meet(own, Some(node.unwrap_or(own)), path);
            (inner.next(entry, asked, now), fault)
        };
        let rendered = match next {
            Next::Known(rendered) => rendered,
            Next::Wanted(question) => {
                let rendered = Arc::new(question.answered(asked));
                self.lock().keep(&question, asked, &rendered);
                rendered
            }
        };
        Ok(Handled { rendered, fault, is_forwarded })
    }

    fn node(&self, name: &str) -> Result<usize, NoSuch> {
        let place = self.nodes.iter().position(|node| node.name == name);
        place.ok_or_else(|| NoSuch { what: "node", name: name.to_owned() })
    }

    fn now(&self) -> i64 {
        self.clock.now().as_second()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// What is answered, or what the answer is to be made of.
    fn next<'a>(&mut self, entry: usize, asked: &'a Asked, now: i64) -> Next<'a> {
        let (who, path) = match self.admitted(asked, now) {
            Ok(admitted) => admitted,
            Err(answer) => return Next::Known(Arc::new(Rendered::of(*answer))),
        };
        self.cache.turn(now);
        match self.cache.answers.get(&(entry, who.id.clone(), asked.uri.clone())) {
            Some(known) => Next::Known(Arc::clone(known)),
            None => {
                let (world, access) = (Arc::clone(&self.world), Arc::clone(&self.access));
                Next::Wanted(Question { world, access, entry, who, path, now })
            }
        }
    }

    /// Keeps an answer for the rest of its tick, unless something happened while it was made.
    fn keep(&mut self, question: &Question<'_>, asked: &Asked, rendered: &Arc<Rendered>) {
        let is_momentary = matches!(Call::of(question.path), Some((Call { kind: Kind::NodeTime, .. }, _)));
        let is_current = Arc::ptr_eq(&question.world, &self.world) && Arc::ptr_eq(&question.access, &self.access);
        if is_momentary || !is_current || rendered.plain.len() > CACHED_BYTES {
            return;
        }
        if self.cache.tick == tick(question.now) {
            let key = (question.entry, question.who.id.clone(), asked.uri.clone());
            self.cache.answers.insert(key, Arc::clone(rendered));
        }
    }

    /// Who asks for which path, or what they are told instead.
    fn admitted<'a>(&self, asked: &'a Asked, now: i64) -> Result<(Principal, &'a str), Box<Answer>> {
        if asked.method == Method::HEAD {
            return Err(Box::new(Answer::phrase(501, "method 'HEAD' not available")));
        }
        let Some(path) = asked.path.as_deref() else { return Err(Box::new(Answer::page())) };
        if path == "/access/ticket" && asked.method == Method::POST {
            return Err(Box::new(self.login(asked, now)));
        }
        if asked.method == Method::GET && asked.has_body {
            return Err(Box::new(Answer::phrase(501, "Unexpected content for method 'GET'")));
        }
        if path == "/access/domains" {
            return Err(Box::new(answers::domains()));
        }
        let principal = self.access.authenticate(asked.cookie.as_deref(), asked.authorization.as_deref(), now);
        let principal = principal.map_err(|reason| Box::new(Answer::phrase(401, &reason)))?;
        if asked.method != Method::GET {
            let text = format!("Method '{} {path}' not implemented", asked.method);
            return Err(Box::new(Answer {
                body: super::answer::Body::Json(json!({"data": null})),
                ..Answer::phrase(501, &text)
            }));
        }
        Ok((principal, path))
    }

    fn login(&self, asked: &Asked, now: i64) -> Answer {
        let realm = asked.field("realm");
        let name = asked.field("username");
        let name = if realm.is_empty() || name.contains('@') { name.to_owned() } else { format!("{name}@{realm}") };
        match self.access.login(&name, asked.field("password"), now) {
            Login::Refused => Answer {
                body: super::answer::Body::Json(json!({"data": null})),
                ..Answer::phrase(401, "authentication failure")
            },
            Login::SecondFactor { user, ticket, csrf } => Answer::data(json!({
                "username": user, "ticket": ticket, "CSRFPreventionToken": csrf, "NeedTFA": 1,
            })),
            Login::Ticket { user, ticket, csrf } => Answer::data(json!({
                "username": user, "ticket": ticket, "CSRFPreventionToken": csrf,
                "cap": {"vms": {}, "dc": {}, "nodes": {}, "storage": {}, "access": {}, "sdn": {}},
                "clustername": self.world.name,
            })),
        }
    }
}

impl Cache {
    /// Forgets what was answered in an earlier tick.
    fn turn(&mut self, now: i64) {
        if self.tick != tick(now) {
            self.answers.clear();
            self.tick = tick(now);
        }
    }
}

impl Question<'_> {
    fn answered(&self, asked: &Asked) -> Rendered {
        let Self { world, access, entry, who, path, now } = self;
        Rendered::of(match Call::of(path) {
            None => answers::unknown(path),
            Some((call, place)) => {
                let (entry, now) = (*entry, *now);
                answers::answer(&answers::Asking { world, access, who, entry, call, place, asked, now })
            }
        })
    }
}

fn tick(now: i64) -> i64 {
    now.div_euclid(TICK)
}
