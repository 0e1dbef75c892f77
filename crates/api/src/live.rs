//! Messages of `/ws` (D-25). Every frame is one JSON text.

use std::collections::BTreeMap;

use muster_model::{Metric, ResourceId, Revision};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::resource::Resource;

/// Parameters of the `/ws` request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LiveQuery {
    /// The revision that the client already has: the server goes on from there, or sends the whole state where it no
    /// longer can.
    pub since: Option<u64>,
}

/// What the server sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ServerFrame {
    /// Everything. The first frame, unless `since` could be honoured.
    State {
        /// The state.
        state: LiveState,
    },
    /// What changed between two revisions. Applies only to a client that stands at `from`.
    Delta {
        /// The revision before.
        from: Revision,
        /// The revision after.
        to: Revision,
        /// Resources that are new or different, without readings.
        upserts: Vec<Resource>,
        /// Resources that are gone.
        removes: Vec<ResourceId>,
    },
    /// New readings of the resources that the client subscribes to.
    Readings {
        /// When they were published, in epoch milliseconds.
        at: i64,
        /// The rows.
        resources: Vec<ResourceId>,
        /// When each row was last seen, in epoch milliseconds.
        // Named here, because the API document's generator does not read `rename_all_fields`.
        #[serde(rename = "lastSeen")]
        last_seen: Vec<Option<i64>>,
        /// Per metric one value for each row; `null` means not known.
        columns: BTreeMap<Metric, Vec<Option<f64>>>,
    },
}

/// The resources at one revision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LiveState {
    /// The revision.
    pub revision: Revision,
    /// The resources, in the order of `/api/resources`.
    pub resources: Vec<Resource>,
}

/// What a client may send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ClientFrame {
    /// Says whose readings to send from now on; replaces what was said before. Nobody's at first.
    Subscribe {
        /// At most 1000 resources.
        #[serde(default)]
        resources: Vec<ResourceId>,
        /// Everybody's readings instead.
        #[serde(default)]
        all: bool,
    },
}
