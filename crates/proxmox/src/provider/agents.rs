//! The lane of agents inside guests: addresses, names, and how full the disks are (R-77..R-84). Few at a time, each
//! every few minutes; a container is asked for its addresses only.

use std::{future::Future, time::Duration};

use futures::StreamExt;
use jiff::Timestamp;
use muster_model::{AddressWithPrefix, GuestAgent, GuestInterface};
use smol_str::SmolStr;

use super::{
    Pve,
    api::Refused,
    key::{GuestKey, GuestKind},
    state::{Guest, State},
};
use crate::{
    rules::{
        agent_metadata::{AgentMetadata, Told, may_ask},
        agent_pacing::{CONCURRENT, Outcome, retries},
        disk_carry::{GuestDisks, PreviousDisks, carry},
        disk_status::{before_asking, of_failure},
        guest_addresses::{Observed, filter},
        guest_filesystems::{GuestFilesystem, sum},
    },
    wire::{
        agent::{AgentInterface, FilesystemRow, IpAddress, OsInfo},
        guest::ContainerInterface,
    },
};

/// How long to wait before a question that nobody answered is asked again.
const RETRY_AFTER: Duration = Duration::from_millis(500);
/// Guests that are asked in one look.
const MOST: usize = 400;

/// Asks the guests whose turn it is. What was refused comes back by node.
pub(super) async fn look(pve: &Pve, due: Timestamp) -> Vec<(SmolStr, Refused)> {
    let turn = pve.state().agents_due(due);
    let asked = turn.into_iter().map(|(node, key)| async move {
        let refused = match key.kind {
            GuestKind::Qemu => machine(pve, &node, key, due).await,
            GuestKind::Lxc => container(pve, &node, key, due).await,
        };
        refused.map(|refused| (node, refused))
    });
    let asked: Vec<_> = futures::stream::iter(asked).buffer_unordered(CONCURRENT).collect().await;
    asked.into_iter().flatten().collect()
}

impl State {
    /// Guests whose turn it is, and that may be asked. The others learn why their disks are unknown.
    fn agents_due(&mut self, now: Timestamp) -> Vec<(SmolStr, GuestKey)> {
        let Self { guests, pacing, .. } = self;
        let mut turn = Vec::new();
        for (key, guest) in guests.iter_mut() {
            if guest.is_asked(*key, now) && turn.len() < MOST && pacing.reserve(&key.to_string(), now) {
                turn.push((guest.node(), *key));
            }
        }
        turn
    }
}

impl Guest {
    fn is_asked(&mut self, key: GuestKey, now: Timestamp) -> bool {
        let runs = self.listed && self.runs();
        if key.kind == GuestKind::Lxc {
            return runs;
        }
        let configured = self.config.as_ref().and_then(|config| config.agent);
        let status = self.status.as_ref().and_then(|(_, status)| status.agent);
        if let Some(why) = before_asking(runs, configured, status).filter(|_| self.listed) {
            self.settle_disks(GuestDisks { usage: None, status: Some(why) }, now);
            if configured == Some(false) {
                self.agent = GuestAgent::NotConfigured;
            }
        }
        let flag = status.or(configured);
        let asked = may_ask(runs, flag, self.previous_disks.as_ref(), self.told.as_ref(), now);
        if !asked && self.told.as_ref().is_some_and(|told| told.is_dropped(now)) {
            self.told = None;
        }
        asked
    }

    /// Takes what was found, or carries the value before over one failure.
    fn settle_disks(&mut self, found: GuestDisks, now: Timestamp) {
        self.disks = carry(found, self.previous_disks.as_ref(), now);
        let metadata_known = self.told.as_ref().is_some_and(|told| told.metadata.is_known());
        self.previous_disks = Some(PreviousDisks { disks: self.disks, seen_at: now, metadata_known });
    }

    fn learn(&mut self, told: AgentMetadata, now: Timestamp) {
        if told.is_known() {
            let known = self.told.get_or_insert(Told { at: now, metadata: AgentMetadata::default() });
            known.metadata.update(told);
            known.at = now;
        }
    }
}

async fn machine(pve: &Pve, node: &SmolStr, key: GuestKey, now: Timestamp) -> Option<Refused> {
    let filesystems = patient(pve, || pve.api.agent_filesystems(node, key.vmid)).await;
    match &filesystems {
        Err(refused) if refused.is_agent_silent() => {
            return unanswered(pve, key, refused, Outcome::Silent, now);
        }
        Err(refused) if retries(&refused.as_call_failure()) => {
            return unanswered(pve, key, refused, Outcome::Hanging, now);
        }
        Ok(_) | Err(_) => {}
    }
    let asks_os = pve.state().guests.get(&key).is_some_and(|guest| guest.os_info.is_asked());
    let interfaces = patient(pve, || pve.api.agent_interfaces(node, key.vmid)).await;
    let os = if asks_os { Some(pve.api.agent_os(node, key.vmid).await) } else { None };
    let version = pve.api.agent_version(node, key.vmid).await.ok().flatten();
    let hostname = pve.api.agent_hostname(node, key.vmid).await.ok().flatten();

    let mut state = pve.state();
    let State { guests, pacing, .. } = &mut *state;
    let guest = guests.get_mut(&key)?;
    let told = AgentMetadata {
        interfaces: interfaces.as_ref().map(|rows| observed(rows)).unwrap_or_default(),
        hostname: hostname.map(|name| name.to_string()),
        os: os.as_ref().and_then(|os| os.as_ref().ok()).and_then(os_name),
        version: version.map(|version| version.to_string()),
    };
    match &os {
        Some(Ok(_)) => guest.os_info.succeeded(),
        Some(Err(refused)) => guest.os_info.failed(&refused.as_call_failure()),
        None => {}
    }
    let answered = told.is_known() || filesystems.is_ok();
    guest.agent = if answered { GuestAgent::Running } else { GuestAgent::Unknown };
    let outcome = if told.is_complete() { Outcome::Complete } else { Outcome::Incomplete };
    guest.learn(told, now);
    guest.settle_disks(disks(&filesystems), now);
    pacing.done(&key.to_string(), outcome, now);
    filesystems.err().or(interfaces.err())
}

