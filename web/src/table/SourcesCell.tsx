// Who reports a resource, and who of them has fallen silent.
import { IconClockExclamation } from '@tabler/icons-react';
import type { ResourceSource } from '~/api/types';
import { useSourceName } from '~/components/sourceNames';
import { FRESHNESS } from '~/strings/labels';
import classes from './ResourceTable.module.css';

export function SourcesCell({ sources }: { sources: readonly ResourceSource[] }) {
  const nameOf = useSourceName();
  const [first, ...others] = sources;
  if (!first) return null;
  const silent = sources.filter(({ status }) => status !== 'online');
  const all = sources.map(({ source, status }) => `${nameOf(source)}: ${FRESHNESS[status].toLowerCase()}`).join('\n');
  return (
    <span className={classes.sources} data-tip={all}>
      {silent.length > 0 && <IconClockExclamation size={14} role="img" aria-label={`${silent.length} not current`} />}
      <span>{nameOf(first.source)}</span>
      {others.length > 0 && <span className="dim">+{others.length}</span>}
    </span>
  );
}
