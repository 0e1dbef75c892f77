//! Which resources a list is about.

use std::str::FromStr;

use muster_api::resource::ResourceQuery;
use muster_estate::{Row, Snapshot};
use muster_model::{ResourceId, ResourceKind, SourceId, SourceKind, Status};

use super::terms::{self, contains_lower};
use crate::{
    problem::ApiError,
    text::{list, nearest},
};

/// A filter, read from a query. An empty list asks for everything.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Filter {
    kinds: Vec<ResourceKind>,
    statuses: Vec<Status>,
    sources: Vec<SourceFilter>,
    /// Lower-case.
    text: Option<String>,
    tags: Vec<String>,
    parent: Option<ResourceId>,
}

#[derive(Debug, Clone, PartialEq)]
enum SourceFilter {
    Kind(SourceKind),
    One(SourceId),
}

impl Filter {
    /// Reads the filter; the refusal names the parameter.
    pub(crate) fn read(query: &ResourceQuery, snapshot: &Snapshot) -> Result<Self, ApiError> {
        let kinds = words("kind", query.kind.as_deref(), ResourceKind::from_input, &names(ResourceKind::ALL))?;
        let status = |word: &str| Status::from_str(&word.to_ascii_lowercase()).ok();
        Ok(Self {
            kinds,
            statuses: words("status", query.status.as_deref(), status, &names(Status::ALL))?,
            sources: words("source", query.source.as_deref(), source, &names(SourceKind::ALL))?,
            text: text(query.q.as_deref())?,
            tags: list(query.tag.as_deref().unwrap_or_default()).map(str::to_owned).collect(),
            parent: parent(query.parent.as_deref(), snapshot)?,
        })
    }

    /// Whether everything is asked for.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a resource is asked for.
    pub(crate) fn matches(&self, row: &Row) -> bool {
        let Self { kinds, statuses, sources, text, tags, parent } = self;
        (kinds.is_empty() || kinds.contains(&row.kind))
            && (statuses.is_empty() || statuses.contains(&row.status))
            && (sources.is_empty() || sources.iter().any(|source| source.reports(row)))
            && tags.iter().all(|tag| row.tags.contains(tag.as_str()))
            && parent.is_none_or(|parent| row.parent == Some(parent))
            && text.as_ref().is_none_or(|text| terms::any(row, |_, value| contains_lower(value, text)))
    }
}

impl SourceFilter {
    fn reports(&self, row: &Row) -> bool {
        match self {
            Self::Kind(kind) => row.is_reported_by(*kind),
            Self::One(id) => row.sources.iter().any(|source| source.source == *id),
        }
    }
}

fn source(word: &str) -> Option<SourceFilter> {
    if word.contains(':') {
        return word.parse().ok().map(SourceFilter::One);
    }
    SourceKind::from_input(word).map(SourceFilter::Kind)
}

fn text(q: Option<&str>) -> Result<Option<String>, ApiError> {
    let text = q.map(str::trim).filter(|text| !text.is_empty());
    text.map(terms::check_length).transpose()?;
    Ok(text.map(str::to_lowercase))
}

fn parent(text: Option<&str>, snapshot: &Snapshot) -> Result<Option<ResourceId>, ApiError> {
    let parse = |text: &str| {
        text.parse().map_err(|error: muster_model::InvalidId| ApiError::query("parent", error.to_string()))
    };
    let id: Option<ResourceId> = text.map(parse).transpose()?;
    Ok(id.map(|id| snapshot.canonical(id)))
}

/// Reads a list of words; the refusal suggests the nearest known one.
pub(crate) fn words<T>(
    field: &str,
    value: Option<&str>,
    read: impl Fn(&str) -> Option<T>,
    known: &[&str],
) -> Result<Vec<T>, ApiError> {
    list(value.unwrap_or_default())
        .map(|word| {
            read(word).ok_or_else(|| {
                let word: String = word.chars().take(80).collect();
                let hint = match nearest(&word, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("there are {}", known.join(", ")),
                };
                ApiError::query(field, format!("unknown {field} `{word}`; {hint}"))
            })
        })
        .collect()
}

/// The names of all values of an enum.
pub(crate) fn names<T: Copy + Into<&'static str>>(all: &[T]) -> Vec<&'static str> {
    all.iter().map(|value| (*value).into()).collect()
}

#[cfg(test)]
mod tests {
    use muster_model::TenantId;

    use super::*;

    fn read(query: &ResourceQuery) -> Result<Filter, ApiError> {
        Filter::read(query, &Snapshot::empty(TenantId::DEFAULT))
    }

    #[test]
    fn aliases_of_kinds_and_sources_are_read() {
        //
        let query = ResourceQuery {
            kind: Some("host, VM".into()),
            source: Some("vmware-vsphere,agent:local".into()),
            ..ResourceQuery::default()
        };
        let filter = read(&query).unwrap();
        assert_eq!(filter.kinds, [ResourceKind::Agent, ResourceKind::Vm]);
        assert_eq!(filter.sources[0], SourceFilter::Kind(SourceKind::Vmware));
        assert_eq!(filter.sources[1], SourceFilter::One(SourceId::local_agent()));
    }

    #[test]
    fn a_misspelt_word_is_refused_with_the_nearest_one() {
        let query = ResourceQuery { status: Some("onlin".into()), ..ResourceQuery::default() };
        let error = format!("{:?}", read(&query).unwrap_err());
        assert!(error.contains("did you mean `online`?") && error.contains("\"status\""), "{error}");
    }
}
