// Who may do what: one's own account for everybody; users, tokens and the identity provider for administrators.
import { Tabs } from '@mantine/core';
import { useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { sessionQuery } from '~/api/queries';
import { AccountTab } from './AccountTab';
import { SessionsTab } from './SessionsTab';
import { SignInTab } from './SignInTab';
import { TokensTab } from './TokensTab';
import { UsersTab } from './UsersTab';
import { TAB_TITLE, tabsFor, type AccessTab } from './view';
import '@mantine/core/styles/Tabs.css';
import classes from './Access.module.css';

const route = getRouteApi('/app/access');

const CONTENT: Record<AccessTab, ComponentType> = {
  account: AccountTab,
  sessions: SessionsTab,
  users: UsersTab,
  tokens: TokensTab,
  'sign-in': SignInTab,
};

export function AccessPage() {
  const { tab: wanted = 'account' } = route.useSearch();
  const navigate = route.useNavigate();
  const { data: session } = useSuspenseQuery(sessionQuery);
  const tabs = tabsFor(session.user?.scopes ?? []);
  const tab = tabs.includes(wanted) ? wanted : 'account';
  const Content = CONTENT[tab];
  const open = (value: string | null) => {
    const chosen = tabs.find(name => name === value);
    void navigate({ search: chosen && chosen !== 'account' ? { tab: chosen } : {} });
  };
  return (
    <div className={classes.page}>
      <h1>Access</h1>
      <Tabs value={tab} onChange={open} keepMounted={false}>
        <Tabs.List className={classes.tabs}>
          {tabs.map(name => (
            <Tabs.Tab key={name} value={name}>
              {TAB_TITLE[name]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {tabs.map(name => (
          <Tabs.Panel key={name} value={name} className={classes.panel}>
            {name === tab && <Content />}
          </Tabs.Panel>
        ))}
      </Tabs>
    </div>
  );
}
