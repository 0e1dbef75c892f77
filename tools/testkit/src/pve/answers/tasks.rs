//! Work: tasks, replication, and what is backed up when.

use serde_json::{Value, json};

use super::{Asking, Told, resources::object};
use crate::pve::world::{Replication, Task};

/// The most tasks of one node that the cluster's list has.
const PER_NODE: usize = 25;

/// Seconds from one replication to the next.
const EVERY: i64 = 15 * 60;

/// Seconds of a day.
const DAY: i64 = 24 * 60 * 60;

/// `/cluster/tasks`.
pub(super) fn cluster(asking: &Asking<'_>) -> Value {
    let tasks = visible(asking);
    let by_node = |place: usize| tasks.iter().filter(move |task| task.node == place).take(PER_NODE);
    (0..asking.world.nodes.len())
        .flat_map(by_node)
        .map(|task| {
            let mut row = common(asking, task);
            row.insert("user".to_owned(), task.user.clone().into());
            if let Some(token) = &task.token {
                row.insert("tokenid".to_owned(), token.clone().into());
            }
            let is_over = task.is_over(asking.now);
            // The same flag, as text and as a number.
            row.insert("saved".to_owned(), if is_over { "1".into() } else { 0.into() });
            if is_over {
                row.insert("endtime".to_owned(), task.end.into());
                row.insert("status".to_owned(), task.status.clone().into());
            }
            Value::Object(row)
        })
        .collect()
}

/// `/nodes/{node}/tasks`: the whole body, which has a `total` beside its data.
pub(super) fn node(asking: &Asking<'_>) -> Result<Value, Box<super::Answer>> {
    let (place, _) = asking.node()?;
    let number = |name| asking.asked.parameter(name).and_then(|value| value.parse::<i64>().ok());
    let source = asking.asked.parameter("source").unwrap_or("archive");
    let (since, until) = (number("since").unwrap_or(i64::MIN), number("until").unwrap_or(i64::MAX));
    let limit = usize::try_from(number("limit").unwrap_or(50)).unwrap_or_default();
    let guest = asking.asked.parameter("vmid");
    let tasks: Vec<Value> = visible(asking)
        .iter()
        .filter(|task| {
            let is_active = !task.is_over(asking.now);
            let in_source = match source {
                "active" => is_active,
                "all" => true,
                _ => !is_active,
            };
            task.node == place
                && in_source
                && (since..=until).contains(&task.start)
                && guest.is_none_or(|id| id == task.id)
        })
        .map(|task| node_row(asking, task))
        .collect();
    let total = tasks.len();
    let shown: Vec<Value> = tasks.into_iter().take(limit).collect();
    Ok(json!({"data": shown, "total": total}))
}

fn node_row(asking: &Asking<'_>, task: &Task) -> Value {
    let mut row = common(asking, task);
    let user = task.token.as_ref().map_or_else(|| task.user.clone(), |token| format!("{}!{token}", task.user));
    row.extend(object(json!({"pid": task.pid, "pstart": task.process_start(asking.world), "user": user})));
    if task.is_over(asking.now) {
        row.extend(object(json!({"endtime": task.end, "status": task.status})));
    } else {
        row.insert("status".to_owned(), "RUNNING".into());
    }
    Value::Object(row)
}

fn common(asking: &Asking<'_>, task: &Task) -> serde_json::Map<String, Value> {
    object(json!({
        "upid": task.upid(asking.world), "node": asking.world.nodes[task.node].name, "type": task.kind, "id": task.id,
        "starttime": task.start,
    }))
}

/// Everybody's tasks, or one's own.
fn visible(asking: &Asking<'_>) -> Vec<Task> {
    let mut tasks = asking.world.tasks_at(asking.now);
    if !asking.may("/", "Sys.Audit") {
        let owner = asking.who.id.split('!').next().unwrap_or_default();
        tasks.retain(|task| task.user == owner);
    }
    tasks
}

/// `/cluster/replication`.
pub(super) fn replication_jobs(asking: &Asking<'_>) -> Value {
    let visible = asking.world.replications.iter().filter(|job| asking.may(&format!("/vms/{}", job.guest), "VM.Audit"));
    visible.map(|job| Value::Object(job_row(asking, job))).collect()
}

fn job_row(asking: &Asking<'_>, job: &Replication) -> serde_json::Map<String, Value> {
    let source = asking.world.guests.get(&job.guest).map(|guest| asking.world.nodes[guest.node()].name.as_str());
    object(json!({
        "id": format!("{}-0", job.guest), "guest": job.guest, "jobnum": 0, "type": "local",
        "source": source, "target": asking.world.nodes[job.target].name, "schedule": "*/15",
    }))
}

/// `/nodes/{node}/replication`: the jobs of the guests on it, and how they go.
pub(super) fn replication(asking: &Asking<'_>) -> Told {
    let (place, _) = asking.node()?;
    let world = asking.world;
    let mut rows = Vec::new();
    for job in &world.replications {
        let Some(guest) = world.guests.get(&job.guest).filter(|guest| guest.node() == place) else { continue };
        if !asking.may(&format!("/vms/{}", job.guest), "VM.Audit") {
            continue;
        }
        let last = asking.now - asking.now.rem_euclid(EVERY);
        let mut row = job_row(asking, job);
        row.extend(object(json!({
            "vmtype": guest.kind.word(), "last_sync": last, "last_try": last, "next_sync": last + EVERY,
            "duration": 13.585_964, "fail_count": 0,
        })));
        if let Some((since, error)) = &job.failing {
            let failures = (asking.now - since) / EVERY + 1;
            row.extend(object(json!({
                "last_sync": since - since.rem_euclid(EVERY), "fail_count": failures, "error": error,
            })));
        }
        rows.push(Value::Object(row));
    }
    Ok(Value::Array(rows))
}

/// `/cluster/backup`.
pub(super) fn backup_jobs(asking: &Asking<'_>) -> Told {
    asking.need("/", &["Sys.Audit"])?;
    let midnight = asking.now - asking.now.rem_euclid(DAY);
    let tonight = midnight + 2 * 60 * 60;
    let next = if tonight > asking.now { tonight } else { tonight + DAY };
    let mut nightly = object(json!({
        "id": "backup-nightly", "type": "vzdump", "schedule": "02:00", "enabled": u8::from(asking.world.backs_up),
        "all": 1, "mode": "snapshot", "storage": "pbs", "notes-template": "{{guestname}}",
        "mailnotification": "always", "prune-backups": {"keep-last": "3"},
    }));
    if asking.world.backs_up {
        nightly.insert("next-run".to_owned(), next.into());
    }
    if !asking.world.excluded.is_empty() {
        let out: Vec<String> = asking.world.excluded.iter().map(u32::to_string).collect();
        nightly.insert("exclude".to_owned(), out.join(",").into());
    }
    Ok(json!([
        nightly,
        {
            "id": "backup-weekly", "type": "vzdump", "schedule": "sat 04:00", "enabled": 0, "vmid": "100,101",
            "mode": "stop", "storage": "local", "mailto": "ops@example.test",
            "prune-backups": "keep-daily=7,keep-weekly=4",
        },
    ]))
}

/// `/cluster/backup-info/not-backed-up`: every guest is in a job but those that are left out.
pub(super) fn not_backed_up(asking: &Asking<'_>) -> Told {
    asking.need("/", &["Sys.Audit"])?;
    let out = asking.guests().filter(|guest| asking.world.excluded.contains(&guest.id));
    Ok(out.map(|guest| json!({"vmid": guest.id, "type": guest.kind.word(), "name": guest.name})).collect())
}
