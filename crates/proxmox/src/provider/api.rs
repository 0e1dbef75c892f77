//! The calls that the provider makes, by what it wants to know.

use std::time::Duration;

use std::collections::BTreeMap;

mod data;

use futures::future::join_all;
use muster_collect::{Failure, FailureCategory};
use muster_model::{Issue, IssueClass};
use muster_outbound::OutboundError;
use serde::de::{DeserializeOwned, IgnoredAny};
use smol_str::SmolStr;

use super::{
    key::{GuestKey, GuestKind},
    limits::{self, AgentLimits},
};
use crate::{
    client::{ApiError, Call, Client, ErrorKind, Place, Question, Through},
    rules::disk_status::CallFailure,
    wire::{
        Rows,
        access::Permissions,
        agent::{AgentAnswer, AgentInfo, AgentInterface, FileContent, FilesystemRow, HostName, OsInfo},
        cluster::{ResourceRow, StatusRow, Version},
        disk::{DiskRow, Smart, ZfsRow},
        guest::{ContainerInterface, GuestConfig, GuestStatus},
        metrics::{MetricRow, RrdRow},
        node::{CertificateRow, NetworkRow, NodeStatus, NodeTime, Subscription, UpdateRow},
        storage::{NodeStorageRow, StorageConfigRow},
        tasks::{HaManagerStatus, HaStatusRow, ReplicationRow, TaskRow},
    },
};

/// The history of the last hour, averaged.
const HOUR: &[(&str, &str)] = &[("timeframe", "hour"), ("cf", "AVERAGE")];

/// A call that came to nothing.
#[derive(Debug, Clone)]
pub(crate) struct Refused {
    failure: Failure,
    /// Status of the answer; absent where there was no whole one.
    status: Option<u16>,
    text: String,
    too_large: bool,
}

/// The platform, as far as we ask it.
pub(crate) struct Api {
    client: Client,
    agents: AgentLimits,
}

type Answer<T> = Result<T, Refused>;

/// Whose samples of the past are asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// Only later ones, in seconds since 1970 by the clock of each node.
    pub(crate) start: Option<i64>,
    /// Of this node alone; absent asks the entry point for all of them.
    pub(crate) node: Option<&'a str>,
    /// Whether the entry point is that node's own.
    pub(crate) local: bool,
    pub(crate) through: Through,
}

impl Default for Asked<'_> {
    fn default() -> Self {
        Self { start: None, node: None, local: false, through: Through::Any }
    }
}

/// What a list holds, and what was wrong with those of its rows that could not be read.
#[derive(Debug)]
pub(crate) struct List<T> {
    pub(crate) rows: Vec<T>,
    /// Absent where every row could be read.
    pub(crate) odd: Option<Refused>,
}

impl Api {
    /// Asks through a client, and agents with so much patience.
    pub(crate) fn new(client: Client, agents: AgentLimits) -> Self {
        Self { client, agents }
    }

    /// The address of the entry point that is asked next.
    pub(crate) fn address(&self) -> String {
        self.client.address()
    }

    /// Requests that were sent.
    pub(crate) fn requests(&self) -> u64 {
        self.client.requests()
    }

    /// Entry points that failed when they were last asked. Another one may answer in their place, and the next to fail
    /// may be that one.
    pub(crate) fn lost_entries(&self) -> impl Iterator<Item = Issue> {
        let lost = self.client.failed_entries().into_iter();
        lost.map(|(_, failure)| Issue {
            class: IssueClass::Unavailable,
            section: "entry points".to_owned(),
            message: failure.message,
        })
    }

    /// Asks entry points that failed whether they are back. Nobody else does while another one answers.
    pub(crate) async fn ask_lost_entries(&self) {
        let lost = self.client.lost_entries().into_iter();
        join_all(lost.map(|entry| self.client.get_at::<IgnoredAny>(entry, Call::Version))).await;
    }

