// The pairs of which it is not certain what they are to each other, surest first.
import { useInfiniteQuery } from '@tanstack/react-query';
import { MorePages } from '~/components/MoreRows';
import { Notice } from '~/components/Notice';
import { Loaded } from '../access/Loaded';
import { ConflictPanel } from './ConflictPanel';
import classes from './Identity.module.css';
import { conflictsQuery } from './queries';

export function ConflictList() {
  const query = useInfiniteQuery(conflictsQuery);
  return (
    <Loaded query={query} waiting="Loading what is not certain">
      {({ pages }) => {
        const conflicts = pages.flatMap(({ items }) => items);
        if (conflicts.length === 0) return <NothingOpen />;
        return (
          <div className={classes.conflicts}>
            {conflicts.map(conflict => (
              <ConflictPanel key={`${conflict.first.id} ${conflict.second.id}`} conflict={conflict} />
            ))}
            <MorePages query={query} />
          </div>
        );
      }}
    </Loaded>
  );
}

function NothingOpen() {
  return (
    <Notice kind="empty" title="Nobody has to decide who is who">
      <p>
        Where two sources see one machine, certain evidence joins what they report. Where the evidence is weaker, the
        pair appears here.
      </p>
    </Notice>
  );
}
