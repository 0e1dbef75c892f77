//! Views that users have saved: the state of a page under a name. A name is unique among a user's views of a page, and
//! one view of a page at most is the one that it opens with.
//!
//! What a view is about is the caller's affair: the page and its state are text here.

use jiff::Timestamp;
use muster_model::TenantId;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    Store, StoreError, column,
    entity::{saved_view, user_account},
};

/// The most views that a user may have of one page.
pub const MOST_VIEWS: usize = 100;

/// A view to save, or what is to stand in the place of a saved one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewBody {
    /// The name as shown; stored without outer white space.
    pub name: String,
    /// The state of the page as it stands in its address.
    pub query: String,
    /// Whether others see it.
    pub is_shared: bool,
    /// Whether the page opens with it. The one that it opened with before gives way.
    pub is_default: bool,
}

/// A view that was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// The owner's name.
    pub owner: String,
    /// Which page it is of.
    pub page: String,
    /// What it says.
    pub body: ViewBody,
    /// Grows with every change.
    pub version: u32,
    /// When it was saved first.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// Why a view was not saved.
#[derive(Debug, thiserror::Error)]
pub enum ViewSaveError {
    /// Another of the user's views of the page has the name.
    #[error("saving view {name}: you have a view of this name on this page; choose another or change that one")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// The user has as many views of the page as there may be.
    #[error("saving a view: there are {MOST_VIEWS} on this page already; delete one")]
    TooMany,
    /// There is no such view, it is somebody else's, or it was changed since.
    #[error("changing a view: it is gone, or was changed since; read it again")]
    Changed,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Debug, Clone, Copy)]
enum Outcome {
    Saved,
    NameTaken,
    TooMany,
    Changed,
}

impl crate::writer::Effect for Outcome {
    fn changed(&self) -> bool {
        match self {
            Self::Saved => true,
            Self::NameTaken | Self::TooMany | Self::Changed => false,
        }
    }
}

impl Store {
    /// Lists a user's own views and those that others share, by page and name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn view_list(&self, tenant: &TenantId, user: Uuid) -> Result<Vec<SavedView>, StoreError> {
        let seen = Condition::any().add(saved_view::Column::UserId.eq(user)).add(saved_view::Column::IsShared.eq(true));
        saved_view::Entity::find()
            .filter(saved_view::Column::TenantId.eq(tenant.as_str()))
            .filter(seen)
            .order_by_asc(saved_view::Column::Page)
            .order_by_asc(saved_view::Column::NameKey)
            .order_by_asc(saved_view::Column::Id)
            .find_also_related(user_account::Entity)
            .all(self.readers())
            .await
            .and_then(|rows| rows.into_iter().map(view_from_row).collect())
            .map_err(StoreError::while_("listing views"))
    }

    /// A view, if it is the user's own or shared.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn view_get(&self, tenant: &TenantId, user: Uuid, id: Uuid) -> Result<Option<SavedView>, StoreError> {
        let found = saved_view::Entity::find()
            .filter(is_view(tenant, id))
            .find_also_related(user_account::Entity)
            .one(self.readers())
            .await
            .and_then(|row| row.map(view_from_row).transpose())
            .map_err(StoreError::while_("reading a view"))?;
        Ok(found.filter(|view| view.user_id == user || view.body.is_shared))
    }

    /// Saves a new view of a user.
    ///
    /// # Errors
    /// When the name is taken, there are too many, or the database fails.
    pub async fn view_insert(
        &self,
        tenant: &TenantId,
        (user, id): (Uuid, Uuid),
        page: &str,
        body: &ViewBody,
        at: Timestamp,
    ) -> Result<(), ViewSaveError> {
        let row = saved_view::Model {
            tenant_id: tenant.as_str().to_owned(),
            id,
            user_id: user,
            page: column::text(page),
            name: column::text(body.name.trim()),
            name_key: column::name_key(&body.name),
            query: column::text(&body.query),
            is_shared: body.is_shared,
            is_default: body.is_default,
            version: 1,
            created_at: column::micros(at),
            updated_at: column::micros(at),
        };
        let outcome = self.write("saving a view", move |txn| Box::pin(view_insert_in_txn(txn, row))).await?;
        told(outcome, body)
    }

    /// Puts a body in the place of a user's own view, if it still has the version.
    ///
    /// # Errors
    /// When it has not, the name is taken, or the database fails.
    pub async fn view_update(
        &self,
        tenant: &TenantId,
        (user, id): (Uuid, Uuid),
        body: &ViewBody,
        version: u32,
        at: Timestamp,
    ) -> Result<(), ViewSaveError> {
        let (tenant, owned) = (tenant.clone(), body.clone());
        let outcome = self
            .write("changing a view", move |txn| {
                Box::pin(async move {
                    let own = is_view(&tenant, id).add(saved_view::Column::UserId.eq(user));
                    let own = own.add(saved_view::Column::Version.eq(i64::from(version)));
                    match saved_view::Entity::find().filter(own).one(txn).await? {
                        Some(row) => view_update_in_txn(txn, row, &owned, at).await,
                        None => Ok(Outcome::Changed),
                    }
                })
            })
            .await?;
        told(outcome, body)
    }

    /// Removes a user's own view. Says whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn view_delete(&self, tenant: &TenantId, user: Uuid, id: Uuid) -> Result<bool, StoreError> {
        let delete =
            saved_view::Entity::delete_many().filter(is_view(tenant, id)).filter(saved_view::Column::UserId.eq(user));
        let deleted = self.write("deleting a view", move |txn| Box::pin(delete.exec(txn))).await?;
        Ok(deleted.rows_affected > 0)
    }
}