    pub(crate) async fn version(&self) -> Answer<Version> {
        self.ask(Call::Version, Place::CLUSTER, &[]).await
    }

    pub(crate) async fn permissions(&self) -> Answer<Permissions> {
        self.ask(Call::Permissions, Place::CLUSTER, &[]).await
    }

    pub(crate) async fn cluster_status(&self) -> Answer<Rows<StatusRow>> {
        self.ask(Call::ClusterStatus, Place::CLUSTER, &[]).await
    }

    pub(crate) async fn resources(&self) -> Answer<Rows<ResourceRow>> {
        self.ask(Call::ClusterResources, Place::CLUSTER, &[]).await
    }

    /// Samples of the last half hour, handed on one by one as they arrive.
    pub(crate) async fn samples(&self, asked: Asked<'_>, take: impl FnMut(MetricRow) + Send) -> Answer<()> {
        let start = asked.start.map(|start| start.to_string());
        let mut query = vec![("history", "1")];
        query.extend(start.as_deref().map(|start| ("start-time", start)));
        query.extend(asked.local.then_some(("local-only", "1")));
        query.extend(asked.node.filter(|_| !asked.local).map(|node| ("node-list", node)));
        let question =
            Question { call: Call::MetricsExport, query: &query, through: asked.through, at_work: asked.node };
        self.client.rows(question, take).await.map_err(Refused::from)
    }

    /// Which entry point is which node's own. Those that do not answer are left out.
    pub(crate) async fn own_entries(&self) -> BTreeMap<SmolStr, usize> {
        let mut own = BTreeMap::new();
        for entry in 0..self.client.entry_count() {
            let members: Result<Rows<StatusRow>, _> = self.client.get_at(entry, Call::ClusterStatus).await;
            let local = members.ok().and_then(|rows| rows.rows.into_iter().find_map(StatusRow::into_local));
            own.extend(local.map(|member| (member.name, entry)));
        }
        own
    }

    pub(crate) async fn tasks(&self) -> Answer<List<TaskRow>> {
        self.list(Call::Tasks, Place::CLUSTER, &[]).await
    }

    pub(crate) async fn ha_status(&self) -> Answer<List<HaStatusRow>> {
        self.list(Call::HaStatus, Place::CLUSTER, &[]).await
    }

    pub(crate) async fn ha_manager(&self) -> Answer<HaManagerStatus> {
        self.ask(Call::HaManagerStatus, Place::CLUSTER, &[]).await
    }

    pub(crate) async fn replication_jobs(&self) -> Answer<List<ReplicationRow>> {
        let rows = self.ask_within(limits::REPLICATION, Call::ClusterReplication, Place::CLUSTER, &[]).await?;
        Ok(List::of(Call::ClusterReplication, rows))
    }

    pub(crate) async fn storage_config(&self) -> Answer<List<StorageConfigRow>> {
        self.list(Call::Storage, Place::CLUSTER, &[]).await
    }

    pub(crate) async fn node_status(&self, node: &str) -> Answer<NodeStatus> {
        self.ask(Call::NodeStatus, Place::node(node), &[]).await
    }

    pub(crate) async fn node_storage(&self, node: &str, within: Duration) -> Answer<List<NodeStorageRow>> {
        let rows = self.ask_within(within, Call::NodeStorage, Place::node(node), &[]).await?;
        Ok(List::of(Call::NodeStorage, rows))
    }

    pub(crate) async fn node_network(&self, node: &str) -> Answer<List<NetworkRow>> {
        self.list(Call::NodeNetwork, Place::node(node), &[]).await
    }

    pub(crate) async fn node_certificates(&self, node: &str) -> Answer<List<CertificateRow>> {
        self.list(Call::Certificates, Place::node(node), &[]).await
    }

