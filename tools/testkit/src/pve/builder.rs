//! How a cluster is to be, and its start.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use muster_runtime::{Clock, Shutdown, SystemClock, Tasks};

use super::{
    access::{Access, Token, User},
    entry::Entry,
    rights::Rights,
    running::Running,
    simulation::Simulation,
    version::Version,
    world::World,
};

/// The token that every cluster knows.
pub const TOKEN: &str = "monitor@pve!muster";

/// Its secret.
pub const SECRET: &str = "3f0c7e52-9d84-4b1a-8c66-2f5e1b7a9d30";

/// Most nodes that a cluster can have.
const MOST_NODES: usize = 64;

/// Where clusters come from.
#[derive(Debug, Clone, Copy)]
pub struct Cluster;

impl Cluster {
    /// A cluster of three nodes and twelve guests, with a token that sees everything an auditor may.
    pub fn builder() -> ClusterBuilder {
        ClusterBuilder {
            name: "lab".to_owned(),
            domain: "example.test".to_owned(),
            version: Version::V9_1,
            nodes: 3,
            guests: 12,
            seed: 0,
            site: None,
            is_standalone: false,
            has_ceph: false,
            delays_refusals: false,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            clock: None,
            rights: None,
            tokens: Vec::new(),
            users: Vec::new(),
        }
    }
}

/// A cluster that is to be.
#[derive(Clone)]
pub struct ClusterBuilder {
    name: String,
    domain: String,
    version: Version,
    nodes: usize,
    guests: usize,
    seed: u64,
    site: Option<u8>,
    is_standalone: bool,
    has_ceph: bool,
    delays_refusals: bool,
    listen: SocketAddr,
    clock: Option<Arc<dyn Clock>>,
    rights: Option<Rights>,
    tokens: Vec<Token>,
    users: Vec<User>,
}

impl ClusterBuilder {
    /// The name of the cluster.
    #[must_use]
    pub fn name(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    /// The release that every node runs.
    #[must_use]
    pub fn version(self, version: Version) -> Self {
        Self { version, ..self }
    }

    /// How many nodes: `pve1`, `pve2` and so on; 1 to 64.
    #[must_use]
    pub fn nodes(self, nodes: usize) -> Self {
        Self { nodes: nodes.clamp(1, MOST_NODES), ..self }
    }

    /// How many guests: their numbers count from 100. About every fourth is a container, and one in fifty a template.
    #[must_use]
    pub fn guests(self, guests: usize) -> Self {
        Self { guests, ..self }
    }

    /// The same seed, name and size give the same cluster with the same certificates.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// All addresses begin with `10.` and this number: two clusters of one site have the same addresses.
    #[must_use]
    pub fn site(self, site: u8) -> Self {
        Self { site: Some(site), ..self }
    }

    /// One node that is in no cluster.
    #[must_use]
    pub fn standalone(self) -> Self {
        Self { nodes: 1, is_standalone: true, ..self }
    }

    /// Ceph on disks of every node, and a storage on it.
    #[must_use]
    pub fn ceph(self) -> Self {
        Self { has_ceph: true, ..self }
    }

    /// Makes whoever is not believed wait 3 s, as the vendor does. Without this they are told at once.
    #[must_use]
    pub fn delay_refusals(self) -> Self {
        Self { delays_refusals: true, ..self }
    }

    /// Where the first node answers; the others answer at the ports after it. Port 0 stands for any free port for each.
    #[must_use]
    pub fn listen(self, listen: SocketAddr) -> Self {
        Self { listen, ..self }
    }

    /// The time that the cluster lives in. Without one it is the machine's.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock: Some(clock), ..self }
    }

    /// What the token [`TOKEN`] may see, instead of everything that an auditor may. Its user may see everything.
    #[must_use]
    pub fn rights(self, rights: Rights) -> Self {
        Self { rights: Some(rights), ..self }
    }

    /// One token more.
    #[must_use]
    pub fn token(mut self, token: Token) -> Self {
        self.tokens.push(token);
        self
    }

    /// One user more.
    #[must_use]
    pub fn user(mut self, user: User) -> Self {
        self.users.push(user);
        self
    }

    /// Starts the cluster.
    ///
    /// # Errors
    /// When a port cannot be had.
    pub async fn try_start(self) -> io::Result<Running> {
        let clock = self.clock.clone().unwrap_or_else(|| Arc::new(SystemClock::new()));
        let token = Token::new(TOKEN, SECRET, self.rights.clone().unwrap_or_else(|| Rights::auditor(self.version)));
        let mut access = Access::new(self.version, self.seed);
        self.users.iter().for_each(|user| access.user(user.clone()));
        [&token].into_iter().chain(&self.tokens).for_each(|token| access.token(token.clone()));
        let world = World::generate(&self.size(), clock.now().as_second());
        let simulation = Arc::new(Simulation::new(clock, world, access, self.delays_refusals));
        let tasks = Tasks::new(Shutdown::new());
        let mut entries = Vec::new();
        for (node, name) in simulation.node_names().into_iter().enumerate() {
            let entry = Entry::take(Arc::clone(&simulation), node, self.address(node))?;
            let listener = entry.listen()?;
            entries.push((name, format!("https://{}", entry.address)));
            tasks.spawn("simulated node", entry.serve(listener, tasks.clone()));
        }
        Ok(Running { simulation, tasks, entries, token })
    }

    /// Starts the cluster.
    ///
    /// # Panics
    /// When a port cannot be had.
    pub async fn start(self) -> Running {
        self.try_start().await.expect("there are free ports")
    }

    fn address(&self, node: usize) -> SocketAddr {
        let mut address = self.listen;
        if address.port() != 0 {
            let node = u16::try_from(node).expect("a cluster has few nodes");
            address.set_port(address.port().saturating_add(node));
        }
        address
    }

    fn size(&self) -> super::world::Size {
        super::world::Size {
            name: self.name.clone(),
            domain: self.domain.clone(),
            version: self.version,
            nodes: self.nodes,
            guests: self.guests,
            seed: self.seed,
            site: self.site,
            is_standalone: self.is_standalone,
            has_ceph: self.has_ceph,
        }
    }
}
