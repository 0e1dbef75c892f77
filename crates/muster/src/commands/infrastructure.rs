//! `muster infrastructure`: what is connected in which way, and the machines that are ignored.

use jiff::Timestamp;
use muster_api::infrastructure::{ConnectedSystem, InfrastructureStatus, MachineReference, Surface};
use muster_client::Client;
use muster_model::IgnorableKind;

use super::{CommandError, reach::Reach, resources::ago};
use crate::{
    cli::{InfrastructureCommand, MachineArgs, OutputFormat},
    output,
};

/// Carries out an infrastructure command.
pub(crate) async fn run(
    command: InfrastructureCommand,
    format: OutputFormat,
    now: Timestamp,
) -> Result<(), CommandError> {
    match command {
        InfrastructureCommand::List(target) => {
            let reach = Reach::server(&target).await?;
            let listed = reach.client().connected_infrastructure().await;
            reach.close().await;
            Ok(output::print(format, &listed?.items, |rows| table(rows, now))?)
        }
        InfrastructureCommand::Ignore(args) => {
            let reach = Reach::server(&args.target).await?;
            let ignored = ignore(reach.client(), &args).await;
            reach.close().await;
            Ok(output::print(format, &ignored?, |row| table(std::slice::from_ref(row), now))?)
        }
        InfrastructureCommand::Restore(args) => {
            let reach = Reach::server(&args.target).await?;
            let restored = restore(reach.client(), &args).await;
            reach.close().await;
            restored
        }
    }
}

/// What is ignored already is found as well: asking twice is no failure.
async fn ignore(client: &Client, args: &MachineArgs) -> Result<ConnectedSystem, CommandError> {
    let rows = client.connected_infrastructure().await?.items;
    let machine = match find(&rows, InfrastructureStatus::Active, args) {
        Err(Nothing::None) => find(&rows, InfrastructureStatus::Ignored, args),
        found => found,
    };
    Ok(client.ignore_machine(&machine.map_err(|nothing| nothing.told(args, "can be ignored"))?).await?)
}

async fn restore(client: &Client, args: &MachineArgs) -> Result<(), CommandError> {
    let rows = client.connected_infrastructure().await?.items;
    let machine = find(&rows, InfrastructureStatus::Ignored, args);
    Ok(client.restore_machine(&machine.map_err(|nothing| nothing.told(args, "is ignored"))?).await?)
}

/// Why a name leads to no one connection.
#[derive(Debug, PartialEq, Eq)]
enum Nothing {
    None,
    Several(Vec<String>),
}

impl Nothing {
    fn told(self, args: &MachineArgs, what: &str) -> CommandError {
        let name = &args.name;
        CommandError::Failed(match self {
            Self::None => format!("nothing called `{name}` {what}; `muster infrastructure list` shows what there is"),
            Self::Several(which) => {
                format!("`{name}` may be {}; name one by its id, with --kind", which.join(" or "))
            }
        })
    }
}

/// The one connection that is meant.
fn find(
    rows: &[ConnectedSystem],
    status: InfrastructureStatus,
    args: &MachineArgs,
) -> Result<MachineReference, Nothing> {
    let wanted = args.name.trim().to_lowercase();
    let is_called = |text: &str| text.to_lowercase() == wanted;
    let candidates = rows.iter().filter(|row| row.status == status).flat_map(|row| {
        let whole = is_called(&row.name) || row.hostname.as_deref().is_some_and(is_called);
        row.surfaces.iter().filter_map(move |surface| reference(surface).map(|found| (whole, found)))
    });
    let is_meant = |(whole, found): &(bool, MachineReference)| {
        let of_kind = args.kind.is_none_or(|kind| found.kind == kind.source_kind());
        of_kind && (*whole || found.control_id.to_lowercase() == wanted)
    };
    let mut found: Vec<_> = candidates.filter(is_meant).map(|(_, found)| found).collect();
    match found.len() {
        0 => Err(Nothing::None),
        1 => Ok(found.remove(0)),
        _ => Err(Nothing::Several(found.iter().map(|it| format!("{} {}", it.kind, it.control_id)).collect())),
    }
}

/// As what a surface is ignored, if it is by itself.
fn reference(surface: &Surface) -> Option<MachineReference> {
    IgnorableKind::of(surface.kind)?;
    Some(MachineReference { kind: surface.kind, control_id: surface.control_id.clone()? })
}

