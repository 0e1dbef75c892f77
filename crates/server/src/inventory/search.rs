//! The search: every word must occur somewhere, and what people meant most likely comes first. Pure.
//!
//! A whole address or name beats a beginning, a beginning beats a part, and a name beats everything else of its rank.
//! One pass over the rows keeps the best hits only, so that ten thousand rows take a few milliseconds.

use std::collections::BTreeSet;

use muster_api::search::{SearchField, SearchHit, SearchResults};
use muster_estate::{Row, Snapshot};

use super::terms::{self, contains_lower};

/// A hardware address has twelve digits; with fewer than six, a word is taken for a name.
const MAC_DIGITS: std::ops::RangeInclusive<usize> = 6..=12;

/// The words to look for, in lower case.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Words(Vec<Word>);

#[derive(Debug, PartialEq, Eq)]
struct Word {
    text: String,
    /// The digits alone, where it may be a hardware address.
    mac: Option<String>,
}

/// How well a text matches a word; the least is best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Whole,
    Begins,
    Contains,
}

/// How well a row matches: by the fit of its first word, where, and by the length of its name.
type Rank = (Fit, SearchField, usize);

impl Words {
    /// Takes a text apart. Nothing but white space has no words.
    pub(crate) fn read(text: &str) -> Self {
        Self(text.split_whitespace().map(Word::read).collect())
    }

    /// The best `limit` hits of a snapshot.
    pub(crate) fn search(&self, snapshot: &Snapshot, limit: usize) -> SearchResults {
        let mut best = BTreeSet::new();
        let mut total = 0_u32;
        for (place, row) in snapshot.rows().iter().enumerate() {
            let Some((rank, value)) = self.rank(row) else { continue };
            total = total.saturating_add(1);
            best.insert((rank, place, value));
            if best.len() > limit {
                best.pop_last();
            }
        }
        let hits = best.into_iter().map(|((_, field, _), place, value)| {
            let row = &snapshot.rows()[place];
            hit(snapshot, row, field, value)
        });
        SearchResults { hits: hits.collect(), total, revision: snapshot.revision() }
    }

    fn rank(&self, row: &Row) -> Option<(Rank, String)> {
        let (first, others) = self.0.split_first()?;
        let occurs = |word: &Word| terms::any(row, |field, text| word.fit(field, text).is_some());
        if !others.iter().all(occurs) {
            return None;
        }
        let mut best: Option<(Fit, SearchField, String)> = None;
        terms::any(row, |field, text| {
            if let Some(fit) = first.fit(field, text)
                && best.as_ref().is_none_or(|(known, at, _)| (fit, field) < (*known, *at))
            {
                best = Some((fit, field, text.to_owned()));
            }
            false
        });
        best.map(|(fit, field, text)| ((fit, field, row.display_name.len()), text))
    }
}

impl Word {
    fn read(word: &str) -> Self {
        let text = word.to_lowercase();
        let digits: String = text.chars().filter(|c| !matches!(c, ':' | '-' | '.')).collect();
        let is_mac = MAC_DIGITS.contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_hexdigit());
        Self { text, mac: is_mac.then_some(digits) }
    }

    fn fit(&self, field: SearchField, text: &str) -> Option<Fit> {
        match (&self.mac, field) {
            (Some(digits), SearchField::Mac) => fit(&text.replace(':', ""), digits),
            _ => fit(text, &self.text),
        }
    }
}

fn fit(text: &str, lower: &str) -> Option<Fit> {
    if !contains_lower(text, lower) {
        return None;
    }
    let begins = text.get(..lower.len()).is_some_and(|start| contains_lower(start, lower));
    Some(match (begins, text.len() == lower.len()) {
        (true, true) => Fit::Whole,
        (true, false) => Fit::Begins,
        (false, _) => Fit::Contains,
    })
}

fn hit(snapshot: &Snapshot, row: &Row, field: SearchField, value: String) -> SearchHit {
    SearchHit {
        id: row.id,
        name: row.display_name.clone(),
        kind: row.kind,
        status: row.status,
        parent_name: terms::parent(snapshot, row).map(|parent| parent.display_name.clone()),
        field,
        value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, field: SearchField, text: &str, expected: Option<Fit>) {
        assert_eq!(Word::read(word).fit(field, text), expected, "{word} in {text}");
    }

    #[test]
    fn the_whole_beats_a_beginning_beats_a_part() {
        check("web1", SearchField::Name, "WEB1", Some(Fit::Whole));
        check("web", SearchField::Name, "web1", Some(Fit::Begins));
        check("web", SearchField::Name, "proxy-for-web", Some(Fit::Contains));
        check("web", SearchField::Name, "db", None);
        check("größe", SearchField::Name, "Größe", Some(Fit::Whole));
        assert!(Fit::Whole < Fit::Begins && Fit::Begins < Fit::Contains);
    }

    #[test]
    fn a_hardware_address_is_found_however_it_is_written() {
        for word in ["52:54:00:12:34:56", "52-54-00-12-34-56", "5254.0012.3456", "525400123456", "525400"] {
            assert!(Word::read(word).fit(SearchField::Mac, "52:54:00:12:34:56").is_some(), "{word}");
        }
        check("5254", SearchField::Mac, "52:54:00:12:34:56", None);
        check("facade", SearchField::Name, "facade", Some(Fit::Whole));
    }

    #[test]
    fn white_space_is_no_word() {
        assert_eq!(Words::read(" \t "), Words(vec![]));
    }
}
