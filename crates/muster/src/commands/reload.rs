//! `muster reload`: the running server reads its configuration again.

use muster_api::doctor::Reloaded;
use muster_server::Errand;

use super::{
    CommandError,
    reach::{Place, Reach},
};
use crate::{
    cli::{OutputFormat, Target},
    output,
};

/// Asks for it, and says what came of it.
pub(crate) async fn run(target: &Target, format: OutputFormat) -> Result<(), CommandError> {
    let running = match Reach::find(target, None)? {
        Place::Running(running) => running,
        Place::Stopped(config) => {
            let directory = config.data_dir.display();
            let text = format!("no server runs on {directory}; the next one reads the configuration when it starts");
            return Err(CommandError::Unreachable(text));
        }
    };
    let reach = running.reach(Errand::Short).await?;
    let reloaded = reach.client().reload().await;
    reach.close().await;
    Ok(output::print(format, &reloaded?, text)?)
}

fn text(reloaded: &Reloaded) -> String {
    let Reloaded { in_force, need_restart } = reloaded;
    let mut lines = Vec::new();
    if !in_force.is_empty() {
        lines.push(format!("In force now: {}.", in_force.join(", ")));
    }
    if !need_restart.is_empty() {
        lines.push(format!("Waiting for a restart: {}.", need_restart.join(", ")));
    }
    if lines.is_empty() {
        lines.push("Nothing has changed.".to_owned());
    }
    lines.join("\n")
}
