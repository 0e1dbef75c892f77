// Who is who: the pairs of which it is not certain, for people to decide, and what they have decided (R-12, D-7).
import { useInfiniteQuery } from '@tanstack/react-query';
import { ConnectionTabs } from '../connections/ConnectionTabs';
import frame from '../connections/Connections.module.css';
import { OutOfDate } from '../connections/OutOfDate';
import { ConflictList } from './ConflictList';
import { conflictsQuery, LOOK_EVERY_MS, rulingsQuery } from './queries';
import { RulingPanel } from './RulingPanel';

export function IdentityPage() {
  const conflicts = useInfiniteQuery(conflictsQuery);
  const rulings = useInfiniteQuery(rulingsQuery);
  return (
    <div className={frame.page}>
      <header className={frame.head}>
        <h1>Connections</h1>
        <ConnectionTabs />
      </header>
      <OutOfDate queries={[conflicts, rulings]} everySeconds={LOOK_EVERY_MS / 1000} />
      <ConflictList />
      <RulingPanel />
    </div>
  );
}
