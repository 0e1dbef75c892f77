//! Samples find their resources. Every sample of a report lands in the source's readings; of those that more than one
//! source could tell, only the strongest current source's go on to history. What the agent inside a guest says in its
//! platform's place (see [`crate::insider`]) goes on under the guest's name, and then the platform's word does not.

use std::sync::Arc;

use muster_model::{Metric, Report, ResourceId, Sample, SampleValue, SourceFreshness, SourceId};

use crate::{
    estate::{BoundSample, Estate},
    insider::Insider,
    readings::{Block, Metrics, Offer, Roster, best},
    rejected::Rejected,
    resource::{Member, Resource},
};

impl Estate {
    /// Stores a report's samples as its source's readings and answers with those that speak for their resource.
    pub(crate) fn measure(
        &mut self,
        report: &Report,
        same_roster: bool,
        rejected: &mut Vec<Rejected>,
    ) -> Vec<BoundSample> {
        let roster = self.roster(report, same_roster);
        let metrics = report.samples.iter().fold(Metrics::default(), |all, sample| all.with(sample.metric));
        let mut block = Block::new(Arc::clone(&roster), report.reported_at, metrics);
        let mut placed = Vec::with_capacity(report.samples.len());
        for (place, sample) in report.samples.iter().enumerate() {
            match put(&mut block, &roster, place, sample) {
                Ok(resource) => placed.push((resource, *sample)),
                Err(reason) => rejected.push(reason),
            }
        }
        self.keep(&report.source, block);
        self.speaking(&report.source, report.records.len(), &placed)
    }

    /// The list of a report's records with their owners; the one before where nothing moved.
    fn roster(&mut self, report: &Report, same: bool) -> Arc<Roster> {
        let registry = &self.registry;
        let source = self.sources.get_mut(&report.source).expect("the source was heard just now");
        if !same || source.roster.resources.len() != report.records.len() {
            let owners = report.records.iter().enumerate().map(|(place, record)| {
                let listed = source.listed.get(&record.key).filter(|listed| listed.place as usize == place)?;
                Some((record.key.clone(), registry.canonical(listed.resource)))
            });
            source.roster = Arc::new(Roster::new(owners));
        }
        Arc::clone(&source.roster)
    }

    fn keep(&mut self, source: &SourceId, block: Block) {
        self.readings_sequence += 1;
        let sequence = self.readings_sequence;
        let state = self.sources.get_mut(source).expect("the source was heard just now").state_mut();
        state.readings = Some(Arc::new(block));
        state.readings_sequence = sequence;
    }

    /// Of the samples of one source, those that no stronger current source has a value for. Samples of one record stand
    /// together as a rule, so its competitors are looked up once.
    fn speaking(&self, source: &SourceId, records: usize, placed: &[(ResourceId, Sample)]) -> Vec<BoundSample> {
        let mut owners: Vec<Option<Owner>> = vec![None; records];
        let mut samples = Vec::with_capacity(placed.len());
        for (resource, Sample { record, metric, value }) in placed {
            let owner = owners[*record as usize].get_or_insert_with(|| self.owner(*resource));
            if !owner.shared || self.speaks((source, *record as usize), owner.id, *metric) {
                samples.push(BoundSample { resource: owner.id, metric: *metric, value: *value });
            }
        }
        let inside = self.registry.inside();
        for guest in owners.iter().flatten().filter_map(|owner| inside.guest_of(owner.id)) {
            samples.extend(self.said_inside(source, guest));
        }
        samples
    }

    /// Today's owner of a sample.
    fn owner(&self, id: ResourceId) -> Owner {
        let Some(resource) = self.registry.get(id) else { return Owner { id, shared: false } };
        let id = resource.id;
        Owner { id, shared: resource.members.len() > 1 || self.registry.inside().host_in(id).is_some() }
    }

    /// What a source says of a guest from inside it.
    fn said_inside(&self, source: &SourceId, guest: ResourceId) -> Vec<BoundSample> {
        let insider = self.registry.get(guest).and_then(insider).filter(|insider| insider.source == *source);
        let said = insider.into_iter().flat_map(|insider| {
            Insider::METRICS.into_iter().filter_map(|metric| Some((metric, self.word_inside(insider, metric)?)))
        });
        let bound = |(metric, value)| BoundSample { resource: guest, metric, value: SampleValue::Value(value) };
        said.map(bound).collect()
    }

    fn word_inside(&self, insider: &Insider, metric: Metric) -> Option<f64> {
        let source = self.sources.get(&insider.source)?;
        let block = source.state.readings.as_ref().filter(|_| source.freshness() == SourceFreshness::Online)?;
        let place = block.place(&insider.key)?;
        insider.tell(metric, |metric| block.get(place, metric))
    }

    /// Whether the record at a place of a source's report has the word; one source may have several of one resource.
    fn speaks(&self, record: (&SourceId, usize), id: ResourceId, metric: Metric) -> bool {
        let Some(resource) = self.registry.get(id) else { return true };
        if insider(resource).is_some_and(|insider| self.word_inside(insider, metric).is_some()) {
            return false;
        }
        self.speaker(resource, metric).is_none_or(|speaker| speaker == record)
    }

    fn speaker<'a>(&'a self, resource: &'a Resource, metric: Metric) -> Option<(&'a SourceId, usize)> {
        let offers = resource.members.iter().filter_map(|member| self.offer(member, metric));
        best(offers).map(|offer| offer.from)
    }

    fn offer<'a>(&'a self, member: &'a Member, metric: Metric) -> Option<Offer<(&'a SourceId, usize)>> {
        let source = self.sources.get(&member.source)?;
        let block = source.state.readings.as_ref()?;
        let place = block.place(&member.record.key)?;
        let value = block.get(place, metric)?;
        Some(Offer { from: (&member.source, place), freshness: source.freshness(), value })
    }
}

/// Whose a sample is.
#[derive(Debug, Clone, Copy)]
struct Owner {
    id: ResourceId,
    /// Whether somebody else may have a word on it.
    shared: bool,
}

fn insider(resource: &Resource) -> Option<&Insider> {
    resource.row.as_ref()?.insider.as_deref()
}

fn put(block: &mut Block, roster: &Roster, place: usize, sample: &Sample) -> Result<ResourceId, Rejected> {
    let Sample { record, metric, value } = *sample;
    let owner = roster.resources.get(record as usize).copied().flatten();
    let resource = owner.ok_or(Rejected::UnknownRecord { place, metric, record })?;
    if matches!(value, SampleValue::Value(value) if !value.is_finite()) {
        return Err(Rejected::NotFinite { place, metric });
    }
    if !block.set(record as usize, metric, value) {
        return Err(Rejected::DuplicateSample { place, metric, record });
    }
    Ok(resource)
}
