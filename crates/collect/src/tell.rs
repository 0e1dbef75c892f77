//! The lines of the log about connections: when something goes wrong, when it becomes something else, when it is over.

use tracing::{info, warn};

use crate::{Connection, Health, degradation::Notice};

/// Writes a line.
pub(crate) fn tell(notice: Notice, connection: &Connection, health: &Health) {
    let (id, name) = (connection.id, &connection.name);
    let observed = &health.observed;
    match (notice, &health.last_error) {
        (Notice::Ends, _) => info!(connection.id = %id, connection.name = ?name, "a connection works again"),
        (Notice::Begins | Notice::Changes, Some((_, failure))) => warn!(
            connection.id = %id, connection.name = ?name, category = failure.category.as_str(), error = %failure,
            "a connection fails"
        ),
        (Notice::Begins | Notice::Changes, None) => warn!(
            connection.id = %id, connection.name = ?name, issues = observed.issues.len(),
            first = ?observed.issues.first().map(|issue| &issue.message),
            "a connection cannot read everything"
        ),
    }
}
