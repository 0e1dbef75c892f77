//! What the timeline takes for known of a resource: its facets and its identity, in which a fact that nobody can tell
//! for the moment stays what it was.
//!
//! A source that is asked anew learns its facts one after the other, and forgets some while an agent inside a guest is
//! silent. Neither changes anything about the thing, so neither is told; what differs from what was known before the
//! silence is. A function of the rows alone, called once for each row that differs.

mod facets;
mod learn;

use std::{collections::BTreeSet, sync::Arc};

use muster_model::{Facet, Identity};

pub(crate) use self::facets::is_same_start;
use self::learn::{learn, learn_more};
use crate::row::{FacetEntry, Row};

/// What is known beyond what the row itself says at present.
#[derive(Debug, Default)]
pub(crate) struct Told {
    facets: Vec<FacetEntry>,
    identity: Option<Arc<Identity>>,
}

/// What a row says otherwise than was known.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct News {
    /// Kinds of facets, in the order of the row.
    pub(crate) facets: Vec<&'static str>,
    /// Whether what tells it from others differs.
    pub(crate) identity: bool,
}

impl Told {
    /// Takes a row in that follows upon another. Says what differs.
    pub(crate) fn hear(&mut self, was: &Row, is: &Row) -> News {
        let mut facets = Vec::new();
        let mut news = Vec::new();
        for entry in &is.facets {
            if alike(&is.facets, entry).nth(1).is_some() {
                if is_new_among_several(&was.facets, &is.facets, entry) {
                    news.push(entry.facet.kind().into());
                }
                continue;
            }
            // A source that begins or ceases to speak of a thing does not thereby change it.
            let known = same_facet(&self.facets, entry).or_else(|| same_facet(&was.facets, entry));
            let Some(known) = known else { continue };
            if known.facet == entry.facet || !entry.facet.kind().tells_changes() {
                continue;
            }
            let (kept, differs) = facets::settle(&known.facet, &entry.facet);
            if differs {
                news.push(entry.facet.kind().into());
            }
            if kept != *entry.facet {
                facets.push(FacetEntry { source: entry.source.clone(), facet: Arc::new(kept) });
            }
        }
        self.facets = facets;
        News { facets: news, identity: self.hear_identity(was, is) }
    }

    fn hear_identity(&mut self, was: &Row, is: &Row) -> bool {
        let remembered = self.identity.is_some();
        let known = self.identity.take().unwrap_or_else(|| Arc::clone(&was.identity));
        if known == is.identity {
            return false;
        }
        // What the system inside adds is missing while nobody inside is heard.
        let whole = is_told_from_inside(is) && (remembered || is_told_from_inside(was));
        let (mut known, mut kept) = ((*known).clone(), (*is.identity).clone());
        learn_identity(&mut known, &mut kept, whole);
        let differs = known != kept;
        self.identity = (kept != *is.identity).then(|| Arc::new(kept));
        differs
    }
}

/// Whether everybody inside who could tell something does; of what is no guest, nobody is inside.
fn is_told_from_inside(row: &Row) -> bool {
    let mut guests = row.facets.iter().filter_map(|entry| entry.facet.as_guest());
    guests.all(|guest| facets::is_told_from_inside(guest.agent))
}

/// The same source's facet of the same kind.
fn same_facet<'a>(among: &'a [FacetEntry], entry: &'a FacetEntry) -> Option<&'a FacetEntry> {
    alike(among, entry).next()
}

/// Facets of the same source and kind. There are several where a person made one of what one source lists as two.
fn alike<'a>(among: &'a [FacetEntry], entry: &'a FacetEntry) -> impl Iterator<Item = &'a FacetEntry> {
    let kind = |facet: &Facet| facet.kind();
    among.iter().filter(move |other| other.source == entry.source && kind(&other.facet) == kind(&entry.facet))
}

/// Whether one of several says something that none of them said before; nothing is remembered of them.
fn is_new_among_several(was: &[FacetEntry], is: &[FacetEntry], entry: &FacetEntry) -> bool {
    alike(was, entry).count() == alike(is, entry).count() && alike(was, entry).all(|old| old.facet != entry.facet)
}

fn learn_identity(was: &mut Identity, is: &mut Identity, whole: bool) {
    learn(&mut was.enrolment_key, &mut is.enrolment_key);
    learn(&mut was.machine_id, &mut is.machine_id);
    learn(&mut was.dmi_uuid, &mut is.dmi_uuid);
    learn(&mut was.serial, &mut is.serial);
    learn(&mut was.wwn, &mut is.wwn);
    learn(&mut was.cluster_name, &mut is.cluster_name);
    learn(&mut was.platform_key, &mut is.platform_key);
    learn_set(&mut was.hostnames, &mut is.hostnames, whole);
    learn_set(&mut was.ip_addresses, &mut is.ip_addresses, whole);
    learn_set(&mut was.mac_addresses, &mut is.mac_addresses, whole);
}

fn learn_set<T: Ord + Clone>(was: &mut BTreeSet<T>, is: &mut BTreeSet<T>, whole: bool) {
    if whole {
        learn(was, is);
    } else {
        learn_more(was, is, BTreeSet::is_subset);
    }
}
