// Who is who: the pairs of which it is not certain, for people to decide, and what they have decided (R-12, D-7).
import { ConnectionTabs } from '../connections/ConnectionTabs';
import frame from '../connections/Connections.module.css';
import { ConflictList } from './ConflictList';
import { RulingPanel } from './RulingPanel';

export function IdentityPage() {
  return (
    <div className={frame.page}>
      <header className={frame.head}>
        <h1>Connections</h1>
        <ConnectionTabs />
      </header>
      <ConflictList />
      <RulingPanel />
    </div>
  );
}
