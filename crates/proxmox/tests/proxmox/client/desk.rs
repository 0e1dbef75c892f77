//! A cluster, a connection to it, and the time that both live in.

use std::{collections::BTreeSet, future::Future, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use muster_collect::{Auth, Connection};
use muster_model::{ConnectionId, Platform, PveOptions, TenantId};
use muster_outbound::{Fingerprint, Target};
use muster_proxmox::client::{ApiError, Call, Client, Place};
use muster_runtime::ManualClock;
use muster_testkit::pve::{Action, Cluster, ClusterBuilder, Fault, Running, TOKEN, Where};
use serde_json::Value;
use tokio::net::TcpStream;

/// When the desk's time begins.
const START: i64 = 1_767_225_600;

pub(crate) struct Desk {
    pub(crate) cluster: Running,
    pub(crate) clock: ManualClock,
    pub(crate) connection: Connection,
    pub(crate) secret: String,
}

impl Desk {
    /// A cluster of three nodes with every node pinned.
    pub(crate) async fn new() -> Self {
        Self::of(Cluster::builder()).await
    }

    pub(crate) async fn of(builder: ClusterBuilder) -> Self {
        let clock = ManualClock::at(Timestamp::from_second(START).unwrap());
        let cluster = builder.clock(Arc::new(clock.clone())).start().await;
        let (user, token) = TOKEN.split_once('!').unwrap();
        let connection = Connection {
            id: ConnectionId("0193a5c0-0000-7000-8000-000000000001".parse().unwrap()),
            tenant: TenantId::DEFAULT,
            platform: Platform::ProxmoxPve,
            name: "lab".to_owned(),
            endpoints: cluster.endpoints().iter().map(|url| url.parse().unwrap()).collect(),
            auth: Auth::Token { user: user.to_owned(), token: token.to_owned() },
            pins: pins(&cluster.fingerprints()),
            interval: SignedDuration::from_secs(10),
            enabled: true,
            options: PveOptions::default(),
        };
        let secret = cluster.token().1.to_owned();
        Self { cluster, clock, connection, secret }
    }

    /// Only the first node's entry point is used.
    pub(crate) fn alone(mut self) -> Self {
        self.connection.endpoints.truncate(1);
        self
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(&self.connection, self.secret.as_str().into(), Arc::new(self.clock.clone())).unwrap()
    }

    /// What a new client hears from a cluster that does this to the list of resources.
    pub(crate) async fn hears(&self, fault: Fault) -> Result<Value, ApiError> {
        self.cluster.fail(Where::path("/cluster/resources"), fault);
        let heard = resources(&self.client()).await;
        self.cluster.heal();
        heard
    }

    /// Does work whose time passes once a path that contains this was asked: for what comes to no end on its own.
    pub(crate) async fn once_asked<T>(&self, path: &str, work: impl Future<Output = T>) -> T {
        let asked = || self.cluster.requests().iter().any(|request| request.path.contains(path));
        passing(&self.clock, asked, work).await
    }

    /// Does work of a client whose time passes while the cluster works on all that was sent to it.
    pub(crate) async fn while_cluster_works<T>(&self, client: &Client, work: impl Future<Output = T>) -> T {
        let works = || {
            let requests = self.cluster.requests();
            requests.len() as u64 == client.requests() && requests.iter().any(|request| request.status.is_none())
        };
        passing(&self.clock, works, work).await
    }

    /// Brings a node back and waits until somebody answers there.
    pub(crate) async fn up(&self, node: &str) {
        self.cluster.act(Action::NodeUp { node: node.to_owned() });
        let address = self.cluster.endpoint(node).replace("https://", "");
        for _ in 0..10_000 {
            if TcpStream::connect(&address).await.is_ok() {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("{node} does not come back");
    }

    pub(crate) fn entry(&self, node: &str) -> Target {
        self.cluster.endpoint(node).parse().unwrap()
    }

    /// The nodes whose entry points were asked for something, in order.
    pub(crate) fn asked_at(&self, call: &str) -> Vec<String> {
        let requests = self.cluster.requests().into_iter().filter(|request| request.call == Some(call));
        requests.map(|request| request.entry).collect()
    }
}

pub(crate) fn pins(fingerprints: &[String]) -> BTreeSet<Fingerprint> {
    fingerprints.iter().map(|fingerprint| fingerprint.parse().unwrap()).collect()
}

pub(crate) async fn resources(client: &Client) -> Result<Value, ApiError> {
    client.get(Call::ClusterResources, Place::CLUSTER, &[]).await
}

/// Does work while simulated time passes whenever it may.
async fn passing<T>(clock: &ManualClock, may: impl Fn() -> bool, work: impl Future<Output = T>) -> T {
    let time = async {
        loop {
            if may() {
                clock.advance(Duration::from_millis(100));
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        done = work => done,
        never = time => never,
    }
}
