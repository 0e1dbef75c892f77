//! Views that people save: the state of a page under a name.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;
use utoipa::ToSchema;
use uuid::Uuid;

/// A page of the web application of which views can be saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ViewPage {
    /// Hosts and what belongs to them.
    Infrastructure,
    /// What runs.
    Workloads,
    /// What holds data.
    Storage,
    /// Charts.
    Charts,
    /// What happened.
    Timeline,
    /// Who did what.
    Audit,
}

impl ViewPage {
    /// The page's name on the wire.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A view that was saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct View {
    /// Its id.
    pub id: Uuid,
    /// Which page it is of.
    pub page: ViewPage,
    /// What it is called.
    pub name: String,
    /// The state of the page as it stands in its address, without the question mark.
    pub query: String,
    /// Whether others see it.
    pub shared: bool,
    /// Whether the page opens with it for its owner.
    pub default: bool,
    /// Its owner's name.
    pub owner: String,
    /// Whether it is the caller's own; others can look at a view and do no more.
    pub own: bool,
    /// Grows with every change; a change names the one that it is based on.
    pub version: u32,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// A view to save.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewView {
    /// Which page it is of.
    pub page: ViewPage,
    /// 1 to 64 characters, unlike any other of the caller's views of the page.
    pub name: String,
    /// The state of the page as it stands in its address, without the question mark; at most 2000 characters.
    pub query: String,
    /// Whether others see it.
    #[serde(default)]
    pub shared: bool,
    /// Whether the page opens with it. The view that it opened with before gives way.
    #[serde(default)]
    pub default: bool,
}

/// What is to stand in the place of a view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ViewChange {
    /// 1 to 64 characters, unlike any other of the caller's views of the page.
    pub name: String,
    /// The state of the page as it stands in its address, without the question mark; at most 2000 characters.
    pub query: String,
    /// Whether others see it.
    pub shared: bool,
    /// Whether the page opens with it.
    pub default: bool,
    /// The version that the change is based on.
    pub version: u32,
}
