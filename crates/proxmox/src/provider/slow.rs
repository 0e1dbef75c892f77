//! The lane of what hardly ever changes: definitions of storages, subscriptions, updates that wait.

use jiff::Timestamp;
use smol_str::SmolStr;

use super::{
    Pve,
    api::{List, Refused},
    sweep::{FEW, Outcome, each_node},
};

/// Reads all of it.
pub(super) async fn look(pve: &Pve, _due: Timestamp) -> Vec<(SmolStr, Refused)> {
    let mut refused = Vec::new();
    if let Some(why) = storage_config(pve).await.unwrap_or_else(Some) {
        refused.push((SmolStr::new_static("storage definitions"), why));
    }
    let nodes = pve.state().nodes_online().into_iter().map(|node| (node, ())).collect();
    refused.extend(each_node(nodes, FEW, |node, ()| async move { node_facts(pve, &node).await }).await);
    refused
}

/// Reads how storages are defined. What could not be read of it comes back.
pub(super) async fn storage_config(pve: &Pve) -> Result<Option<Refused>, Refused> {
    let List { rows, odd } = pve.api.storage_config().await?;
    pve.state().storage_config = rows.into_iter().map(|row| (row.storage.clone(), row)).collect();
    Ok(odd)
}

async fn node_facts(pve: &Pve, name: &SmolStr) -> Outcome {
    let subscription = match pve.api.subscription(name).await {
        Ok(subscription) => Some(subscription),
        Err(refused) if refused.is_node_away() => return Outcome::NodeAway(refused),
        Err(_) => None,
    };
    // Reading the list needs a right far beyond reading, which most do not grant: no issue of ours.
    let updates = pve.api.updates(name).await.ok().map(|list| u32::try_from(list.rows.len()).unwrap_or(u32::MAX));
    if let Some(node) = pve.state().nodes.get_mut(name) {
        node.subscription = subscription.or(node.subscription.take());
        node.updates = updates;
    }
    Outcome::Done
}
