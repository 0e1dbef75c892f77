// What the Audit page reads.
import { infiniteQueryOptions } from '@tanstack/react-query';
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';
import type { AuditFilter } from './view';

const PAGE = 100;

export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam, signal }) => {
      const query = { ...filter, limit: PAGE, ...(pageParam && { pageToken: pageParam }) };
      return unwrap('the audit log', api.GET('/api/audit', { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: page => page.nextPageToken,
    staleTime: 5000,
  });

/** Has the whole log checked, and compared with a head that was noted before. */
export function verifyAudit(anchor: string) {
  const query = anchor === '' ? {} : { anchor };
  return unwrap('the check of the audit log', api.GET('/api/audit/verify', { params: { query } }));
}
