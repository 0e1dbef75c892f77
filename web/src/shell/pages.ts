// The pages of the navigation. A new page is one entry here and one route in `router.tsx`.
import { IconChartLine, IconHistory, IconServer2, IconSettings2, type TablerIcon } from '@tabler/icons-react';

export type PagePath = '/' | '/charts' | '/timeline' | '/system';

export type Page = {
  path: PagePath;
  title: string;
  icon: TablerIcon;
  /** The letter that follows `g`. */
  key: string;
};

export const PAGES: readonly Page[] = [
  { path: '/', title: 'Infrastructure', icon: IconServer2, key: 'i' },
  { path: '/charts', title: 'Charts', icon: IconChartLine, key: 'c' },
  { path: '/timeline', title: 'Timeline', icon: IconHistory, key: 't' },
  { path: '/system', title: 'System', icon: IconSettings2, key: 's' },
];
