//! Conflicts and rulings as tables for people.

use jiff::Timestamp;
use muster_api::identity::{Conflict, ConflictSide, ConflictSuggestion, Decision};
use muster_model::{Evidence, EvidenceKind, Note, Ruling, Verdict};

use crate::{commands::resources::ago, output};

/// Pairs that people are asked about.
pub(super) fn conflicts(conflicts: &[Conflict]) -> String {
    let header = ["first", "second", "for", "against", "sure", "suggestion"];
    let rows = conflicts.iter().map(|conflict| {
        [
            side(&conflict.first),
            side(&conflict.second),
            conflict.evidence.iter().map(evidence).collect::<Vec<_>>().join(", "),
            against(&conflict.against),
            format!("{} %", conflict.confidence_percent),
            suggestion(conflict.suggestion).to_owned(),
        ]
    });
    output::table(header, rows)
}

/// What people have decided.
pub(super) fn rulings(rulings: &[Ruling], now: Timestamp) -> String {
    let header = ["id", "first", "verdict", "second", "by", "when", "note"];
    let rows = rulings.iter().map(|ruling| {
        let [first, second] = ruling.verdict.pair();
        [
            ruling.id.to_string(),
            first.to_string(),
            verdict(&ruling.verdict).to_owned(),
            second.to_string(),
            output::plain(&ruling.by),
            ago(ruling.at, now),
            ruling.note.as_ref().map(Note::as_str).map(output::plain).unwrap_or_default(),
        ]
    });
    output::table(header, rows)
}

/// What became of a decision.
pub(super) fn decision(decision: &Decision) -> String {
    let Decision { ruling, is_new, against: told } = decision;
    let [first, second] = ruling.verdict.pair();
    let stood = if *is_new { "" } else { " stood already" };
    let told = if told.is_empty() { String::new() } else { format!(", against {}", against(told)) };
    format!("{first} {} {second}{told}; ruling {}{stood}\n", verdict(&ruling.verdict), ruling.id)
}

fn side(side: &ConflictSide) -> String {
    format!("{} ({})", output::plain(&side.display_name), side.id)
}

fn evidence(evidence: &Evidence) -> String {
    format!("{} {}", word(evidence.kind), output::plain(&evidence.value))
}

fn against(kinds: &[EvidenceKind]) -> String {
    kinds.iter().map(|kind| word(*kind)).collect::<Vec<_>>().join(", ")
}

fn word(kind: EvidenceKind) -> String {
    <&str>::from(kind).replace('_', " ")
}

fn suggestion(suggestion: ConflictSuggestion) -> &'static str {
    match suggestion {
        ConflictSuggestion::Join => "join",
        ConflictSuggestion::Distinct => "distinct",
        ConflictSuggestion::Inside => "inside",
    }
}

fn verdict(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Same { .. } => "is",
        Verdict::Distinct { .. } => "is not",
        Verdict::Inside { .. } => "runs inside",
    }
}
