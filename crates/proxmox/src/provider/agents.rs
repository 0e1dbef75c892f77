//! The lane of agents inside guests: addresses, names, and how full the disks are (R-77..R-84). Few at a time, each
//! every few minutes; a container is asked for its addresses only.

use std::{future::Future, time::Duration};

use futures::StreamExt;
use jiff::Timestamp;
use muster_model::{AddressWithPrefix, DiskStatus, GuestAgent, GuestInterface};
use smol_str::SmolStr;

use super::{
    Pve,
    api::{List, Refused},
    key::{GuestKey, GuestKind},
    settings::Agents,
    state::{Guest, State},
};
use crate::{
    rules::{
        agent_metadata::{AgentMetadata, Told, may_ask},
        agent_pacing::{Outcome, retries},
        disk_carry::{GuestDisks, PreviousDisks, carry},
        disk_status::{before_asking, of_failure},
        guest_addresses::{Observed, filter},
        guest_filesystems::{GuestFilesystem, holds_data, sum},
    },
    wire::{
        agent::{AgentInterface, FilesystemRow, IpAddress, OsInfo},
        guest::ContainerInterface,
    },
};

/// How long to wait before a question that nobody answered is asked again.
pub(super) const RETRY_AFTER: Duration = Duration::from_millis(500);
/// Guests that are asked in one look.
const MOST: usize = 400;

/// Asks the guests whose turn it is. What was refused comes back by node.
pub(super) async fn look(pve: &Pve, due: Timestamp) -> Vec<(SmolStr, Refused)> {
    let Agents { are_asked, at_once, .. } = pve.settings.agents;
    let turn = pve.state().agents_due(are_asked, due);
    let asked = turn.into_iter().map(|(node, key)| async move {
        let refused = match key.kind {
            GuestKind::Qemu => machine(pve, &node, key, due).await,
            GuestKind::Lxc => container(pve, &node, key, due).await,
        };
        refused.map(|refused| (node, refused))
    });
    let asked: Vec<_> = futures::stream::iter(asked).buffer_unordered(at_once).collect().await;
    asked.into_iter().flatten().collect()
}

impl State {
    /// Guests whose turn it is, and that may be asked, the longest waiting first: where there are more than can be asked,
    /// each is asked more seldom and none is left out. The others learn why their disks are unknown, as everybody does where
    /// the connection asks no agents.
    fn agents_due(&mut self, are_asked: bool, now: Timestamp) -> Vec<(SmolStr, GuestKey)> {
        let Self { guests, pacing, .. } = self;
        let mut turn = Vec::new();
        for (key, guest) in guests.iter_mut() {
            if guest.is_asked(*key, are_asked, now)
                && let Some(since) = pacing.turn_since(&key.to_string(), now)
            {
                turn.push((since, guest.node(), *key));
            }
        }
        turn.sort();
        turn.truncate(MOST);
        turn.retain(|(_, _, key)| pacing.reserve(&key.to_string(), now));
        turn.into_iter().map(|(_, node, key)| (node, key)).collect()
    }
}

impl Guest {
    fn is_asked(&mut self, key: GuestKey, agents_are_asked: bool, now: Timestamp) -> bool {
        let runs = self.listed && self.runs();
        if key.kind == GuestKind::Lxc {
            self.forget_what_is_old(runs, now);
            return runs;
        }
        let configured = self.config.as_ref().and_then(|config| config.agent);
        // A word that the status leaves out is that of the configuration; without a status there is no word (R-83).
        let status = self.last_status().and_then(|status| status.agent.or(configured));
        let status = if agents_are_asked { status } else { Some(false) };
        if let Some(why) = before_asking(runs, configured, status).filter(|_| self.listed) {
            self.settle_disks(GuestDisks { usage: None, status: Some(why) }, now);
            if configured == Some(false) {
                self.agent = GuestAgent::NotConfigured;
            }
        }
        let asked = may_ask(runs, status, self.previous_disks.as_ref(), self.told.as_ref(), now);
        if runs && !asked && before_asking(runs, configured, status).is_none() {
            self.settle_disks(GuestDisks { usage: None, status: Some(DiskStatus::NoStatus) }, now);
        }
        self.forget_what_is_old(asked, now);
        asked
    }

    /// Of an agent that is not there only what is still good is told (R-81). What another told stays until it is asked
    /// again, which takes long where there are many.
    fn forget_what_is_old(&mut self, asked: bool, now: Timestamp) {
        let is_there = asked && self.agent != GuestAgent::Silent;
        self.told.take_if(|told| !is_there && !told.is_good(now));
    }

    /// Forgets what an agent once told that has just been asked in vain (R-81).
    fn forget_after_asking(&mut self, now: Timestamp) {
        self.told.take_if(|told| told.is_dropped(now));
    }

