// The tokens, with what each allows and how long it lives.
import type { CreatedToken, Token } from '~/api/types';
import { Age } from '~/components/Age';
import { formatTime, toMillis } from '~/format/time';
import { TokenActions } from './TokenActions';
import classes from './Access.module.css';

type Props = { tokens: readonly Token[]; onSecret: (created: CreatedToken) => void };

export function TokenTable({ tokens, onSecret }: Props) {
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Allows</th>
          <th scope="col" data-optional>
            Created by
          </th>
          <th scope="col" data-optional>
            Last used
          </th>
          <th scope="col">Ends</th>
          <th scope="col">Action</th>
        </tr>
      </thead>
      <tbody>
        {tokens.map(token => (
          <tr key={token.id}>
            <th scope="row">{token.name}</th>
            <td>{token.role ?? <Scopes scopes={token.scopes} />}</td>
            <td data-optional>{token.createdBy}</td>
            <td data-optional>
              <Age time={toMillis(token.lastUsedAt)} />
            </td>
            <td>
              <Ends token={token} />
            </td>
            <td>
              <TokenActions token={token} onSecret={onSecret} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Scopes({ scopes }: { scopes: readonly string[] }) {
  return (
    <span className={classes.scopes}>
      {scopes.map(scope => (
        <code key={scope}>{scope}</code>
      ))}
    </span>
  );
}

function Ends({ token: { expiresAt, previousSecretUntil } }: { token: Token }) {
  const until = toMillis(previousSecretUntil);
  const end = toMillis(expiresAt);
  return (
    <>
      {end === null ? 'never' : formatTime(end)}
      {until !== null && <div className="dim">old secret until {formatTime(until)}</div>}
    </>
  );
}
