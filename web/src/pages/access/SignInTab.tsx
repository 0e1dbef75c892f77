// How signing in through an identity provider stands.
import { useQuery } from '@tanstack/react-query';
import type { ProviderDetails } from '~/api/types';
import { Age } from '~/components/Age';
import { Facts } from '~/components/Facts';
import { Notice } from '~/components/Notice';
import { Panel } from '~/components/Panel';
import { formatTime, toMillis } from '~/format/time';
import { Loaded } from './Loaded';
import { providerQuery } from './queries';
import classes from './Access.module.css';

export function SignInTab() {
  const provider = useQuery(providerQuery);
  return (
    <Loaded query={provider} waiting="Loading the identity provider">
      {details => (details ? <Provider details={details} /> : <NoProvider />)}
    </Loaded>
  );
}

function NoProvider() {
  return (
    <Notice kind="empty" title="No identity provider is configured">
      <p>
        People sign in with a password of this server. With an OpenID provider they use the account that they have: name
        it in the section <code>[oidc]</code> of the configuration, and restart the server.
      </p>
    </Notice>
  );
}

function Provider({ details }: { details: ProviderDetails }) {
  const { lastError, describedAt, keysFetchedAt, keys, mapping } = details;
  return (
    <>
      {lastError && (
        <Notice kind="partial" compact title={`Last problem, ${formatTime(toMillis(lastError.at) ?? 0)}`}>
          {lastError.message}
        </Notice>
      )}
      <Panel title={details.label}>
        <Facts
          facts={[
            { term: 'Issuer', value: details.issuer },
            { term: 'Client id', value: details.clientId },
            { term: 'Redirect address', value: details.redirectUri },
            { term: 'Scopes', value: details.scopes.join(' ') },
            { term: 'Group claim', value: details.groupClaim },
            { term: 'Audience of bearer tokens', value: details.audience },
            { term: 'Described itself', value: <Age time={toMillis(describedAt)} /> },
            {
              term: 'Keys',
              value: keysFetchedAt ? <Keys count={keys} at={toMillis(keysFetchedAt)} /> : 'not fetched yet',
            },
          ]}
        />
      </Panel>
      <Panel title="Groups and roles" flush>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Group</th>
              <th scope="col">Role</th>
            </tr>
          </thead>
          <tbody>
            {mapping.map(({ group, role }) => (
              <tr key={group}>
                <th scope="row">{group}</th>
                <td>{role}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Panel>
    </>
  );
}

function Keys({ count, at }: { count: number; at: number | null }) {
  return (
    <>
      {count}, fetched <Age time={at} />
    </>
  );
}
