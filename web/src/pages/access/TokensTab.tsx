// API tokens: what there is, and making new secrets.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { CreatedToken } from '~/api/types';
import { Notice } from '~/components/Notice';
import { Panel } from '~/components/Panel';
import { Loaded } from './Loaded';
import { NewTokenForm } from './NewTokenForm';
import { OneTimeSecret } from './OneTimeSecret';
import { tokensQuery } from './queries';
import { TokenTable } from './TokenTable';

export function TokensTab() {
  const tokens = useQuery(tokensQuery);
  const [shown, setShown] = useState<CreatedToken | null>(null);
  return (
    <>
      {shown && (
        <OneTimeSecret
          title={`The secret of ${shown.token.name}`}
          secret={shown.secret}
          onDone={() => {
            setShown(null);
          }}
        />
      )}
      <Panel title="Tokens" flush>
        <Loaded query={tokens} waiting="Loading the tokens">
          {items =>
            items.length === 0 ? (
              <Notice kind="empty" title="There is no token">
                <p>A token lets a program in: a script, a dashboard, a metrics server.</p>
              </Notice>
            ) : (
              <TokenTable tokens={items} onSecret={setShown} />
            )
          }
        </Loaded>
      </Panel>
      <Panel title="New token">
        <NewTokenForm onCreated={setShown} />
      </Panel>
    </>
  );
}
