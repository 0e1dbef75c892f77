// The rulings that stand, each with the way to take it back.
import { useInfiniteQuery } from '@tanstack/react-query';
import { Heads, type Head } from '~/components/Heads';
import { MorePages } from '~/components/MoreRows';
import { Panel } from '~/components/Panel';
import frame from '../connections/Connections.module.css';
import { Loaded } from '../access/Loaded';
import { rulingsQuery } from './queries';
import { RulingRow } from './RulingRow';

const HEADS: readonly Head[] = [
  { title: 'Ruling' },
  { title: 'By', optional: true },
  { title: 'Made', optional: true },
  { title: 'What can be done', unseen: true },
];

export function RulingPanel() {
  const query = useInfiniteQuery(rulingsQuery);
  return (
    <Loaded query={query} waiting="Loading what people have ruled">
      {({ pages }) => {
        const rulings = pages.flatMap(({ items }) => items);
        if (rulings.length === 0) return null;
        return (
          <Panel title="Rulings that stand" flush>
            <table className={frame.table}>
              <Heads heads={HEADS} />
              <tbody>
                {rulings.map(ruling => (
                  <RulingRow key={ruling.id} ruling={ruling} />
                ))}
              </tbody>
            </table>
            <MorePages query={query} />
          </Panel>
        );
      }}
    </Loaded>
  );
}