fn table(rows: &[ConnectedSystem], now: Timestamp) -> String {
    let header = ["name", "state", "type", "connected by", "version", "last seen", "ignored"];
    let rows = rows.iter().map(|row| {
        [
            row.name.clone(),
            state(row),
            row.system_type.clone().unwrap_or_default(),
            row.surfaces.iter().map(connection).collect::<Vec<_>>().join(", "),
            row.version.clone().unwrap_or_default(),
            row.last_seen.map(|at| since(at, now)).unwrap_or_default(),
            ignored(row, now),
        ]
    });
    output::table(header, rows)
}

fn state(row: &ConnectedSystem) -> String {
    match (row.status, row.health_status) {
        (InfrastructureStatus::Ignored, _) => "ignored".to_owned(),
        (InfrastructureStatus::Active, health) => health.map_or_else(String::new, |health| health.to_string()),
    }
}

fn connection(surface: &Surface) -> String {
    format!("{} {}", surface.kind, surface.id_value)
}

fn ignored(row: &ConnectedSystem, now: Timestamp) -> String {
    match (row.removed_at, &row.removed_by) {
        (Some(at), Some(by)) => format!("{} by {by}", since(at, now)),
        (Some(at), None) => since(at, now),
        (None, _) => String::new(),
    }
}

fn since(millis: i64, now: Timestamp) -> String {
    Timestamp::from_millisecond(millis).map_or_else(|_| String::new(), |at| ago(at, now))
}

#[cfg(test)]
mod tests {
    use muster_api::infrastructure::SurfaceAction;
    use muster_model::SourceKind;

    use super::*;

    #[test]
    fn a_name_leads_to_the_one_connection_that_can_be_ignored() {
        //
        let rows = [
            row("Vault", &[(SourceKind::Agent, "a-1"), (SourceKind::Proxmox, "node/vault")]),
            row("Dock", &[(SourceKind::Docker, "d-1")]),
        ];
        let found = |name: &str, kind| find(&rows, InfrastructureStatus::Active, &args(name, kind));
        let agent = MachineReference { kind: SourceKind::Agent, control_id: "a-1".into() };
        assert_eq!(found(" vault", None), Ok(agent.clone()));
        assert_eq!(found("vault.lan", None), Ok(agent.clone()));
        assert_eq!(found("A-1", None), Ok(agent));
        assert_eq!(found("vault", Some(IgnorableKind::Docker)), Err(Nothing::None));
        assert_eq!(found("node/vault", None), Err(Nothing::None), "a platform's connection is edited instead");
        let ignored = |rows: &[_]| find(rows, InfrastructureStatus::Ignored, &args("vault.lan", None));
        assert_eq!(ignored(&rows), Err(Nothing::None));
        let vault = row("Vault", &[(SourceKind::Agent, "a-1")]);
        let vault = ConnectedSystem { status: InfrastructureStatus::Ignored, name: "Rack 4".into(), ..vault };
        assert_eq!(ignored(&[vault]), found("a-1", None), "by the host name of then, whatever it was called");
    }

    #[test]
    fn two_that_could_be_meant_are_named() {
        let rows = [row("Vault", &[(SourceKind::Agent, "a-1"), (SourceKind::Docker, "d-1")])];
        let found = |kind| find(&rows, InfrastructureStatus::Active, &args("vault", kind));
        assert_eq!(found(None), Err(Nothing::Several(vec!["agent a-1".into(), "docker d-1".into()])));
        assert!(found(Some(IgnorableKind::Docker)).is_ok());
    }

    fn args(name: &str, kind: Option<IgnorableKind>) -> MachineArgs {
        let target = crate::cli::Target { data_dir: None, database_url: None, url: None, token: None };
        MachineArgs { target, name: name.into(), kind }
    }

    fn row(name: &str, surfaces: &[(SourceKind, &str)]) -> ConnectedSystem {
        let surface = |(kind, id): &(SourceKind, &str)| Surface {
            id: (*id).into(),
            kind: *kind,
            label: name.into(),
            control_id: Some((*id).into()),
            action: Some(SurfaceAction::StopMonitoring),
            id_label: "ID".into(),
            id_value: (*id).into(),
        };
        ConnectedSystem {
            id: format!("machine:{name}"),
            name: name.into(),
            system_type: Some("host".into()),
            hostname: Some(format!("{}.lan", name.to_lowercase())),
            status: InfrastructureStatus::Active,
            health_status: None,
            last_seen: None,
            removed_at: None,
            removed_by: None,
            version: None,
            linked_node_id: None,
            scope_agent_id: None,
            resource_ids: vec![],
            surfaces: surfaces.iter().map(surface).collect(),
            explanation: String::new(),
        }
    }
}