    /// Takes what was found, or carries the value before over one failure (R-78).
    fn settle_disks(&mut self, found: GuestDisks, now: Timestamp) {
        self.disks = carry(found, self.previous_disks.as_ref(), now);
        if self.disks.usage.is_none() {
            self.filesystems.clear();
        }
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
    let os = if asks_os { Some(patient(pve, || pve.api.agent_os(node, key.vmid)).await) } else { None };
    let version = patient(pve, || pve.api.agent_version(node, key.vmid)).await.ok().flatten();
    let hostname = patient(pve, || pve.api.agent_hostname(node, key.vmid)).await.ok().flatten();
    let (filesystems, odd) = apart(filesystems);
    let (interfaces, odd_too) = apart(interfaces);

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
    guest.forget_after_asking(now);
    guest.settle_disks(disks(&filesystems), now);
    if let Ok(rows) = &filesystems {
        guest.filesystems = mounted(rows);
    }
    pacing.done(&key.to_string(), outcome, now);
    filesystems.err().or(interfaces.err()).or(odd).or(odd_too)
}

/// The rows of a list, and what was wrong with the others.
fn apart<T>(answer: Result<List<T>, Refused>) -> (Result<Vec<T>, Refused>, Option<Refused>) {
    match answer {
        Ok(List { rows, odd }) => (Ok(rows), odd),
        Err(refused) => (Err(refused), None),
    }
}

/// Every mount that holds data, in order of the places (R-80).
fn mounted(rows: &[FilesystemRow]) -> Vec<muster_model::GuestFilesystem> {
    let counted = rows.iter().map(filesystem).filter(holds_data);
    let mut mounted: Vec<_> = counted.map(GuestFilesystem::into_facts).collect();
    mounted.sort_by(|a, b| a.mountpoint.cmp(&b.mountpoint));
    mounted
}

/// Asks, and a few times more while nobody answers in time (R-82).
async fn patient<T, F: Future<Output = Result<T, Refused>>>(pve: &Pve, ask: impl Fn() -> F) -> Result<T, Refused> {
    let mut answer = ask().await;
    for _ in 0..pve.settings.agents.retries {
        if !answer.as_ref().is_err_and(|refused| retries(&refused.as_call_failure())) {
            break;
        }
        pve.clock.sleep(RETRY_AFTER).await;
        answer = ask().await;
    }
    answer
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
        Ok(List { rows, odd }) => {
            let interfaces = filter(rows.iter().map(seen_inside).collect());
            guest.learn(AgentMetadata { interfaces, ..AgentMetadata::default() }, now);
            pacing.done(&key.to_string(), Outcome::Complete, now);
            odd
        }
        // Versions before 8.1 do not have it.
        Err(refused) if refused.is_not_supported() => {
            pacing.done(&key.to_string(), Outcome::Silent, now);
            None
        }
        Err(refused) => {
            guest.forget_after_asking(now);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_agent_told_stays_while_it_waits_for_its_turn_and_not_while_it_is_silent() {
        // R-81
        let at = |second| Timestamp::from_second(second).unwrap();
        let key = GuestKey { kind: GuestKind::Qemu, vmid: 100 };
        let row = r#"{"vmid":100,"node":"a","status":"running"}"#;
        let mut guest = Guest::new(serde_json::from_str(row).unwrap());
        guest.listed = true;
        guest.status_tried_at = Some(at(0));
        guest.status = Some((at(0), serde_json::from_str(r#"{"agent":1}"#).unwrap()));
        guest.agent = GuestAgent::Running;
        guest.learn(AgentMetadata { version: Some("9.2".into()), ..AgentMetadata::default() }, at(0));
        assert!(guest.is_asked(key, true, at(1200)) && guest.told.is_some());
        guest.forget_after_asking(at(599));
        assert!(guest.told.is_some());
        guest.forget_after_asking(at(600));
        assert!(guest.told.is_none(), "it was asked and told nothing");
        guest.learn(AgentMetadata { version: Some("9.2".into()), ..AgentMetadata::default() }, at(1200));
        guest.agent = GuestAgent::Silent;
        assert!(guest.is_asked(key, true, at(1229)) && guest.told.is_some());
        assert!(guest.is_asked(key, true, at(1230)) && guest.told.is_none());
    }

    #[test]
    fn where_there_are_many_everybody_has_a_turn() {
        // R-82
        let mut state = State::new();
        for vmid in 100..1100 {
            let row = format!(r#"{{"type":"lxc","vmid":{vmid},"node":"a","status":"running"}}"#);
            let mut guest = Guest::new(serde_json::from_str(&row).unwrap());
            guest.listed = true;
            state.guests.insert(GuestKey { kind: GuestKind::Lxc, vmid }, guest);
        }
        let mut asked = std::collections::BTreeMap::<u32, u32>::new();
        // Each look takes as long as it takes an agent to be asked again.
        for second in (0..1500).step_by(180) {
            let now = Timestamp::from_second(second).unwrap();
            let turn = state.agents_due(true, now);
            assert_eq!(turn.len(), MOST);
            for (_, key) in turn {
                *asked.entry(key.vmid).or_default() += 1;
                state.pacing.done(&key.to_string(), Outcome::Complete, now);
            }
        }
        assert_eq!(asked.len(), 1000);
        assert!(asked.values().all(|times| (3..=5).contains(times)), "{asked:?}");
    }
}