/// Asks, and once more when nobody answered in time.
async fn patient<T, F: Future<Output = Result<T, Refused>>>(pve: &Pve, ask: impl Fn() -> F) -> Result<T, Refused> {
    match ask().await {
        Err(refused) if retries(&refused.as_call_failure()) => {
            pve.clock.sleep(RETRY_AFTER).await;
            ask().await
        }
        answer => answer,
    }
}

/// The agent does not answer: asking it the rest would cost a worker seconds for each question.
fn unanswered(pve: &Pve, key: GuestKey, refused: &Refused, outcome: Outcome, now: Timestamp) -> Option<Refused> {
    let mut state = pve.state();
    let State { guests, pacing, .. } = &mut *state;
    let guest = guests.get_mut(&key)?;
    guest.agent = GuestAgent::Silent;
    guest.settle_disks(GuestDisks { usage: None, status: Some(of_failure(&refused.as_call_failure())) }, now);
    pacing.done(&key.to_string(), outcome, now);
    None
}

fn disks(filesystems: &Result<Vec<FilesystemRow>, Refused>) -> GuestDisks {
    match filesystems {
        Ok(rows) => sum(&rows.iter().map(filesystem).collect::<Vec<_>>()),
        Err(refused) => GuestDisks { usage: None, status: Some(of_failure(&refused.as_call_failure())) },
    }
}

fn filesystem(row: &FilesystemRow) -> GuestFilesystem {
    let text = |text: &Option<SmolStr>| text.as_deref().unwrap_or_default().to_owned();
    GuestFilesystem {
        name: text(&row.name),
        mountpoint: row.mountpoint.to_string(),
        fs_type: text(&row.kind),
        used: row.used_bytes,
        total: row.total_bytes,
        device: row.disk.iter().find_map(|disk| disk.dev.as_ref()).map(ToString::to_string),
    }
}

fn os_name(os: &OsInfo) -> Option<String> {
    let joined = || Some([os.name.as_deref()?, os.version.as_deref().unwrap_or_default()].join(" "));
    let name = os.pretty_name.as_ref().map(ToString::to_string).or_else(joined)?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

fn observed(rows: &[AgentInterface]) -> Vec<GuestInterface> {
    let of = |row: &AgentInterface| Observed {
        name: row.name.to_string(),
        mac_address: row.hardware_address.as_deref().and_then(|mac| mac.parse().ok()),
        addresses: addresses(&row.ip_addresses),
    };
    filter(rows.iter().map(of).collect())
}

fn addresses(rows: &[IpAddress]) -> Vec<AddressWithPrefix> {
    let of = |row: &IpAddress| {
        let address: std::net::IpAddr = row.ip_address.split('%').next()?.parse().ok()?;
        let whole = if address.is_ipv4() { 32 } else { 128 };
        let prefix =
            row.prefix.map_or(Some(whole), |prefix| u8::try_from(prefix).ok().filter(|prefix| *prefix <= whole))?;
        Some(AddressWithPrefix { address, prefix })
    };
    rows.iter().filter_map(of).collect()
}

async fn container(pve: &Pve, node: &SmolStr, key: GuestKey, now: Timestamp) -> Option<Refused> {
    let answer = pve.api.container_interfaces(node, key.vmid).await;
    let mut state = pve.state();
    let State { guests, pacing, .. } = &mut *state;
    let guest = guests.get_mut(&key)?;
    match answer {
        Ok(rows) => {
            let interfaces = filter(rows.iter().map(seen_inside).collect());
            guest.learn(AgentMetadata { interfaces, ..AgentMetadata::default() }, now);
            pacing.done(&key.to_string(), Outcome::Complete, now);
            None
        }
        // Versions before 8.1 do not have it.
        Err(refused) if refused.is_not_supported() => {
            pacing.done(&key.to_string(), Outcome::Silent, now);
            None
        }
        Err(refused) => {
            pacing.done(&key.to_string(), Outcome::Incomplete, now);
            Some(refused)
        }
    }
}

fn seen_inside(row: &ContainerInterface) -> Observed {
    let listed = addresses(&row.ip_addresses);
    let last = [&row.inet, &row.inet6].into_iter().flatten().filter_map(|text| text.parse().ok());
    Observed {
        name: row.name.to_string(),
        mac_address: row.hwaddr.as_deref().and_then(|mac| mac.parse().ok()),
        addresses: if listed.is_empty() { last.collect() } else { listed },
    }
}