    pub(crate) async fn node_replication(&self, node: &str) -> Answer<List<ReplicationRow>> {
        let rows = self.ask_within(limits::REPLICATION, Call::NodeReplication, Place::node(node), &[]).await?;
        Ok(List::of(Call::NodeReplication, rows))
    }

    pub(crate) async fn node_history(&self, node: &str) -> Answer<Vec<RrdRow>> {
        self.rows(Call::NodeRrd, Place::node(node), HOUR).await
    }

    /// What time a node has.
    pub(crate) async fn node_time(&self, node: &str) -> Answer<NodeTime> {
        self.ask(Call::NodeTime, Place::node(node), &[]).await
    }

    /// The newest of the same, as a source of the node's memory.
    pub(crate) async fn recent_node_history(&self, node: &str) -> Answer<Vec<RrdRow>> {
        let rows: Rows<_> = self.ask_within(limits::HISTORY, Call::NodeRrd, Place::node(node), HOUR).await?;
        Ok(rows.rows)
    }

    pub(crate) async fn storage_history(&self, node: &str, storage: &str) -> Answer<Vec<RrdRow>> {
        self.rows(Call::StorageRrd, Place::storage(node, storage), HOUR).await
    }

    pub(crate) async fn subscription(&self, node: &str) -> Answer<Subscription> {
        self.ask(Call::Subscription, Place::node(node), &[]).await
    }

    pub(crate) async fn updates(&self, node: &str) -> Answer<List<UpdateRow>> {
        self.list(Call::AptUpdate, Place::node(node), &[]).await
    }

    /// The list of disks, without SMART, which would take seconds for each disk and wake those that sleep.
    pub(crate) async fn disks(&self, node: &str) -> Answer<List<DiskRow>> {
        self.list(Call::Disks, Place::node(node), &[("skipsmart", "1")]).await
    }

    pub(crate) async fn smart(&self, node: &str, device: &str) -> Answer<Smart> {
        self.ask(Call::Smart, Place::node(node), &[("disk", device)]).await
    }

    pub(crate) async fn zfs(&self, node: &str) -> Answer<List<ZfsRow>> {
        self.list(Call::Zfs, Place::node(node), &[]).await
    }

    pub(crate) async fn guest_status(&self, node: &str, key: GuestKey) -> Answer<GuestStatus> {
        self.ask(of_kind(key, Call::QemuStatus, Call::LxcStatus), Place::guest(node, key.vmid), &[]).await
    }

    pub(crate) async fn guest_config(&self, node: &str, key: GuestKey) -> Answer<GuestConfig> {
        let call = of_kind(key, Call::QemuConfig, Call::LxcConfig);
        self.ask(call, Place::guest(node, key.vmid), &[("current", "1")]).await
    }

    pub(crate) async fn guest_history(&self, node: &str, key: GuestKey) -> Answer<Vec<RrdRow>> {
        self.rows(of_kind(key, Call::QemuRrd, Call::LxcRrd), Place::guest(node, key.vmid), HOUR).await
    }

    /// The newest of the same, as a source of the guest's memory.
    pub(crate) async fn recent_guest_history(&self, node: &str, key: GuestKey) -> Answer<Vec<RrdRow>> {
        let (within, call) = match key.kind {
            GuestKind::Qemu => (limits::HISTORY, Call::QemuRrd),
            GuestKind::Lxc => (limits::CONTAINER_HISTORY, Call::LxcRrd),
        };
        let rows: Rows<_> = self.ask_within(within, call, Place::guest(node, key.vmid), HOUR).await?;
        Ok(rows.rows)
    }

    pub(crate) async fn container_interfaces(&self, node: &str, vmid: u32) -> Answer<List<ContainerInterface>> {
        self.list(Call::LxcInterfaces, Place::guest(node, vmid), &[]).await
    }

    pub(crate) async fn agent_filesystems(&self, node: &str, vmid: u32) -> Answer<List<FilesystemRow>> {
        self.agent_list(self.agents.filesystems, Call::AgentFsInfo, node, vmid).await
    }

