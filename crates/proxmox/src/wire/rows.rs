//! Lists, row by row: one odd row is left out, counted and named, and does not lose the others.

use std::{fmt, marker::PhantomData, ops::Deref};

use muster_model::{Issue, IssueClass};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::json;

/// How much is told of the first odd row, in characters.
const MOST_TOLD: usize = 200;

/// The rows of a list that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rows<T> {
    /// In the order of the answer.
    pub(crate) rows: Vec<T>,
    /// How many rows could not be read.
    pub(crate) odd: u32,
    /// What was wrong with the first of those.
    pub(crate) first_odd: Option<String>,
}

impl<T> Rows<T> {
    /// The odd rows as an issue of a part of our work; absent where there were none. `what` names the rows, for people.
    pub(crate) fn issue(&self, section: &str, what: &str) -> Option<Issue> {
        let why = self.first_odd.as_deref()?;
        let message = format!("{} of {what} could not be read and were left out; the first: {why}", self.odd);
        Some(Issue { class: IssueClass::Malformed, section: section.to_owned(), message })
    }

    fn odd(&mut self, why: &dyn fmt::Display) {
        self.odd = self.odd.saturating_add(1);
        self.first_odd.get_or_insert_with(|| why.to_string().chars().take(MOST_TOLD).collect());
    }
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), odd: 0, first_odd: None }
    }
}

impl<T> Deref for Rows<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.rows
    }
}

impl<T> IntoIterator for Rows<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Rows<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows.iter()
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Rows<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RowsVisitor(PhantomData))
    }
}

struct RowsVisitor<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for RowsVisitor<T> {
    type Value = Rows<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Rows<T>, A::Error> {
        let mut rows = Rows::default();
        while let Some(raw) = list.next_element::<&RawValue>()? {
            match json::read(raw.get()) {
                Ok(row) => rows.rows.push(row),
                Err(why) => rows.odd(&why),
            }
        }
        Ok(rows)
    }

    /// An empty hash and an empty list are easily mistaken for each other where the answer is made.
    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Rows<T>, A::Error> {
        let mut rows = Rows::default();
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            rows.odd(&"an object where a list was expected");
        }
        Ok(rows)
    }

    fn visit_unit<E>(self) -> Result<Rows<T>, E> {
        Ok(Rows::default())
    }
}
