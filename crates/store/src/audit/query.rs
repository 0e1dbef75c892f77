//! Which rows of the audit log.

use jiff::Timestamp;
use muster_model::TenantId;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{BinOper, Expr, ExprTrait, Func, LikeExpr},
};
use uuid::Uuid;

use super::{AuditRecord, AuditStream};
use crate::{column, entity::audit_entry};

/// A row's place in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditCursor {
    /// Its time.
    pub at: Timestamp,
    /// Its id, which orders rows of one moment.
    pub id: Uuid,
}

impl From<&AuditRecord> for AuditCursor {
    fn from(record: &AuditRecord) -> Self {
        Self { at: record.entry.at, id: record.entry.id }
    }
}

/// Which outcomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutcomeFilter {
    /// What was done.
    Done,
    /// What was refused, for whatever reason.
    Refused,
    /// What was refused with this problem code.
    Code(String),
}

/// Which rows: those that every given filter lets through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditQuery {
    /// Only this stream.
    pub stream: Option<AuditStream>,
    /// Only by this actor, such as `user:anna`.
    pub actor: Option<String>,
    /// Only this action, or all of a group: `token` stands for `token.create` too.
    pub action: Option<String>,
    /// Only on this target.
    pub target: Option<String>,
    /// Only with this outcome.
    pub outcome: Option<OutcomeFilter>,
    /// Only from this time on.
    pub from: Option<Timestamp>,
    /// Only before this time.
    pub to: Option<Timestamp>,
    /// Only rows that contain this in any text, whatever its case. On SQLite, letters beyond ASCII are found as they are
    /// given and in lower case.
    pub text: Option<String>,
    /// Only rows behind this one in the list.
    pub before: Option<AuditCursor>,
    /// At most so many.
    pub limit: u32,
}

impl AuditQuery {
    /// The newest rows.
    pub fn newest(limit: u32) -> Self {
        Self {
            stream: None,
            actor: None,
            action: None,
            target: None,
            outcome: None,
            from: None,
            to: None,
            text: None,
            before: None,
            limit,
        }
    }

    pub(super) fn select(&self, tenant: &TenantId) -> Select<audit_entry::Entity> {
        use audit_entry::Column;
        let Self { stream, actor, action, target, outcome, from, to, text, before, limit } = self;
        let place = || Expr::tuple([Expr::col(Column::At), Expr::col(Column::Id)]);
        let before = before
            .map(|before| place().lt(Expr::tuple([Expr::value(column::micros(before.at)), Expr::value(before.id)])));
        let filter = Condition::all()
            .add(Column::TenantId.eq(tenant.as_str()))
            .add_option(stream.map(|stream| Column::Stream.eq(stream.as_str())))
            .add_option(actor.as_deref().map(|actor| Column::Actor.eq(actor)))
            .add_option(action.as_deref().map(of_action))
            .add_option(target.as_deref().map(|target| Column::Target.eq(target)))
            .add_option(outcome.as_ref().map(of_outcome))
            .add_option(from.map(|from| Column::At.gte(column::micros(from))))
            .add_option(to.map(|to| Column::At.lt(column::micros(to))))
            .add_option(text.as_deref().map(containing))
            .add_option(before);
        audit_entry::Entity::find()
            .filter(filter)
            .order_by_desc(Column::At)
            .order_by_desc(Column::Id)
            .limit(u64::from(*limit))
    }
}

fn of_action(action: &str) -> Condition {
    use audit_entry::Column;
    let group = LikeExpr::new(format!("{}.%", literal(action))).escape(ESCAPE);
    Condition::any().add(Column::Action.eq(action)).add(Expr::col(Column::Action).like(group))
}

fn of_outcome(outcome: &OutcomeFilter) -> Expr {
    use audit_entry::Column;
    match outcome {
        OutcomeFilter::Done => Column::Outcome.eq("ok"),
        OutcomeFilter::Refused => Column::Outcome.ne("ok"),
        OutcomeFilter::Code(code) => Column::Outcome.eq(code.as_str()),
    }
}

fn containing(text: &str) -> Condition {
    use audit_entry::Column as C;
    // Both sides are lowered by the database. SQLite lowers no letter beyond ASCII: such text is looked for in lower case,
    // too.
    let lowered = Some(text.to_lowercase()).filter(|lowered| !text.is_ascii() && lowered != text);
    let patterns: Vec<_> =
        std::iter::once(text.to_owned()).chain(lowered).map(|text| format!("%{}%", literal(&text))).collect();
    let columns = [C::Actor, C::Action, C::Target, C::Outcome, C::RemoteAddr, C::RequestId, C::Detail];
    let contains = |column: C, pattern: &String| {
        let pattern = Expr::expr(Func::lower(Expr::val(pattern.as_str())));
        let escaped = pattern.binary(BinOper::Escape, Expr::Constant(ESCAPE.into()));
        Expr::expr(Func::lower(Expr::col(column))).binary(BinOper::Like, escaped)
    };
    let each = columns.iter().flat_map(|column| patterns.iter().map(move |pattern| contains(*column, pattern)));
    each.fold(Condition::any(), Condition::add)
}

const ESCAPE: char = '\\';

/// A text in which no character has a meaning of its own.
fn literal(text: &str) -> String {
    text.replace(ESCAPE, "\\\\").replace('%', "\\%").replace('_', "\\_")
}
