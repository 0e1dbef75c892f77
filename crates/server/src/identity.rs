//! Who is who, between the wire and the estate: orders from requests, refusals as problems, conflicts as they are shown.
//!
//! What may be ruled is the estate's question; here nothing is decided.

use std::time::Duration;

use muster_api::{
    ProblemCode,
    identity::{Conflict, ConflictKind, ConflictSide, ConflictSuggestion, Decision},
};
use muster_engine::{RuleError, SubmitError};
use muster_estate::{Leaving, Order, Refusal, Row, Snapshot, Wish};
use muster_model::{Note, RecordRef, ResourceId, RulingId};

use crate::{app::App, auth::caller::Caller, inventory::resource::percent, problem::ApiError};

/// Has the engine carry an order out. None where it is decided and shown, and could not be stored yet.
pub(crate) async fn rule(
    app: &App,
    caller: &Caller,
    wish: &Wish,
    note: Option<&str>,
) -> Result<Option<Decision>, ApiError> {
    let note = note.map(Note::new).transpose();
    let note = note.map_err(|error| ApiError::field(ProblemCode::InvalidValue, "/note", error.to_string()))?;
    let order = Order { id: RulingId(app.new_id()), by: caller.actor(), note, wish: wish.clone() };
    match app.engine().rule(&caller.tenant, order).await {
        Ok(muster_engine::Decision { ruling, is_new, against }) => Ok(Some(Decision { ruling, is_new, against })),
        Err(RuleError::Submit(SubmitError::NotDurable)) => Ok(None),
        Err(RuleError::Refused(refusal)) => Err(refused(&refusal, wish)),
        Err(RuleError::Submit(error)) => Err(not_handed_in(error)),
    }
}

/// The answer where an order is carried out and could not be stored yet.
pub(crate) fn not_stored() -> ApiError {
    not_handed_in(SubmitError::NotDurable)
}

/// A refusal with the field that is at fault.
fn refused(refusal: &Refusal, wish: &Wish) -> ApiError {
    use Refusal as R;
    let message = refusal.to_string();
    let at = |code, field: &str| ApiError::field(code, field, message.clone());
    let [one, other] = fields(wish);
    match refusal {
        R::UnknownResource { id } => {
            at(ProblemCode::ResourceNotFound, if first(wish) == Some(*id) { one } else { other })
        }
        R::UnknownRuling { .. } => ApiError::not_found("ruling"),
        R::AlreadyOne { .. } => at(ProblemCode::RulingConflict, other),
        R::Standing { .. } | R::NeedsSplit { .. } | R::TooMany { .. } => {
            ApiError::new(ProblemCode::RulingConflict, format!("{message}."))
        }
        R::DifferentKinds { .. } | R::KindNotJoined { .. } | R::NotHostAndGuest | R::Ancestor { .. } => {
            at(ProblemCode::InvalidValue, other)
        }
        R::NotFormer { .. } | R::NothingRemembered { .. } => at(ProblemCode::InvalidValue, "/formerId"),
        R::NotItsRecord { record, .. } => {
            let place = records(wish).iter().position(|named| named == record).unwrap_or_default();
            at(ProblemCode::InvalidValue, &format!("/records/{place}"))
        }
        R::NoRecord | R::NothingStays { .. } | R::SeveralFormers { .. } => at(ProblemCode::InvalidValue, "/records"),
    }
}

/// How a request calls the two that it is about, as JSON pointers, or the one in its path.
fn fields(wish: &Wish) -> [&'static str; 2] {
    match wish {
        Wish::Join { .. } | Wish::SetApart { .. } => ["/first", "/second"],
        Wish::PlaceInside { .. } => ["/host", "/guest"],
        Wish::Split { .. } | Wish::Withdraw { .. } => ["id", "id"],
    }
}

/// The first id of a pair, to tell which of the two is unknown.
fn first(wish: &Wish) -> Option<ResourceId> {
    match wish {
        Wish::Join { first: id, .. } | Wish::SetApart { first: id, .. } | Wish::PlaceInside { host: id, .. } => {
            Some(*id)
        }
        Wish::Split { .. } | Wish::Withdraw { .. } => None,
    }
}

fn records(wish: &Wish) -> &[RecordRef] {
    match wish {
        Wish::Split { leaving: Leaving::Records(records), .. } => records,
        Wish::Split { leaving: Leaving::Former(_), .. }
        | Wish::Join { .. }
        | Wish::SetApart { .. }
        | Wish::PlaceInside { .. }
        | Wish::Withdraw { .. } => &[],
    }
}

fn not_handed_in(error: SubmitError) -> ApiError {
    let later = |code, detail: &str| ApiError::new(code, detail).retry_after(Duration::from_secs(1));
    match error {
        SubmitError::Busy => later(ProblemCode::Unavailable, "The server is busy just now; try again."),
        SubmitError::ShuttingDown => later(ProblemCode::Unavailable, "This server is stopping; ask again soon."),
        SubmitError::NotDurable => later(
            ProblemCode::StorageUnavailable,
            "It is decided and shown, and is stored as soon as the database takes writes again; `GET /api/rulings` \
             shows what stands.",
        ),
        SubmitError::Ignored => ApiError::internal(error),
    }
}

/// A conflict as it is shown; none where one of the two has left meanwhile.
pub(crate) fn shown(snapshot: &Snapshot, conflict: &muster_estate::Conflict) -> Option<Conflict> {
    let muster_estate::Conflict { kind, first, second, evidence, confidence, against } = conflict;
    let (kind, suggestion) = match kind {
        muster_estate::ConflictKind::Same if against.is_empty() => (ConflictKind::Same, ConflictSuggestion::Join),
        muster_estate::ConflictKind::Same => (ConflictKind::Same, ConflictSuggestion::Distinct),
        muster_estate::ConflictKind::Inside if against.is_empty() => (ConflictKind::Inside, ConflictSuggestion::Inside),
        muster_estate::ConflictKind::Inside => (ConflictKind::Inside, ConflictSuggestion::Distinct),
    };
    Some(Conflict {
        kind,
        first: side(snapshot, snapshot.get(*first)?),
        second: side(snapshot, snapshot.get(*second)?),
        evidence: evidence.clone(),
        against: against.clone(),
        confidence_percent: percent(*confidence),
        suggestion,
    })
}

fn side(snapshot: &Snapshot, row: &Row) -> ConflictSide {
    ConflictSide {
        id: row.id,
        kind: row.kind,
        display_name: row.display_name.clone(),
        parent_name: row.parent.and_then(|id| snapshot.get(id)).map(|parent| parent.display_name.clone()),
        status: row.status,
        sources: row.sources.iter().map(|part| part.source.clone()).collect(),
    }
}