    pub(crate) async fn agent_interfaces(&self, node: &str, vmid: u32) -> Answer<List<AgentInterface>> {
        self.agent_list(self.agents.network, Call::AgentInterfaces, node, vmid).await
    }

    pub(crate) async fn agent_os(&self, node: &str, vmid: u32) -> Answer<OsInfo> {
        self.agent(self.agents.os_info, Call::AgentOsInfo, node, vmid).await
    }

    pub(crate) async fn agent_version(&self, node: &str, vmid: u32) -> Answer<Option<SmolStr>> {
        self.agent::<AgentInfo>(self.agents.version, Call::AgentInfo, node, vmid).await.map(|info| info.version)
    }

    pub(crate) async fn agent_hostname(&self, node: &str, vmid: u32) -> Answer<Option<SmolStr>> {
        self.agent::<HostName>(self.agents.version, Call::AgentHostName, node, vmid).await.map(|name| name.host_name)
    }

    /// The text of a file inside a guest.
    pub(crate) async fn agent_file(&self, node: &str, vmid: u32, file: &str) -> Answer<String> {
        let (place, query) = (Place::guest(node, vmid), [("file", file)]);
        let content: FileContent = self.ask_within(limits::AGENT_MEMINFO, Call::AgentFileRead, place, &query).await?;
        Ok(content.to_text().unwrap_or_default())
    }

    async fn agent_list<T: DeserializeOwned + Send + 'static>(
        &self,
        within: Duration,
        call: Call,
        node: &str,
        vmid: u32,
    ) -> Answer<List<T>> {
        self.agent::<Rows<T>>(within, call, node, vmid).await.map(|rows| List::of(call, rows))
    }

    async fn agent<T: DeserializeOwned + Send + 'static>(
        &self,
        within: Duration,
        call: Call,
        node: &str,
        vmid: u32,
    ) -> Answer<T> {
        match self.ask_within::<AgentAnswer<T>>(within, call, Place::guest(node, vmid), &[]).await? {
            AgentAnswer::Result(result) => Ok(result),
            AgentAnswer::Refused(error) => {
                let words = [error.class, error.desc].into_iter().flatten().collect::<Vec<_>>().join(": ");
                let message = format!("{} of guest {vmid} on {node}: the agent inside refuses: {words}", call.name());
                Err(Refused {
                    failure: Failure { category: FailureCategory::Api, message },
                    status: Some(200),
                    text: words,
                    too_large: false,
                })
            }
        }
    }

    async fn list<T: DeserializeOwned + Send + 'static>(
        &self,
        call: Call,
        place: Place<'_>,
        query: &[(&str, &str)],
    ) -> Answer<List<T>> {
        self.ask(call, place, query).await.map(|rows| List::of(call, rows))
    }

    /// The rows of a list of which nobody misses one.
    async fn rows<T: DeserializeOwned + Send + 'static>(
        &self,
        call: Call,
        place: Place<'_>,
        query: &[(&str, &str)],
    ) -> Answer<Vec<T>> {
        let rows: Rows<T> = self.ask(call, place, query).await?;
        if let Some(why) = &rows.first_odd {
            tracing::debug!(call = call.name(), rows = rows.odd, why, "rows of an answer could not be read");
        }
        Ok(rows.rows)
    }

    async fn ask<T: DeserializeOwned + Send + 'static>(
        &self,
        call: Call,
        place: Place<'_>,
        query: &[(&str, &str)],
    ) -> Answer<T> {
        self.client.get(call, place, query).await.map_err(Refused::from)
    }

    async fn ask_within<T: DeserializeOwned + Send + 'static>(
        &self,
        within: Duration,
        call: Call,
        place: Place<'_>,
        query: &[(&str, &str)],
    ) -> Answer<T> {
        self.client.get_within(within, call, place, query).await.map_err(Refused::from)
    }
}

