// The rulings that stand, each with the way to take it back.
import { useInfiniteQuery } from '@tanstack/react-query';
import { Button } from '@mantine/core';
import { Panel } from '~/components/Panel';
import frame from '../connections/Connections.module.css';
import { Loaded } from '../access/Loaded';
import { rulingsQuery } from './queries';
import { RulingRow } from './RulingRow';

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
              <thead>
                <tr>
                  <th scope="col">Ruling</th>
                  <th scope="col" data-optional>
                    By
                  </th>
                  <th scope="col" data-optional>
                    Made
                  </th>
                  <th scope="col">
                    <span className="visually-hidden">What can be done</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {rulings.map(ruling => (
                  <RulingRow key={ruling.id} ruling={ruling} />
                ))}
              </tbody>
            </table>
            {query.hasNextPage && (
              <Button
                size="xs"
                variant="default"
                loading={query.isFetchingNextPage}
                onClick={() => void query.fetchNextPage()}
              >
                Show more
              </Button>
            )}
          </Panel>
        );
      }}
    </Loaded>
  );
}
