// The pages of the navigation. A new page is one entry here and one route in `router.tsx`. A page appears as soon as there
// is something on it, and for those who may see it (UX-2).
import {
  IconBoxMultiple,
  IconChartLine,
  IconDatabase,
  IconHistory,
  IconKey,
  IconListSearch,
  IconLayoutDashboard,
  IconPlugConnected,
  IconServer2,
  IconSettings2,
  type TablerIcon,
} from '@tabler/icons-react';
import type { ResourceKind, Scope } from '~/api/types';
import { STORAGE_KINDS, WORKLOAD_KINDS } from '~/table/kinds';

export type PagePath =
  | '/'
  | '/infrastructure'
  | '/workloads'
  | '/storage'
  | '/charts'
  | '/timeline'
  | '/connections'
  | '/access'
  | '/audit'
  | '/system';

/** What decides which pages there are. */
export type Known = {
  /** The kinds of resources there are; undefined before the first answer. */
  kinds: ReadonlySet<ResourceKind> | undefined;
  scopes: ReadonlySet<Scope>;
};

/** A page within the part of the application to which another leads. */
export type Side = { path: '/connections/systems' | '/connections/identity'; title: string };

export type Page = {
  path: PagePath;
  title: string;
  icon: TablerIcon;
  /** The letter that follows `g`. */
  key: string;
  sides?: readonly Side[];
  /** Whether it is there; always, where nothing is said. */
  shows?: (known: Known) => boolean;
};

const isOf =
  (wanted: ReadonlySet<ResourceKind>) =>
  ({ kinds }: Known) =>
    kinds !== undefined && [...kinds].some(kind => wanted.has(kind));
const may =
  (scope: Scope) =>
  ({ scopes }: Known) =>
    scopes.has(scope);

export const CONNECTION_SIDES: readonly Side[] = [
  { path: '/connections/systems', title: 'Systems' },
  { path: '/connections/identity', title: 'Who is who' },
];

export const PAGES: readonly Page[] = [
  { path: '/', title: 'Overview', icon: IconLayoutDashboard, key: 'o' },
  { path: '/infrastructure', title: 'Infrastructure', icon: IconServer2, key: 'i' },
  { path: '/workloads', title: 'Workloads', icon: IconBoxMultiple, key: 'w', shows: isOf(WORKLOAD_KINDS) },
  { path: '/storage', title: 'Storage', icon: IconDatabase, key: 's', shows: isOf(STORAGE_KINDS) },
  { path: '/charts', title: 'Charts', icon: IconChartLine, key: 'c', shows: may('metrics:read') },
  { path: '/timeline', title: 'Timeline', icon: IconHistory, key: 't' },
  { path: '/connections', title: 'Connections', icon: IconPlugConnected, key: 'n', sides: CONNECTION_SIDES },
  { path: '/access', title: 'Access', icon: IconKey, key: 'a' },
  { path: '/audit', title: 'Audit', icon: IconListSearch, key: 'u', shows: may('audit:read') },
  { path: '/system', title: 'System', icon: IconSettings2, key: 'y' },
];

/** The pages there are, in their order. */
export function pagesFor(known: Known): Page[] {
  return PAGES.filter(({ shows }) => shows?.(known) ?? true);
}
