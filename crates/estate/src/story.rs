//! How a ruling is told on the timelines of the resources that it is about: who, why, and what it means for history (D-11).
//!
//! Each of them gets one line. Where the comparison of rows has made one already, that line tells the story.

use jiff::Timestamp;
use muster_model::{ChangeKind, Note, ResourceChange, ResourceId, Ruling, Verdict};

use crate::{
    diff::{self, Context},
    rule::Word,
};

/// What is told of one ruling.
#[derive(Debug)]
pub(crate) struct Story {
    /// Such as `resource_joined`.
    change_type: &'static str,
    lines: [Line; 2],
}

/// What is told on one timeline.
#[derive(Debug)]
struct Line {
    resource: ResourceId,
    other: ResourceId,
    text: String,
}

/// Since when two that are parted were one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Together {
    /// When one absorbed the other; none where records were only taken for those of one resource.
    pub(crate) since: Option<Timestamp>,
    pub(crate) until: Timestamp,
}

impl Story {
    /// Of a ruling that was made.
    pub(crate) fn of(ruling: &Ruling) -> Self {
        let said = |text: String| format!("A person said that {text}");
        let [one, other] = texts(&ruling.verdict).map(said);
        Self::new(change_type(&ruling.verdict), ruling.verdict.pair(), [one, other], ruling.note.as_ref())
    }

    /// Of a ruling that was taken back.
    pub(crate) fn of_withdrawal(ruling: &Ruling, word: &Word) -> Self {
        let taken = |text: String| format!("A person took back that {text}");
        let [one, other] = texts(&ruling.verdict).map(taken);
        Self::new("ruling_withdrawn", ruling.verdict.pair(), [one, other], word.note.as_ref())
    }

    /// Of a resource that was taken out of another one.
    pub(crate) fn of_split([survivor, departed]: [ResourceId; 2], together: Together, word: &Word) -> Self {
        let Together { since, until } = together;
        let span = match since {
            Some(since) => format!("from {since} to {until} the two were one"),
            None => format!("until {until} the two were taken for one"),
        };
        let here = format!("A person took {departed} out of it; {span}, and what was measured then stays here");
        let there = format!("A person took it out of {survivor}; {span}, and what was measured then stays there");
        Self::new("resource_split", [survivor, departed], [here, there], word.note.as_ref())
    }

    fn new(change_type: &'static str, [one, other]: [ResourceId; 2], texts: [String; 2], note: Option<&Note>) -> Self {
        let [here, there] = texts.map(|text| match note {
            Some(note) => format!("{text}: {note}"),
            None => text,
        });
        let lines = [Line { resource: one, other, text: here }, Line { resource: other, other: one, text: there }];
        Self { change_type, lines }
    }

    /// Tells it, in lines that are there already or in new ones.
    pub(crate) fn tell(&self, context: &Context<'_>, changes: &mut Vec<ResourceChange>) {
        for Line { resource, other, text } in &self.lines {
            let place = changes.iter().position(|change| change.resource_id == *resource).unwrap_or_else(|| {
                changes.push(diff::blank(context, *resource, ChangeKind::RelationshipChange));
                changes.len() - 1
            });
            let change = &mut changes[place];
            change.reason = Some(text.clone());
            change.related_resources = vec![*other];
            change.metadata.entry("changeType".into()).or_insert_with(|| self.change_type.into());
        }
    }
}

fn change_type(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Same { .. } => "resource_joined",
        Verdict::Distinct { .. } => "resources_set_apart",
        Verdict::Inside { .. } => "resource_placed_inside",
    }
}

/// What a verdict says of each of its two, in its order.
fn texts(verdict: &Verdict) -> [String; 2] {
    match verdict {
        Verdict::Same { survivor, absorbed } => {
            [format!("{absorbed} is the same thing"), format!("it is the same thing as {survivor}")]
        }
        Verdict::Distinct { first, second } if first.kind() == second.kind() => {
            [format!("it is not the same thing as {second}"), format!("it is not the same thing as {first}")]
        }
        Verdict::Distinct { first, second } => [
            format!("it and {second} are not one inside the other"),
            format!("it and {first} are not one inside the other"),
        ],
        Verdict::Inside { host, guest } => {
            [format!("it runs inside {guest}"), format!("{host} is the system inside it")]
        }
    }
}
