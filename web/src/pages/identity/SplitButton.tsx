// Takes records of some sources out of a resource, because they are about another thing (D-11).
import { Checkbox } from '@mantine/core';
import { useState } from 'react';
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';
import type { Resource, ResourceSource } from '~/api/types';
import { useSourceName } from '~/components/sourceNames';
import frame from '../connections/Connections.module.css';
import { useMayEdit } from '../connections/useMayEdit';
import classes from './Identity.module.css';
import { RulingDialog } from './RulingDialog';
import { useRuling } from './useRuling';

const idOf = ({ source, key }: ResourceSource) => `${source} ${key}`;

export function SplitButton({ resource }: { resource: Resource }) {
  const mayEdit = useMayEdit();
  return mayEdit ? <Split resource={resource} /> : null;
}

function Split({ resource: { id, sources, canonicalIdentity } }: { resource: Resource }) {
  const [leaving, setLeaving] = useState<ReadonlySet<string>>(new Set());
  const records = sources.filter(source => leaving.has(idOf(source))).map(({ source, key }) => ({ source, key }));
  const name = canonicalIdentity.displayName;
  const rule = useRuling(
    note =>
      unwrap(
        `to split ${name}`,
        api.POST('/api/resources/{id}/split', { params: { path: { id } }, body: { formerId: null, records, note } }),
      ),
    `${name} is split.`,
  );
  return (
    <div className={frame.buttons}>
      <RulingDialog
        label={`Split ${name}`}
        short="Split"
        lacks={lacksOf(records.length, sources.length)}
        pending={rule.isPending}
        error={rule.error}
        onRule={note => rule.mutateAsync(note)}
      >
        <Records sources={sources} leaving={leaving} onChange={setLeaving} />
        <p>
          What leaves goes back to the id that it came with, else it gets one of its own, and a ruling keeps the two
          apart. <code>{id}</code> stays with the rest. What was measured while they were one stays there, too.
        </p>
      </RulingDialog>
    </div>
  );
}

function lacksOf(leaving: number, all: number): string | undefined {
  if (leaving === 0) return 'Choose what leaves.';
  return leaving === all ? 'Something has to stay.' : undefined;
}

type RecordsProps = {
  sources: readonly ResourceSource[];
  leaving: ReadonlySet<string>;
  onChange: (leaving: ReadonlySet<string>) => void;
};

function Records({ sources, leaving, onChange }: RecordsProps) {
  const nameOf = useSourceName();
  return (
    <fieldset className={classes.records}>
      <legend>What leaves</legend>
      {sources.map(source => (
        <Checkbox
          key={idOf(source)}
          label={`What ${nameOf(source.source)} knows as ${source.key}`}
          description={source.formerId && `goes back to ${source.formerId}`}
          checked={leaving.has(idOf(source))}
          onChange={event => {
            const next = new Set(leaving);
            if (event.currentTarget.checked) next.add(idOf(source));
            else next.delete(idOf(source));
            onChange(next);
          }}
        />
      ))}
    </fieldset>
  );
}