impl<T> List<T> {
    fn of(call: Call, rows: Rows<T>) -> Self {
        let odd = rows.first_odd.as_ref().map(|why| Refused::odd_rows(call, rows.odd, why));
        Self { rows: rows.rows, odd }
    }
}

fn of_kind(key: GuestKey, qemu: Call, lxc: Call) -> Call {
    match key.kind {
        GuestKind::Qemu => qemu,
        GuestKind::Lxc => lxc,
    }
}

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        let status = match &error.kind {
            ErrorKind::Transport(_) => None,
            ErrorKind::Unauthorised(_) | ErrorKind::SecondFactor => Some(401),
            ErrorKind::Forbidden { .. } => Some(403),
            ErrorKind::NotImplemented(_) => Some(501),
            ErrorKind::PeerUnreachable { status, .. } | ErrorKind::Api { status, .. } | ErrorKind::Redirect(status) => {
                Some(*status)
            }
            ErrorKind::Malformed(_) => Some(200),
        };
        let too_large = matches!(&error.kind, ErrorKind::Transport(OutboundError::TooLarge { .. }));
        Self { failure: error.failure(), status, text: error.text().to_owned(), too_large }
    }
}

impl Refused {
    /// Rows of a list that could not be read; the others count.
    fn odd_rows(call: Call, count: u32, first: &str) -> Self {
        let message = format!("{}: {count} rows could not be read and were left out; the first: {first}", call.name());
        let failure = Failure { category: FailureCategory::Malformed, message };
        Self { failure, status: Some(200), text: first.to_owned(), too_large: false }
    }

    /// Whether the answer was larger than we read.
    pub(crate) fn is_too_large(&self) -> bool {
        self.too_large
    }

    /// The platform's own words, for the log.
    pub(crate) fn text(&self) -> &str {
        if self.text.is_empty() { &self.failure.message } else { &self.text }
    }

    /// As the owner of a connection wants it.
    pub(crate) fn into_failure(self) -> Failure {
        self.failure
    }

    /// Whether the words contain one of these, in any case.
    pub(crate) fn says(&self, phrases: &[&str]) -> bool {
        self.as_call_failure().says(phrases)
    }

    /// Whether a right is missing.
    pub(crate) fn is_forbidden(&self) -> bool {
        self.status == Some(403)
    }

    /// Whether this version does not have the call.
    pub(crate) fn is_not_supported(&self) -> bool {
        matches!(self.status, Some(404 | 501)) || self.says(&["not implemented"])
    }

    /// Whether the node behind the entry point does not answer, or nobody does.
    pub(crate) fn is_node_away(&self) -> bool {
        matches!(self.status, Some(595..=599)) || (self.status.is_none() && !self.too_large)
    }

    /// Whether the agent inside a guest does not run.
    pub(crate) fn is_agent_silent(&self) -> bool {
        self.says(&["agent is not running", "no qemu guest agent", "is not running"])
    }

    /// As the rules about agents want it.
    pub(crate) fn as_call_failure(&self) -> CallFailure {
        let timed_out = self.failure.category == FailureCategory::TimedOut;
        CallFailure { status: self.status, timed_out, text: self.text().to_owned() }
    }

    /// As an issue of a part of our work.
    pub(crate) fn issue(&self, section: &str) -> Issue {
        let class = match self.failure.category {
            FailureCategory::Forbidden | FailureCategory::Unauthorised => IssueClass::PermissionDenied,
            FailureCategory::TimedOut => IssueClass::TimedOut,
            FailureCategory::Malformed => IssueClass::Malformed,
            FailureCategory::Unreachable
            | FailureCategory::Tls
            | FailureCategory::PinMismatch
            | FailureCategory::Api
            | FailureCategory::Secret => IssueClass::Unavailable,
        };
        Issue { class, section: section.to_owned(), message: self.failure.message.clone() }
    }
}
