// Why this is one resource: its ids, and the evidence on which sightings of several sources were taken for one.
import type { Resource, ResourceSource } from '~/api/types';
import { Facts, type Fact } from '~/components/Facts';
import { Panel } from '~/components/Panel';
import { useSourceName } from '~/components/sourceNames';
import { formatTime } from '~/format/time';
import { EVIDENCE } from '~/strings/labels';
import classes from './ResourceView.module.css';

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
      <h3 className={classes.sub}>What tells it from others</h3>
      <Facts facts={identityFacts(resource)} />
    </Panel>
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
