//! The permission doctor: tries each call of the table once and says what stays empty, and which command helps.
//!
//! A call that answers proves little: lists leave out what we may not see, without a word. So what answers is compared with
//! the rights that the platform says we have.

use std::time::Duration;

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use muster_collect::{Auth, CallCheck, CallState, Connection, Failure, FailureCategory, ProbeReport};
use muster_runtime::Clock;
use serde_json::value::RawValue;

use super::sample::Sample;
use crate::{
    client::{ApiError, Call, Client, ErrorKind, Need, Place, Who, grant},
    rules::ceph,
    wire::{
        Rows,
        access::{Permissions, UserRow},
        cluster::{ResourceRow, StatusRow, Version},
        node::NodeTime,
    },
};

/// How long one call may take here: somebody is waiting.
const PATIENCE: Duration = Duration::from_secs(20);
/// A clock that differs by less is good; the platform tells whole seconds.
const GOOD_CLOCK: SignedDuration = SignedDuration::from_secs(5);
/// How long before its end somebody is told.
const ENDS_SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Fills in what only somebody who is let in can tell.
pub(crate) async fn examine(client: &Client, connection: &Connection, clock: &dyn Clock, report: &mut ProbeReport) {
    let version: Version = match client.get(Call::Version, Place::CLUSTER, &[]).await {
        Ok(version) => version,
        Err(error) => return report.failure = Some(error.failure()),
    };
    let (permissions, members, resources, users) = futures::join!(
        client.get::<Permissions>(Call::Permissions, Place::CLUSTER, &[]),
        client.get::<Rows<StatusRow>>(Call::ClusterStatus, Place::CLUSTER, &[]),
        client.get::<Rows<ResourceRow>>(Call::ClusterResources, Place::CLUSTER, &[]),
        client.get::<Rows<UserRow>>(Call::Users, Place::CLUSTER, &[("full", "1")]),
    );
    let (members, resources) = (members.unwrap_or_default(), resources.unwrap_or_default());
    report.cluster = cluster(&members);
    report.nodes = nodes(&members, &resources);
    report.version = version.version.as_ref().map(ToString::to_string);
    let doctor = Doctor {
        client,
        clock,
        who: Who(connection.auth.clone()),
        major: version.number().map(|(major, _)| major),
        permissions: permissions.ok(),
        sample: Sample::of(&members, &resources),
        ending: users.ok().and_then(|users| ending(&connection.auth, &users, clock.now())),
    };
    report.calls = doctor.checks().await;
}

fn cluster(members: &Rows<StatusRow>) -> Option<String> {
    members.iter().find_map(|row| match row {
        StatusRow::Cluster(cluster) => Some(cluster.name.to_string()),
        StatusRow::Member(_) | StatusRow::Other => None,
    })
}

fn nodes(members: &Rows<StatusRow>, resources: &Rows<ResourceRow>) -> Vec<String> {
    let members = members.iter().filter_map(|row| match row {
        StatusRow::Member(member) => Some(member.name.to_string()),
        StatusRow::Cluster(_) | StatusRow::Other => None,
    });
    let rows = resources.iter().filter_map(|row| match row {
        ResourceRow::Node(node) => Some(node.node.to_string()),
        ResourceRow::Qemu(_) | ResourceRow::Lxc(_) | ResourceRow::Storage(_) => None,
        ResourceRow::Other => None,
    });
    members.chain(rows).collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

/// Why we will soon not be let in any more.
fn ending(auth: &Auth, users: &Rows<UserRow>, now: Timestamp) -> Option<String> {
    let (Auth::Token { user, .. } | Auth::Password { user }) = auth;
    let row = users.iter().find(|row| row.userid == user.as_str())?;
    let token = match auth {
        Auth::Token { token, .. } => row.tokens.iter().find(|row| row.tokenid == token.as_str()),
        Auth::Password { .. } => None,
    };
    let (what, end) = match token.and_then(|token| token.expire) {
        Some(end) if row.expire.is_none_or(|user_end| end <= user_end) => ("token", end),
        Some(_) | None => ("user", row.expire?),
    };
    let left = end.duration_since(now);
    (left < ENDS_SOON).then(|| format!("the {what} expires at {end}; prolong it before it does"))
}

struct Doctor<'a> {
    client: &'a Client,
    clock: &'a dyn Clock,
    who: Who,
    major: Option<u16>,
    /// Absent where they could not be read; then only what is refused aloud is told.
    permissions: Option<Permissions>,
    sample: Sample,
    ending: Option<String>,
}

