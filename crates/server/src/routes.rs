//! The routes. Each handler extracts, calls one use case and maps the result; everything else is elsewhere.

pub(crate) mod account;
pub(crate) mod audit;
pub(crate) mod charts;
pub(crate) mod connections;
pub(crate) mod document;
pub(crate) mod health;
pub(crate) mod history;
pub(crate) mod identity;
pub(crate) mod infrastructure;
pub(crate) mod live;
pub(crate) mod metrics;
pub(crate) mod metrics_out;
pub(crate) mod oidc;
pub(crate) mod operations;
pub(crate) mod overview;
pub(crate) mod resources;
pub(crate) mod search;
pub(crate) mod second_factor;
pub(crate) mod session;
pub(crate) mod state;
pub(crate) mod system;
pub(crate) mod timeline;
pub(crate) mod tokens;
pub(crate) mod users;
pub(crate) mod views;

use muster_model::Scope::{AuditRead, ConnectionsWrite, InventoryRead, MetricsRead, SystemAdmin};
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
        .route(Public("it only sends the browser to the identity provider"), routes!(oidc::begin_provider_login))
        .route(Public("the provider's answer is the credential"), routes!(oidc::finish_provider_login))
        .route(SignedIn, routes!(account::get_account))
        .route(SignedIn, routes!(account::delete_other_sessions))
        .route(SignedIn, routes!(second_factor::offer_second_factor))
        .route(SignedIn, routes!(second_factor::confirm_second_factor))
        .route(SignedIn, routes!(second_factor::disable_second_factor))
        .route(SignedIn, routes!(account::list_sessions))
        .route(SignedIn, routes!(account::delete_session))
        .route(SignedIn, routes!(account::change_password))
        .route(SignedIn, routes!(views::list_views))
        .route(SignedIn, routes!(views::get_view))
        .route(SignedIn, routes!(views::create_view))
        .route(SignedIn, routes!(views::update_view))
        .route(SignedIn, routes!(views::delete_view))
        .route(Scope(InventoryRead), routes!(document::get_openapi))
        .route(Scope(InventoryRead), routes!(resources::list_resources))
        .route(Scope(InventoryRead), routes!(resources::get_resource))
        .route(Scope(InventoryRead), routes!(timeline::list_timeline))
        .route(Scope(InventoryRead), routes!(timeline::get_resource_timeline))
        .route(Scope(InventoryRead), routes!(state::get_state))
        .route(Scope(InventoryRead), routes!(overview::get_overview))
        .route(Scope(InventoryRead), routes!(search::search_resources))
        .route(Scope(InventoryRead), routes!(live::open_live_stream))
        .route(Scope(InventoryRead), routes!(system::get_system))
        .route(Scope(InventoryRead), routes!(system::list_sources))
        .route(Scope(InventoryRead), routes!(connections::list_connections))
        .route(Scope(ConnectionsWrite), routes!(connections::create_connection))
        .route(Scope(SystemAdmin), routes!(connections::probe_connection))
        .route(Scope(InventoryRead), routes!(connections::get_connection))
        .route(Scope(InventoryRead), routes!(connections::get_connection_memory))
        .route(Scope(ConnectionsWrite), routes!(connections::update_connection))
        .route(Scope(ConnectionsWrite), routes!(connections::delete_connection))
        .route(Scope(ConnectionsWrite), routes!(connections::test_connection))
        .route(Scope(InventoryRead), routes!(infrastructure::list_connected_infrastructure))
        .route(Scope(ConnectionsWrite), routes!(infrastructure::ignore_machine))
        .route(Scope(ConnectionsWrite), routes!(infrastructure::restore_machine))
        .route(Scope(InventoryRead), routes!(identity::list_conflicts))
        .route(Scope(InventoryRead), routes!(identity::list_rulings))
        .route(Scope(ConnectionsWrite), routes!(identity::join_resources))
        .route(Scope(ConnectionsWrite), routes!(identity::set_resources_apart))
        .route(Scope(ConnectionsWrite), routes!(identity::place_host_inside))
        .route(Scope(ConnectionsWrite), routes!(identity::split_resource))
        .route(Scope(ConnectionsWrite), routes!(identity::withdraw_ruling))
        .route(Scope(MetricsRead), routes!(metrics::get_history))
        .route(Scope(MetricsRead), routes!(metrics::get_sparklines))
        .route(Scope(MetricsRead), routes!(metrics_out::get_metrics))
        .route(Scope(SystemAdmin), routes!(metrics_out::get_server_metrics))
        .route(Scope(MetricsRead), routes!(charts::get_metrics_summary))
        .route(Scope(MetricsRead), routes!(charts::get_workload_charts))
        .route(Scope(MetricsRead), routes!(charts::get_infrastructure_charts))
        .route(Scope(MetricsRead), routes!(charts::get_storage_summary))
        .route(Scope(MetricsRead), routes!(history::get_history_stats))
        .route(Scope(MetricsRead), routes!(history::export_history))
        .route(Scope(SystemAdmin), routes!(history::verify_history))
        .route(Scope(SystemAdmin), routes!(history::import_history))
        .route(Scope(SystemAdmin), routes!(operations::create_backup))
        .route(Scope(SystemAdmin), routes!(operations::get_doctor_report))
        .route(Scope(SystemAdmin), routes!(operations::reload_configuration))
        .route(Scope(SystemAdmin), routes!(users::list_users))
        .route(Scope(SystemAdmin), routes!(users::create_user))
        .route(Scope(SystemAdmin), routes!(users::update_user))
        .route(Scope(SystemAdmin), routes!(users::delete_user))
        .route(Scope(SystemAdmin), routes!(users::list_user_sessions))
        .route(Scope(SystemAdmin), routes!(users::delete_user_sessions))
        .route(Scope(SystemAdmin), routes!(second_factor::reset_second_factor))
        .route(Scope(SystemAdmin), routes!(oidc::get_provider))
        .route(Scope(SystemAdmin), routes!(tokens::rotate_token))
        .route(Scope(SystemAdmin), routes!(tokens::list_tokens))
        .route(Scope(SystemAdmin), routes!(tokens::create_token))
        .route(Scope(SystemAdmin), routes!(tokens::revoke_token))
        .route(Scope(AuditRead), routes!(audit::list_audit))
        .route(Scope(AuditRead), routes!(audit::export_audit))
        .route(Scope(AuditRead), routes!(audit::get_audit_head))
        .route(Scope(AuditRead), routes!(audit::verify_audit))
}
