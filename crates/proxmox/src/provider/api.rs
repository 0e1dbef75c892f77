//! The calls that the provider makes, by what it wants to know.

use muster_collect::{Failure, FailureCategory};
use muster_model::{Issue, IssueClass};
use muster_outbound::OutboundError;
use serde::de::DeserializeOwned;
use smol_str::SmolStr;

use super::key::{GuestKey, GuestKind};
use crate::{
    client::{ApiError, Call, Client, ErrorKind, Place},
    rules::disk_status::CallFailure,
    wire::{
        Rows,
        access::Permissions,
        agent::{AgentAnswer, AgentInfo, AgentInterface, FileContent, FilesystemRow, HostName, OsInfo},
        cluster::{ResourceRow, StatusRow, Version},
        disk::{DiskRow, Smart, ZfsRow},
        guest::{ContainerInterface, GuestConfig, GuestStatus},
        metrics::{MetricsExport, RrdRow},
        node::{CertificateRow, NetworkRow, NodeStatus, Subscription, UpdateRow},
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
}

type Answer<T> = Result<T, Refused>;

impl Api {
    /// Asks through a client.
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Requests that were sent.
    pub(crate) fn requests(&self) -> u64 {
        self.client.requests()
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

    /// Samples from a moment on, in seconds since 1970.
    pub(crate) async fn metrics_since(&self, start: i64) -> Answer<MetricsExport> {
        let start = start.to_string();
        self.ask(Call::MetricsExport, Place::CLUSTER, &[("history", "1"), ("start-time", &start)]).await
    }

    pub(crate) async fn tasks(&self) -> Answer<Vec<TaskRow>> {
        self.rows(Call::Tasks, Place::CLUSTER, &[]).await
    }

    pub(crate) async fn ha_status(&self) -> Answer<Vec<HaStatusRow>> {
        self.rows(Call::HaStatus, Place::CLUSTER, &[]).await
    }

    pub(crate) async fn ha_manager(&self) -> Answer<HaManagerStatus> {
        self.ask(Call::HaManagerStatus, Place::CLUSTER, &[]).await
    }

    pub(crate) async fn replication_jobs(&self) -> Answer<Vec<ReplicationRow>> {
        self.rows(Call::ClusterReplication, Place::CLUSTER, &[]).await
    }

    pub(crate) async fn storage_config(&self) -> Answer<Vec<StorageConfigRow>> {
        self.rows(Call::Storage, Place::CLUSTER, &[]).await
    }

    pub(crate) async fn node_status(&self, node: &str) -> Answer<NodeStatus> {
        self.ask(Call::NodeStatus, Place::node(node), &[]).await
    }

    pub(crate) async fn node_storage(&self, node: &str) -> Answer<Vec<NodeStorageRow>> {
        self.rows(Call::NodeStorage, Place::node(node), &[]).await
    }

    pub(crate) async fn node_network(&self, node: &str) -> Answer<Vec<NetworkRow>> {
        self.rows(Call::NodeNetwork, Place::node(node), &[]).await
    }

    pub(crate) async fn node_certificates(&self, node: &str) -> Answer<Vec<CertificateRow>> {
        self.rows(Call::Certificates, Place::node(node), &[]).await
    }

    pub(crate) async fn node_replication(&self, node: &str) -> Answer<Vec<ReplicationRow>> {
        self.rows(Call::NodeReplication, Place::node(node), &[]).await
    }

    pub(crate) async fn node_history(&self, node: &str) -> Answer<Vec<RrdRow>> {
        self.rows(Call::NodeRrd, Place::node(node), HOUR).await
    }

    pub(crate) async fn subscription(&self, node: &str) -> Answer<Subscription> {
        self.ask(Call::Subscription, Place::node(node), &[]).await
    }

    pub(crate) async fn updates(&self, node: &str) -> Answer<Vec<UpdateRow>> {
        self.rows(Call::AptUpdate, Place::node(node), &[]).await
    }

    /// The list of disks, without SMART, which would take seconds for each disk and wake those that sleep.
    pub(crate) async fn disks(&self, node: &str) -> Answer<Vec<DiskRow>> {
        self.rows(Call::Disks, Place::node(node), &[("skipsmart", "1")]).await
    }

    pub(crate) async fn smart(&self, node: &str, device: &str) -> Answer<Smart> {
        self.ask(Call::Smart, Place::node(node), &[("disk", device)]).await
    }

    pub(crate) async fn zfs(&self, node: &str) -> Answer<Vec<ZfsRow>> {
        self.rows(Call::Zfs, Place::node(node), &[]).await
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

    pub(crate) async fn container_interfaces(&self, node: &str, vmid: u32) -> Answer<Vec<ContainerInterface>> {
        self.rows(Call::LxcInterfaces, Place::guest(node, vmid), &[]).await
    }

    pub(crate) async fn agent_filesystems(&self, node: &str, vmid: u32) -> Answer<Vec<FilesystemRow>> {
        self.agent::<Rows<_>>(Call::AgentFsInfo, node, vmid).await.map(|rows| rows.rows)
    }

    pub(crate) async fn agent_interfaces(&self, node: &str, vmid: u32) -> Answer<Vec<AgentInterface>> {
        self.agent::<Rows<_>>(Call::AgentInterfaces, node, vmid).await.map(|rows| rows.rows)
    }

    pub(crate) async fn agent_os(&self, node: &str, vmid: u32) -> Answer<OsInfo> {
        self.agent(Call::AgentOsInfo, node, vmid).await
    }

    pub(crate) async fn agent_version(&self, node: &str, vmid: u32) -> Answer<Option<SmolStr>> {
        self.agent::<AgentInfo>(Call::AgentInfo, node, vmid).await.map(|info| info.version)
    }

    pub(crate) async fn agent_hostname(&self, node: &str, vmid: u32) -> Answer<Option<SmolStr>> {
        self.agent::<HostName>(Call::AgentHostName, node, vmid).await.map(|name| name.host_name)
    }

    /// The text of a file inside a guest.
    pub(crate) async fn agent_file(&self, node: &str, vmid: u32, file: &str) -> Answer<String> {
        let content: FileContent = self.ask(Call::AgentFileRead, Place::guest(node, vmid), &[("file", file)]).await?;
        Ok(content.to_text().unwrap_or_default())
    }

    async fn agent<T: DeserializeOwned + Send + 'static>(&self, call: Call, node: &str, vmid: u32) -> Answer<T> {
        match self.ask::<AgentAnswer<T>>(call, Place::guest(node, vmid), &[]).await? {
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
