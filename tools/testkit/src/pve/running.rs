//! A cluster that runs: where it answers, what to show it, what to do to it, and what was asked of it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use muster_runtime::{Shutdown, Tasks};
use rustls::pki_types::CertificateDer;

use super::{
    access::Token,
    action::{Action, NoSuch},
    fault::{Fault, Where},
    log::{Counts, Request},
    script::Script,
    simulation::Simulation,
    world::GuestFacts,
};

/// How long stopping may take.
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// A running cluster. It ends when this is dropped.
pub struct Running {
    pub(super) simulation: Arc<Simulation>,
    pub(super) tasks: Tasks,
    pub(super) entries: Vec<(String, String)>,
    pub(super) token: Token,
}

impl Running {
    /// The address of each node in the order of the nodes, such as `https://127.0.0.1:41234`.
    pub fn endpoints(&self) -> Vec<String> {
        self.entries.iter().map(|(_, endpoint)| endpoint.clone()).collect()
    }

    /// The address of one node.
    ///
    /// # Panics
    /// When there is no such node.
    pub fn endpoint(&self, node: &str) -> String {
        self.entries[self.place(node)].1.clone()
    }

    /// The names of the nodes, in their order.
    pub fn nodes(&self) -> Vec<String> {
        self.simulation.node_names()
    }

    /// The token that may see what the cluster was built to show: `user@realm!name` and its secret.
    pub fn token(&self) -> (&str, &str) {
        (&self.token.id, &self.token.secret)
    }

    /// The certificate of the cluster's authority in PEM.
    pub fn authority_pem(&self) -> String {
        self.simulation.authority.pem.clone()
    }

    /// SHA-256 over the certificate of the cluster's authority: 32 upper-case pairs joined by colons.
    pub fn authority_fingerprint(&self) -> String {
        self.simulation.authority.fingerprint.clone()
    }

    /// SHA-256 over the certificate that a node shows at the moment: 32 upper-case pairs joined by colons.
    ///
    /// # Panics
    /// When there is no such node.
    pub fn fingerprint(&self, node: &str) -> String {
        self.simulation.certificate(self.place(node)).fingerprint
    }

    /// The same for each node, in their order.
    pub fn fingerprints(&self) -> Vec<String> {
        (0..self.entries.len()).map(|node| self.simulation.certificate(node).fingerprint).collect()
    }

    /// The certificate that a node shows at the moment.
    ///
    /// # Panics
    /// When there is no such node.
    pub fn certificate(&self, node: &str) -> CertificateDer<'static> {
        self.simulation.certificate(self.place(node)).der
    }

    /// Lets something happen, now.
    ///
    /// # Panics
    /// When what it happens to is not there: a test that names it is wrong.
    pub fn act(&self, action: Action) {
        if let Err(error) = self.try_act(action) {
            panic!("{error}");
        }
    }

    /// Lets something happen, now.
    ///
    /// # Errors
    /// When what it happens to is not there.
    pub fn try_act(&self, action: Action) -> Result<(), NoSuch> {
        self.simulation.act(action)
    }

    /// Lets requests meet a fault.
    pub fn fail(&self, place: Where, fault: Fault) {
        self.act(Action::Fail { place, fault });
    }

    /// Ends every fault that requests meet. What happened in the cluster stays.
    pub fn heal(&self) {
        self.act(Action::Heal { place: Where::everywhere() });
    }

    /// Plays a scenario by the simulator's clock, beside everything else. `tell` hears of every step that cannot happen.
    pub fn play(&self, script: Script, tell: impl Fn(&NoSuch) + Send + 'static) {
        let (simulation, shutdown) = (Arc::clone(&self.simulation), self.tasks.shutdown().clone());
        self.tasks.spawn("scenario", async move {
            let start = simulation.clock().monotonic();
            for step in script.in_order() {
                let due = start + Duration::try_from_secs_f64(step.at).unwrap_or(Duration::MAX);
                let wait = due.saturating_sub(simulation.clock().monotonic());
                // Cancel-safe: the end is the end.
                tokio::select! {
                    () = simulation.clock().sleep(wait) => {}
                    () = shutdown.requested() => return,
                }
                if let Err(error) = simulation.act(step.action) {
                    tell(&error);
                }
            }
        });
    }

    /// The latest requests, oldest first: at most 10,000.
    pub fn requests(&self) -> Vec<Request> {
        self.simulation.log(|log| log.requests())
    }

    /// How much was asked since the start, or since it was forgotten.
    pub fn counts(&self) -> Counts {
        self.simulation.log(|log| log.counts())
    }

    /// How often an API call was made, such as `/nodes/{node}/status`.
    pub fn asked(&self, call: &str) -> u64 {
        self.counts().by_call.get(call).copied().unwrap_or_default()
    }

    /// Forgets what was asked.
    pub fn forget_requests(&self) {
        self.simulation.log(super::log::Log::clear);
    }

    /// The numbers of the guests that are there, templates included.
    pub fn guests(&self) -> Vec<u32> {
        self.simulation.world(|world, _| world.guests.keys().copied().collect())
    }

    /// What is true of a guest now. `None` when there is none.
    pub fn guest(&self, guest: u32) -> Option<GuestFacts> {
        self.simulation.world(|world, now| Some(world.guests.get(&guest)?.facts(world, now)))
    }

    /// Guests by node.
    pub fn guests_by_node(&self) -> BTreeMap<String, Vec<u32>> {
        self.simulation.world(|world, _| {
            let mut by_node: BTreeMap<String, Vec<u32>> = BTreeMap::new();
            for guest in world.guests.values() {
                by_node.entry(world.nodes[guest.node()].name.clone()).or_default().push(guest.id);
            }
            by_node
        })
    }

    /// Ends it and waits until nobody answers any more. Says whether that was in time.
    pub async fn stop(self) -> bool {
        self.tasks.shutdown().begin();
        self.tasks.finish(STOP_PATIENCE).await
    }

    /// What ends it: for a program that lives as long as it does.
    pub fn shutdown(&self) -> &Shutdown {
        self.tasks.shutdown()
    }

    fn place(&self, node: &str) -> usize {
        let place = self.entries.iter().position(|(name, _)| name == node);
        place.unwrap_or_else(|| panic!("this cluster has no node `{node}`"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.tasks.shutdown().begin();
    }
}