async fn view_insert_in_txn(txn: &DatabaseTransaction, row: saved_view::Model) -> Result<Outcome, DbErr> {
    let siblings = siblings_in_txn(txn, &row).await?;
    if siblings.len() >= MOST_VIEWS {
        return Ok(Outcome::TooMany);
    }
    if siblings.iter().any(|other| other.name_key == row.name_key) {
        return Ok(Outcome::NameTaken);
    }
    make_way_in_txn(txn, &row).await?;
    saved_view::Entity::insert(row.into_active_model()).exec_without_returning(txn).await?;
    Ok(Outcome::Saved)
}

async fn view_update_in_txn(
    txn: &DatabaseTransaction,
    mut row: saved_view::Model,
    body: &ViewBody,
    at: Timestamp,
) -> Result<Outcome, DbErr> {
    row.name = column::text(body.name.trim());
    row.name_key = column::name_key(&body.name);
    row.query = column::text(&body.query);
    (row.is_shared, row.is_default) = (body.is_shared, body.is_default);
    (row.version, row.updated_at) = (row.version + 1, column::micros(at));
    let siblings = siblings_in_txn(txn, &row).await?;
    if siblings.iter().any(|other| other.id != row.id && other.name_key == row.name_key) {
        return Ok(Outcome::NameTaken);
    }
    make_way_in_txn(txn, &row).await?;
    row.into_active_model().reset_all().update(txn).await?;
    Ok(Outcome::Saved)
}

/// Every view that the owner of `row` has of its page.
async fn siblings_in_txn(txn: &DatabaseTransaction, row: &saved_view::Model) -> Result<Vec<saved_view::Model>, DbErr> {
    saved_view::Entity::find().filter(of_owner_and_page(row)).all(txn).await
}

/// Ends the rule of the view that the page opened with, if `row` is to take its place.
async fn make_way_in_txn(txn: &DatabaseTransaction, row: &saved_view::Model) -> Result<(), DbErr> {
    if !row.is_default {
        return Ok(());
    }
    saved_view::Entity::update_many()
        .col_expr(saved_view::Column::IsDefault, Expr::value(false))
        .filter(of_owner_and_page(row))
        .exec(txn)
        .await?;
    Ok(())
}

fn of_owner_and_page(row: &saved_view::Model) -> Condition {
    Condition::all()
        .add(saved_view::Column::TenantId.eq(row.tenant_id.as_str()))
        .add(saved_view::Column::UserId.eq(row.user_id))
        .add(saved_view::Column::Page.eq(row.page.as_str()))
}

fn is_view(tenant: &TenantId, id: Uuid) -> Condition {
    Condition::all().add(saved_view::Column::TenantId.eq(tenant.as_str())).add(saved_view::Column::Id.eq(id))
}

fn told(outcome: Outcome, body: &ViewBody) -> Result<(), ViewSaveError> {
    match outcome {
        Outcome::Saved => Ok(()),
        Outcome::NameTaken => Err(ViewSaveError::NameTaken { name: body.name.trim().to_owned() }),
        Outcome::TooMany => Err(ViewSaveError::TooMany),
        Outcome::Changed => Err(ViewSaveError::Changed),
    }
}

fn view_from_row((row, owner): (saved_view::Model, Option<user_account::Model>)) -> Result<SavedView, DbErr> {
    let saved_view::Model {
        tenant_id: _,
        id,
        user_id,
        page,
        name,
        name_key: _,
        query,
        is_shared,
        is_default,
        version,
        created_at,
        updated_at,
    } = row;
    Ok(SavedView {
        id,
        user_id,
        owner: owner.map(|owner| owner.name).unwrap_or_default(),
        page,
        body: ViewBody { name, query, is_shared, is_default },
        version: u32::try_from(version).unwrap_or(u32::MAX),
        created_at: column::time(created_at, "saved_view.created_at")?,
        updated_at: column::time(updated_at, "saved_view.updated_at")?,
    })
}
