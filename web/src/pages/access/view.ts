// The state of the Access page as it stands in the address: which tab.
import type { PlainSearch } from '~/searchParams';
import type { Scope } from '~/api/types';

export const TABS = ['account', 'sessions', 'users', 'tokens', 'sign-in'] as const;
export type AccessTab = (typeof TABS)[number];
export type AccessSearch = { tab?: AccessTab };

export const TAB_TITLE: Record<AccessTab, string> = {
  account: 'Account',
  sessions: 'Sessions',
  users: 'Users',
  tokens: 'Tokens',
  'sign-in': 'Sign-in',
};

/** What everybody has of their own; the rest is for those who manage others. */
const OWN: ReadonlySet<AccessTab> = new Set(['account', 'sessions']);

export function parseAccess(search: PlainSearch): AccessSearch {
  const tab = TABS.find(name => name === search.tab && name !== 'account');
  return tab ? { tab } : {};
}

export function tabsFor(scopes: readonly Scope[]): AccessTab[] {
  return TABS.filter(tab => OWN.has(tab) || scopes.includes('system:admin'));
}
