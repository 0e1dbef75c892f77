// Why this is one resource: its ids, and the evidence on which sightings of several sources were taken for one.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { resourceQuery } from '~/api/queries';
import type { Resource, ResourceSource } from '~/api/types';
import { Age } from '~/components/Age';
import { Facts, type Fact } from '~/components/Facts';
import { Panel } from '~/components/Panel';
import { useSourceName } from '~/components/sourceNames';
import { formatTime, toMillis } from '~/format/time';
import { EVIDENCE } from '~/strings/labels';
import { RULED } from '../identity/rulings';
import classes from './ResourceView.module.css';

const SplitButton = lazy(async () => ({ default: (await import('../identity/SplitButton')).SplitButton }));

function identityFacts({ id, canonicalIdentity, identity, firstSeenAt, changedAt, revision }: Resource): Fact[] {
  return [
    { term: 'Id', value: <code>{id}</code> },
    { term: 'Strongest id', value: <code>{canonicalIdentity.primaryId}</code> },
    { term: 'Former ids', value: canonicalIdentity.aliases.join(', ') },
    { term: 'Machine id', value: identity.machineId && <code>{identity.machineId}</code> },
    { term: 'SMBIOS UUID', value: identity.dmiUuid && <code>{identity.dmiUuid}</code> },
    { term: 'Serial number', value: identity.serial && <code>{identity.serial}</code> },
    { term: 'World-wide name', value: identity.wwn && <code>{identity.wwn}</code> },
    { term: 'Cluster', value: identity.clusterName },
    { term: 'Host names', value: identity.hostnames.join(', ') },
    { term: 'IP addresses', value: identity.ipAddresses.join(', ') },
    { term: 'MAC addresses', value: identity.macAddresses.join(', ') },
    { term: 'First seen', value: formatTime(Date.parse(firstSeenAt)) },
    { term: 'Facts changed', value: `${formatTime(Date.parse(changedAt))}, revision ${revision}` },
  ];
}

export function IdentityPanel({ resource }: { resource: Resource }) {
  return (
    <Panel title="Why this is one resource">
      {resource.sources.map(source => (
        <SourceEvidence key={`${source.source} ${source.key}`} source={source} />
      ))}
      <Rulings resource={resource} />
      {/* There is nothing to split where one record is all there is. */}
      {resource.sources.length > 1 && (
        <Suspense fallback={null}>
          <SplitButton resource={resource} />
        </Suspense>
      )}
      <h3 className={classes.sub}>What tells it from others</h3>
      <Facts facts={identityFacts(resource)} />
    </Panel>
  );
}

/** What people have ruled on it; the lists of resources leave it out, so that it is asked for. */
function Rulings({ resource: { id } }: { resource: Resource }) {
  const { data } = useQuery(resourceQuery(id));
  const rulings = data?.rulings ?? [];
  if (rulings.length === 0) return null;
  return (
    <>
      <h3 className={classes.sub}>What people have ruled</h3>
      <ul className={classes.evidence}>
        {rulings.map(({ id: ruling, by, at, note, verdict }) => (
          <li key={ruling}>
            {RULED[verdict]}, by {by}, <Age time={toMillis(at)} />
            {note && <span className="dim">: {note}</span>}
          </li>
        ))}
      </ul>
      <Link to="/connections/identity">All rulings</Link>
    </>
  );
}

function SourceEvidence({ source: { source, key, evidence } }: { source: ResourceSource }) {
  const nameOf = useSourceName();
  return (
    <>
      <p className={classes.note}>
        <strong>{nameOf(source)}</strong> knows it as <code>{key}</code>.
        {evidence.length === 0 && ' The resource was created for this record.'}
      </p>
      {evidence.length > 0 && (
        <ul className={classes.evidence}>
          {evidence.map(({ kind, value }) => (
            <li key={`${kind} ${value}`}>
              {EVIDENCE[kind]}: <code>{value}</code>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
