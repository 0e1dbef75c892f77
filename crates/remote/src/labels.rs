//! The labels that name our series at the remote store.
//!
//! What a metric is called there is [`Metric::exposition_name`](muster_model::Metric::exposition_name), as in exports.

/// The label that holds the series' name.
pub(crate) const NAME_LABEL: &str = "__name__";

/// The label that holds the resource's id.
pub(crate) const RESOURCE_LABEL: &str = "resource";

/// The label that holds the tenant's id.
pub(crate) const TENANT_LABEL: &str = "tenant";
