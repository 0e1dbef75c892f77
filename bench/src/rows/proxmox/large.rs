//! One cluster of 10,000 guests: from the first look to all of them, what a cycle takes, and what an answer weighs.

use std::time::Duration;

use anyhow::{Context, Result};
use muster_model::ResourceKind;

use super::{Punctuality, connect, connections, now, wait_until};
use crate::{
    disk,
    platform::{Condition, Platform, Wanted},
    program::Program,
    result::{Bar, Of, Op, Row},
};

const NODES: usize = 32;
const GUESTS: usize = 10_000;

/// One in fifty is a template, which is no guest.
const SEEN: u32 = 9_700;

const WINDOW: Duration = Duration::from_secs(120);

const PATIENCE: Duration = Duration::from_secs(300);

pub(in crate::rows) fn one_large_cluster() -> Result<Vec<Row>> {
    let directory = disk::scratch()?;
    let wanted = Wanted { nodes: NODES, guests: GUESTS, condition: Condition::Well };
    let platform = Platform::start(&[wanted])?;
    let program = Program::start(directory.path())?;
    connect(&program, &platform.clusters)?;
    let listed = wait_until(&program, PATIENCE, || Ok(seen(&program)? >= SEEN)).context("waiting for the list")?;
    let shown = wait_until(&program, PATIENCE, || Ok(shown(&program)? >= SEEN)).context("waiting for all guests")?;
    let (punctuality, began, cpu) = (Punctuality::of(&program)?, now(), program.cpu()?);
    program.pass(WINDOW);
    let seconds = now().duration_since(began).as_secs_f64();
    let cores = (program.cpu()? - cpu).as_secs_f64() / seconds;
    let found = Punctuality::of(&program)?.since(&punctuality);
    let memory = program.memory()?.peak;
    drop(program);
    let absolute = |value| Some(Bar { op: Op::AtMost, value, of: Of::Absolute });
    let row = |id, what, unit, ours, bar| Row { id, what, unit, ours, peer: None, bar };
    Ok(vec![
        row(
            "proxmox.large.first",
            "Proxmox VE: from a new connection to a cluster of 10,000 guests until all can be seen",
            "s",
            (listed + shown).as_secs_f64(),
            absolute(60.0),
        ),
        row(
            "proxmox.large.cycle",
            "Proxmox VE: 99 % of its looks took no longer than this",
            "s",
            found.duration.at_most(0.99),
            absolute(5.0),
        ),
        row(
            "proxmox.large.delivery",
            "Proxmox VE: 99 % of its reports were seen no later than this after their moment",
            "s",
            found.delivery.at_most(0.99),
            absolute(5.0),
        ),
        row("proxmox.large.cpu", "Proxmox VE: CPU with it", "cores", cores, absolute(1.0)),
        row("proxmox.large.memory", "Proxmox VE: peak memory with it", "MB", memory as f64 / 1e6, absolute(700.0)),
    ])
}

fn seen(program: &Program) -> Result<u32> {
    let all = connections(program)?;
    Ok(all.iter().filter_map(|connection| connection.observed.counts.get("guests")).sum())
}

/// How many guests everybody can see.
fn shown(program: &Program) -> Result<u32> {
    let state = program.runtime.block_on(program.client.summary()).context("asking for the summary")?;
    let of = |kind| state.summary.by_kind.get(&kind).copied().unwrap_or_default();
    Ok(of(ResourceKind::Vm) + of(ResourceKind::SystemContainer))
}
