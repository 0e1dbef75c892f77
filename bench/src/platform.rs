//! Simulated clusters of Proxmox VE in a process of their own, so that what they take is not ours.
//!
//! The process is this program again. It says how to reach each cluster, and then, whenever it is asked, what each was
//! asked so far. It ends with its standard input.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use muster_testkit::pve::{Action, Cluster, Fault, Rights, Running, Version, Where};
use serde::{Deserialize, Serialize};

use crate::{process, site};

/// The first argument of such a process; the wanted clusters follow.
pub(crate) const ARGUMENT: &str = "platform";

/// What every simulated node runs.
const VERSION: Version = Version::V9_1;

/// A cluster that is to be simulated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Wanted {
    pub(crate) nodes: usize,
    pub(crate) guests: usize,
    pub(crate) condition: Condition,
}

/// How a cluster answers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Condition {
    /// At once.
    Well,
    /// Its first node is gone, and the others answer.
    FirstNodeGone,
    /// Every connection is refused.
    Refuses,
    /// Connections are taken and nothing is ever answered.
    Silent,
    /// Every answer takes so many seconds.
    Slow(f64),
}

/// How a cluster is reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) endpoints: Vec<String>,
    pub(crate) pins: Vec<String>,
    /// User, realm and name of a token, and its secret.
    pub(crate) token: (String, String),
    pub(crate) condition: Condition,
}

/// Requests that a cluster was sent, by API call.
pub(crate) type Requests = BTreeMap<String, u64>;

/// A running process with clusters; it ends with this value.
pub(crate) struct Platform {
    process: Child,
    ask: ChildStdin,
    told: BufReader<ChildStdout>,
    /// In the order in which they were wanted.
    pub(crate) clusters: Vec<Place>,
}

impl Platform {
    /// Starts clusters and waits until all of them answer.
    pub(crate) fn start(wanted: &[Wanted]) -> Result<Self> {
        let program = std::env::current_exe().context("finding this program")?;
        let mut command = Command::new(program);
        command.arg(ARGUMENT).arg(serde_json::to_string(wanted)?).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().context("starting a process for simulated clusters")?;
        let ask = process.stdin.take().expect("it is piped");
        let told = BufReader::new(process.stdout.take().expect("it is piped"));
        let mut platform = Self { process, ask, told, clusters: Vec::new() };
        platform.clusters = platform.next().context("waiting for the simulated clusters")?;
        Ok(platform)
    }

    /// What each cluster was asked so far.
    pub(crate) fn requests(&mut self) -> Result<Vec<Requests>> {
        writeln!(self.ask).context("asking the simulated clusters")?;
        self.next()
    }

    /// CPU time that the simulation has used.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        process::cpu_of(self.process.id())
    }

    fn next<T: for<'de> Deserialize<'de>>(&mut self) -> Result<T> {
        let mut line = String::new();
        self.told.read_line(&mut line).context("reading what the simulated clusters say")?;
        ensure!(!line.is_empty(), "the simulated clusters ended");
        serde_json::from_str(&line).context("reading what the simulated clusters say")
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        // One that has ended by itself is gone, which is what is wanted.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Simulates clusters, in such a process, until standard input ends.
pub(crate) fn simulate(wanted: &str) -> Result<()> {
    let wanted: Vec<Wanted> = serde_json::from_str(wanted).context("reading which clusters are wanted")?;
    let runtime = site::runtime()?;
    let clusters = runtime.block_on(start(&wanted))?;
    let places = clusters.iter().zip(&wanted).map(|(cluster, wanted)| place(cluster, wanted.condition));
    tell(&places.collect::<Vec<_>>())?;
    for asked in std::io::stdin().lines() {
        asked.context("reading standard input")?;
        tell(&clusters.iter().map(|cluster| cluster.counts().by_call).collect::<Vec<_>>())?;
    }
    Ok(())
}

async fn start(wanted: &[Wanted]) -> Result<Vec<Running>> {
    let mut clusters = Vec::with_capacity(wanted.len());
    for (seed, Wanted { nodes, guests, condition }) in (1_u64..).zip(wanted) {
        let builder = Cluster::builder().name(&format!("site-{seed}")).seed(seed).nodes(*nodes).guests(*guests);
        let builder = builder.version(VERSION).rights(Rights::everything(VERSION));
        let cluster = builder.try_start().await.context("taking the ports of a simulated cluster")?;
        spoil(&cluster, *condition);
        clusters.push(cluster);
    }
    Ok(clusters)
}

fn spoil(cluster: &Running, condition: Condition) {
    let gone = match condition {
        Condition::Well => vec![],
        Condition::FirstNodeGone => cluster.nodes()[..1].to_vec(),
        Condition::Refuses => cluster.nodes(),
        Condition::Silent => {
            cluster.fail(Where::everywhere(), Fault::Hang);
            vec![]
        }
        Condition::Slow(seconds) => {
            cluster.fail(Where::everywhere(), Fault::Slow { seconds });
            vec![]
        }
    };
    gone.into_iter().for_each(|node| cluster.act(Action::NodeDown { node }));
}

fn place(cluster: &Running, condition: Condition) -> Place {
    let (token, secret) = cluster.token();
    Place {
        endpoints: cluster.endpoints(),
        pins: cluster.fingerprints(),
        token: (token.to_owned(), secret.to_owned()),
        condition,
    }
}

fn tell(what: &impl Serialize) -> Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, what)?;
    writeln!(out)?;
    out.flush().context("telling of the simulated clusters")
}