impl Doctor<'_> {
    async fn checks(&self) -> Vec<CallCheck> {
        // Alone, since the time that a call waits for its turn would count as a difference.
        let clocks = self.patient(self.compare_clocks()).await;
        let clocks = self.sample.node.is_some().then_some(clocks);
        let tried = Call::ALL.iter().filter(|call| **call != Call::Login).map(|call| self.attempt(*call));
        let mut checks = vec![];
        for (call, tried) in join_all(tried).await {
            let tried = if call == Call::NodeTime { clocks.as_ref() } else { tried.as_ref() };
            checks.extend(self.check(call, tried));
        }
        checks
    }

    /// One row for each right of a call.
    fn check(&self, call: Call, tried: Option<&Result<(), Failed>>) -> Vec<CallCheck> {
        let needs = call.spec().needs;
        if needs.is_empty() {
            let state = self.state(call, None, tried);
            return vec![row(call, "none; any user may".to_owned(), state, String::new(), None)];
        }
        needs.iter().map(|need| self.judged(call, need, tried)).collect()
    }

    fn judged(&self, call: Call, need: &Need, tried: Option<&Result<(), Failed>>) -> CallCheck {
        let privilege = need.privilege(self.major);
        let state = self.state(call, Some(need), tried);
        let helps = match &state {
            CallState::Refused(_) => true,
            CallState::Partial(_) => !self.holds(need),
            CallState::Granted | CallState::Absent | CallState::Failed(_) => false,
        };
        let command = helps.then(|| grant(&self.who, &self.path(need), privilege));
        row(call, format!("{privilege} on {}", need.path), state, need.without.to_owned(), command)
    }

    /// Tries a call on the sample; no result where it is not tried.
    async fn attempt(&self, call: Call) -> (Call, Option<Result<(), Failed>>) {
        let attempt = self.sample.attempt(call, self.clock.now().as_second()).filter(|_| call != Call::NodeTime);
        let Some((place, query)) = attempt else { return (call, None) };
        let query: Vec<(&str, &str)> = query.iter().map(|(key, value)| (*key, value.as_str())).collect();
        let asked =
            async { self.client.get::<Box<RawValue>>(call, place, &query).await.map(drop).map_err(Failed::Call) };
        (call, Some(self.patient(asked).await))
    }

    async fn patient(&self, call: impl Future<Output = Result<(), Failed>>) -> Result<(), Failed> {
        // Cancel-safe: nothing is kept of a call that is given up.
        tokio::select! {
            done = call => done,
            () = self.clock.sleep(PATIENCE) => Err(Failed::Late),
        }
    }

    async fn compare_clocks(&self) -> Result<(), Failed> {
        let Some(node) = self.sample.node.as_deref() else { return Ok(()) };
        let before = self.clock.now();
        let theirs =
            self.client.get::<NodeTime>(Call::NodeTime, Place::node(node), &[]).await.map_err(Failed::Call)?.time;
        let after = self.clock.now();
        let ours = before + after.duration_since(before) / 2;
        let ahead = theirs.map_or(SignedDuration::ZERO, |theirs| theirs.duration_since(ours));
        if ahead.abs() <= GOOD_CLOCK {
            return Ok(());
        }
        let way = if ahead.is_positive() { "ahead of" } else { "behind" };
        let seconds = ahead.abs().as_secs();
        Err(Failed::Odd(format!("the clock of {node} is {seconds} s {way} ours; let both be set by the network")))
    }

    fn state(&self, call: Call, need: Option<&Need>, tried: Option<&Result<(), Failed>>) -> CallState {
        let missing = need.filter(|need| !self.holds(need)).map(|need| {
            format!("{} is not granted on {} to {}", need.privilege(self.major), self.path(need), self.who.name())
        });
        match (tried, missing) {
            (Some(Err(Failed::Call(error))), missing) => self.failed(call, error, missing),
            (Some(Err(Failed::Late)), _) => CallState::Failed(late(call)),
            (Some(Err(Failed::Odd(what))), _) => CallState::Partial(what.clone()),
            (Some(Ok(())), Some(missing)) => {
                CallState::Partial(format!("it answers, and leaves things out: {missing}"))
            }
            (None, Some(missing)) => CallState::Refused(missing),
            (Some(Ok(())) | None, None) => self.granted(call, need),
        }
    }

    fn failed(&self, call: Call, error: &ApiError, missing: Option<String>) -> CallState {
        match &error.kind {
            ErrorKind::Forbidden { text, .. } => CallState::Refused(text.clone()),
            ErrorKind::NotImplemented(_) => CallState::Absent,
            ErrorKind::Api { text, .. } if is_absent(call, text) => match missing {
                Some(missing) => CallState::Refused(missing),
                None if is_agents(call) => CallState::Granted,
                None => CallState::Absent,
            },
            ErrorKind::Api { .. }
            | ErrorKind::Transport(_)
            | ErrorKind::Unauthorised(_)
            | ErrorKind::SecondFactor
            | ErrorKind::PeerUnreachable { .. }
            | ErrorKind::Redirect(_)
            | ErrorKind::Malformed(_) => CallState::Failed(error.failure()),
        }
    }

    /// All is well, but for what was taken away again further down, and for what ends soon.
    fn granted(&self, call: Call, need: Option<&Need>) -> CallState {
        let ending = self.ending.as_ref().filter(|_| call == Call::Users);
        let holes = need.map(|need| self.holes(need)).filter(|holes| !holes.is_empty());
        match (ending, holes) {
            (Some(ending), _) => CallState::Partial(ending.clone()),
            (None, Some(holes)) => {
                CallState::Partial(format!("it leaves things out: the right was taken away on {holes}"))
            }
            (None, None) => CallState::Granted,
        }
    }

    /// Whether the platform says that we have a right; assumed where it did not say.
    fn holds(&self, need: &Need) -> bool {
        let Some(permissions) = &self.permissions else { return true };
        let (path, privilege) = (self.path(need), need.privilege(self.major));
        let wider = privilege.starts_with("VM.GuestAgent.") && permissions.hold(&path, "VM.GuestAgent.Unrestricted");
        // Whoever may do everything with a storage sees its backups, whoever has the guests.
        let of_backups = matches!(privilege, "Datastore.AllocateSpace" | "VM.Backup");
        let wider = wider || of_backups && permissions.hold("/storage", "Datastore.Allocate");
        wider || permissions.hold(&path, privilege)
    }

    /// The first paths below on which a right was taken away.
    fn holes(&self, need: &Need) -> String {
        let Some(permissions) = &self.permissions else { return String::new() };
        let holes: Vec<&str> = permissions.holes(need.path, need.privilege(self.major)).take(3).collect();
        holes.join(", ")
    }

    fn path(&self, need: &Need) -> String {
        let node = self.sample.node.as_deref();
        match (need.path, node) {
            ("/nodes/{node}", Some(node)) => format!("/nodes/{node}"),
            ("/nodes/{node}", None) => "/nodes".to_owned(),
            ("/vms/{vmid}", _) => "/vms".to_owned(),
            (path, _) => path.to_owned(),
        }
    }
}

fn row(call: Call, right: String, state: CallState, without: String, grant: Option<String>) -> CallCheck {
    CallCheck { call: call.name().to_owned(), right, state, without, grant }
}

/// Why a call did not go well.
enum Failed {
    Call(ApiError),
    Late,
    /// It answered, and something is wrong with what it said.
    Odd(String),
}

fn late(call: Call) -> Failure {
    let message = format!("{} did not answer within {} s", call.name(), PATIENCE.as_secs());
    Failure { category: FailureCategory::TimedOut, message }
}

/// Whether an error only says that there is no such thing here.
fn is_absent(call: Call, text: &str) -> bool {
    let says = |words: &[&str]| words.iter().any(|words| text.contains(words));
    if is_agents(call) {
        return says(&["agent", "is not running", "got timeout"]);
    }
    let is_ceph = matches!(call, Call::CephStatus | Call::NodeCephStatus);
    call == Call::Zfs && says(&["not installed"]) || is_ceph && says(ceph::ABSENT)
}

fn is_agents(call: Call) -> bool {
    call.path().contains("/agent/")
}
