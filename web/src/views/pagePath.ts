// Where each page is of which views can be saved.
import type { ViewPage } from '~/api/types';
import type { PagePath } from '~/shell/pages';

export const PAGE_PATH: Record<ViewPage, PagePath> = {
  infrastructure: '/infrastructure',
  workloads: '/workloads',
  storage: '/storage',
  charts: '/charts',
  timeline: '/timeline',
  audit: '/audit',
};
