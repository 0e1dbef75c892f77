//! Machines of which one connection is ignored. The engine reads them before it hears anybody, so that whoever is
//! ignored stays so across a restart.

use muster_model::{IgnorableKind, IgnoredMachine, TenantId};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};

use crate::{Store, StoreError, column, entity::ignored_machine, writer::Effect};

/// What became of a wish to ignore a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ignoring {
    /// It is ignored from now on.
    Begun,
    /// It was ignored before, and nothing was changed.
    Already(IgnoredMachine),
}

impl Effect for Ignoring {
    fn changed(&self) -> bool {
        match self {
            Self::Begun => true,
            Self::Already(_) => false,
        }
    }
}

impl Store {
    /// Lists what a tenant ignores, by kind and control id.
    ///
    /// # Errors
    /// When the database fails, or a row was written by a program that knows other kinds.
    pub async fn ignored_list(&self, tenant: &TenantId) -> Result<Vec<IgnoredMachine>, StoreError> {
        use ignored_machine::Column;
        ignored_machine::Entity::find()
            .filter(Column::TenantId.eq(tenant.as_str()))
            .order_by_asc(Column::Kind)
            .order_by_asc(Column::ControlId)
            .all(self.readers())
            .await
            .and_then(|rows| rows.into_iter().map(from_row).collect())
            .map_err(StoreError::while_("listing what is ignored"))
    }

    /// Notes that a machine is ignored from now on, unless it is already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ignored_insert(&self, tenant: &TenantId, machine: &IgnoredMachine) -> Result<Ignoring, StoreError> {
        let row = row_of(tenant, machine);
        self.write("ignoring a machine", move |txn| Box::pin(insert_in_txn(txn, row))).await
    }

    /// Notes that a machine is ignored no more. Says which it was, if it was ignored.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ignored_delete(
        &self,
        tenant: &TenantId,
        kind: IgnorableKind,
        control_id: &str,
    ) -> Result<Option<IgnoredMachine>, StoreError> {
        let named = is_named(tenant.as_str(), kind.as_str(), &column::text(control_id));
        self.write("restoring a machine", move |txn| Box::pin(delete_in_txn(txn, named))).await
    }
}

async fn insert_in_txn(txn: &DatabaseTransaction, row: ignored_machine::Model) -> Result<Ignoring, DbErr> {
    let named = is_named(&row.tenant_id, &row.kind, &row.control_id);
    if let Some(there) = ignored_machine::Entity::find().filter(named).one(txn).await? {
        return Ok(Ignoring::Already(from_row(there)?));
    }
    ignored_machine::Entity::insert(row.into_active_model()).exec_without_returning(txn).await?;
    Ok(Ignoring::Begun)
}

async fn delete_in_txn(txn: &DatabaseTransaction, named: Condition) -> Result<Option<IgnoredMachine>, DbErr> {
    let there = ignored_machine::Entity::find().filter(named.clone()).one(txn).await?;
    ignored_machine::Entity::delete_many().filter(named).exec(txn).await?;
    there.map(from_row).transpose()
}

fn is_named(tenant: &str, kind: &str, control_id: &str) -> Condition {
    use ignored_machine::Column;
    Condition::all().add(Column::TenantId.eq(tenant)).add(Column::Kind.eq(kind)).add(Column::ControlId.eq(control_id))
}

fn row_of(tenant: &TenantId, machine: &IgnoredMachine) -> ignored_machine::Model {
    let IgnoredMachine { kind, control_id, source, name, hostname, resource, ignored_at, ignored_by } = machine;
    ignored_machine::Model {
        tenant_id: tenant.as_str().to_owned(),
        kind: kind.as_str().to_owned(),
        control_id: column::text(control_id),
        source: column::text(&source.to_string()),
        name: column::text(name),
        hostname: hostname.as_deref().map(column::text),
        resource_id: resource.to_string(),
        ignored_at: column::micros(*ignored_at),
        ignored_by: column::text(ignored_by),
    }
}

fn from_row(row: ignored_machine::Model) -> Result<IgnoredMachine, DbErr> {
    let ignored_machine::Model {
        tenant_id: _,
        kind,
        control_id,
        source,
        name,
        hostname,
        resource_id,
        ignored_at,
        ignored_by,
    } = row;
    Ok(IgnoredMachine {
        kind: column::parse(&kind, "ignored_machine.kind")?,
        control_id,
        source: column::parse(&source, "ignored_machine.source")?,
        name,
        hostname,
        resource: column::parse(&resource_id, "ignored_machine.resource_id")?,
        ignored_at: column::time(ignored_at, "ignored_machine.ignored_at")?,
        ignored_by,
    })
}
