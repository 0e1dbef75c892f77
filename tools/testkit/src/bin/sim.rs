//! Runs simulated platforms, to look at and to measure with.
//!
//! `cargo run -p muster-testkit --bin sim -- pve --nodes 4 --guests 200` starts a cluster of Proxmox VE and says where it
//! answers. It runs until it is interrupted, or until a scenario file is wrong.

use std::{
    fs,
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
};

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use muster_testkit::pve::{Cluster, ClusterBuilder, Rights, Running, Script, Token, Version};
use serde_json::{Value, json};

/// Ports that one cluster may take when it begins at a given one.
const PORTS_EACH: u16 = 64;

/// Simulated platforms for tests, measurements and demonstrations.
#[derive(Debug, Parser)]
#[command(name = "sim")]
struct Sim {
    #[command(subcommand)]
    platform: Platform,
}

#[derive(Debug, Subcommand)]
enum Platform {
    /// Clusters of Proxmox VE.
    Pve(Pve),
}

#[derive(Debug, Args)]
struct Pve {
    /// Nodes of a cluster.
    #[arg(long, default_value_t = 3)]
    nodes: usize,
    /// Guests of a cluster.
    #[arg(long, default_value_t = 12)]
    guests: usize,
    /// How many clusters.
    #[arg(long, default_value_t = 1)]
    clusters: u16,
    /// The name of the cluster; several are numbered.
    #[arg(long, default_value = "lab")]
    name: String,
    /// The release that nodes run.
    #[arg(long, default_value = "9.1")]
    release: Version,
    /// Where the first node answers; the others answer at the ports after it. Without one, any free ports.
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// The same seed gives the same cluster, certificates included.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The second number of all addresses, which begin with 10; clusters of one site have the same addresses.
    #[arg(long)]
    site: Option<u8>,
    /// Ceph on disks of every node.
    #[arg(long)]
    ceph: bool,
    /// Another token, such as `ada@pve!muster=secret`, which may see everything.
    #[arg(long, value_parser = token)]
    token: Vec<(String, String)>,
    /// A scenario to play, beginning now.
    #[arg(long)]
    script: Option<PathBuf>,
    /// Where to write what is needed to connect, as JSON, once everything answers.
    #[arg(long)]
    details: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> Result<()> {
    match Sim::parse().platform {
        Platform::Pve(pve) => run(pve).await,
    }
}

async fn run(pve: Pve) -> Result<()> {
    let script = pve.script.as_ref().map(|path| {
        let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        Script::parse(&text).with_context(|| format!("in {}", path.display()))
    });
    let script = script.transpose()?;
    let mut clusters = Vec::new();
    for number in 0..pve.clusters {
        let cluster = builder(&pve, number).try_start().await.context("taking the ports of a cluster")?;
        if let Some(script) = &script {
            cluster.play(script.clone(), |error| {
                // Nobody reads it once the other end is gone.
                let _ = writeln!(io::stderr(), "a step of the scenario cannot happen: {error}");
            });
        }
        clusters.push(cluster);
    }
    tell(&clusters)?;
    if let Some(path) = &pve.details {
        let all: Vec<Value> = clusters.iter().map(details).collect();
        fs::write(path, serde_json::to_vec_pretty(&all)?).with_context(|| format!("writing {}", path.display()))?;
    }
    tokio::signal::ctrl_c().await.context("waiting for an interrupt")?;
    for cluster in clusters {
        cluster.stop().await;
    }
    Ok(())
}

fn builder(pve: &Pve, number: u16) -> ClusterBuilder {
    let name = if pve.clusters == 1 { pve.name.clone() } else { format!("{}-{}", pve.name, number + 1) };
    let builder = Cluster::builder()
        .name(&name)
        .version(pve.release)
        .nodes(pve.nodes)
        .guests(pve.guests)
        .seed(pve.seed.wrapping_add(number.into()));
    let builder = match pve.site {
        Some(site) => builder.site(site),
        None => builder,
    };
    let builder = if pve.ceph { builder.ceph() } else { builder };
    let builder = match pve.listen {
        Some(mut listen) => {
            listen.set_port(listen.port().saturating_add(number.saturating_mul(PORTS_EACH)));
            builder.listen(listen)
        }
        None => builder,
    };
    let tokens = pve.token.iter().map(|(id, secret)| Token::new(id, secret, Rights::everything(pve.release)));
    tokens.fold(builder, ClusterBuilder::token)
}

fn tell(clusters: &[Running]) -> Result<()> {
    let mut out = io::stdout().lock();
    for cluster in clusters {
        let (id, secret) = cluster.token();
        writeln!(out, "cluster of {} guests, token {id} = {secret}", cluster.guests().len())?;
        for ((name, endpoint), pin) in cluster.nodes().iter().zip(cluster.endpoints()).zip(cluster.fingerprints()) {
            writeln!(out, "  {name}  {endpoint}  {pin}")?;
        }
    }
    Ok(out.flush()?)
}

fn details(cluster: &Running) -> Value {
    let (id, secret) = cluster.token();
    json!({
        "endpoints": cluster.endpoints(),
        "fingerprints": cluster.fingerprints(),
        "token": id,
        "secret": secret,
        "authorityFingerprint": cluster.authority_fingerprint(),
    })
}

fn token(text: &str) -> Result<(String, String), String> {
    let parts = text.rsplit_once('=').filter(|(id, secret)| id.contains('@') && id.contains('!') && !secret.is_empty());
    let (id, secret) = parts.ok_or_else(|| "a token is given as `user@realm!name=secret`".to_owned())?;
    Ok((id.to_owned(), secret.to_owned()))
}
