// One's own account: who one is, the password, the second factor.
import { useQuery } from '@tanstack/react-query';
import { sessionQuery } from '~/api/queries';
import { Facts } from '~/components/Facts';
import { Panel } from '~/components/Panel';
import { formatTime, toMillis } from '~/format/time';
import { Loaded } from './Loaded';
import { PasswordForm } from './PasswordForm';
import { accountQuery } from './queries';
import { SecondFactorPanel } from './SecondFactorPanel';

export function AccountTab() {
  const account = useQuery(accountQuery);
  const { data: session } = useQuery(sessionQuery);
  const logout = session?.user?.providerLogoutUrl;
  return (
    <Loaded query={account} waiting="Loading your account">
      {({ name, role, createdAt, provider, secondFactor }) => (
        <>
          <Panel title="You">
            <Facts
              facts={[
                { term: 'Name', value: name },
                { term: 'Role', value: role },
                { term: 'Since', value: formatTime(toMillis(createdAt) ?? 0) },
                { term: 'Kept by', value: provider },
              ]}
            />
          </Panel>
          {provider === null || provider === undefined ? (
            <>
              <Panel title="Password">
                <PasswordForm />
              </Panel>
              <Panel title="Second factor">
                <SecondFactorPanel state={secondFactor} />
              </Panel>
            </>
          ) : (
            <Panel title="Password and second factor">
              <p>Your identity provider keeps this account; you change how you sign in there.</p>
              {logout && (
                <p>
                  <a href={logout}>Sign out at the identity provider</a>, which asks for your password again the next
                  time.
                </p>
              )}
            </Panel>
          )}
        </>
      )}
    </Loaded>
  );
}
