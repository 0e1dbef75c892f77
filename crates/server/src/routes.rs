//! The routes. Each handler extracts, calls one use case and maps the result; everything else is elsewhere.

pub(crate) mod account;
pub(crate) mod audit;
pub(crate) mod charts;
pub(crate) mod document;
pub(crate) mod health;
pub(crate) mod history;
pub(crate) mod live;
pub(crate) mod metrics;
pub(crate) mod resources;
pub(crate) mod session;
pub(crate) mod state;
pub(crate) mod system;
pub(crate) mod timeline;
pub(crate) mod tokens;
pub(crate) mod users;

use muster_model::Scope::{AuditRead, InventoryRead, MetricsRead, SystemAdmin};
use utoipa_axum::routes;

use crate::router::{
    Api,
    Policy::{Public, Scope, SignedIn},
};

/// Every route with its policy.
pub(crate) fn table() -> Api {
    Api::default()
        .route(Public("a supervisor asks whether the process runs"), routes!(health::get_health))
        .route(Public("a supervisor asks whether to send traffic"), routes!(health::get_readiness))
        .route(Public("the application asks whether to show the login page"), routes!(session::get_session))
        .route(Public("the set-up token is the credential"), routes!(session::set_up))
        .route(Public("the password is the credential"), routes!(session::log_in))
        .route(SignedIn, routes!(session::log_out))
        .route(SignedIn, routes!(account::list_sessions))
        .route(SignedIn, routes!(account::delete_session))
        .route(SignedIn, routes!(account::change_password))
        .route(Scope(InventoryRead), routes!(document::get_openapi))
        .route(Scope(InventoryRead), routes!(resources::list_resources))
        .route(Scope(InventoryRead), routes!(resources::get_resource))
        .route(Scope(InventoryRead), routes!(timeline::list_timeline))
        .route(Scope(InventoryRead), routes!(timeline::get_resource_timeline))
        .route(Scope(InventoryRead), routes!(state::get_state))
        .route(Scope(InventoryRead), routes!(live::open_live_stream))
        .route(Scope(InventoryRead), routes!(system::get_system))
        .route(Scope(InventoryRead), routes!(system::list_sources))
        .route(Scope(MetricsRead), routes!(metrics::get_history))
        .route(Scope(MetricsRead), routes!(metrics::get_sparklines))
        .route(Scope(MetricsRead), routes!(charts::get_metrics_summary))
        .route(Scope(MetricsRead), routes!(charts::get_workload_charts))
        .route(Scope(MetricsRead), routes!(charts::get_infrastructure_charts))
        .route(Scope(MetricsRead), routes!(charts::get_storage_summary))
        .route(Scope(MetricsRead), routes!(history::get_history_stats))
        .route(Scope(MetricsRead), routes!(history::export_history))
        .route(Scope(SystemAdmin), routes!(history::verify_history))
        .route(Scope(SystemAdmin), routes!(history::import_history))
        .route(Scope(SystemAdmin), routes!(users::list_users))
        .route(Scope(SystemAdmin), routes!(users::create_user))
        .route(Scope(SystemAdmin), routes!(users::update_user))
        .route(Scope(SystemAdmin), routes!(users::delete_user))
        .route(Scope(SystemAdmin), routes!(tokens::list_tokens))
        .route(Scope(SystemAdmin), routes!(tokens::create_token))
        .route(Scope(SystemAdmin), routes!(tokens::revoke_token))
        .route(Scope(AuditRead), routes!(audit::list_audit))
}
