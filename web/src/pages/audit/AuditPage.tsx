// Who did what, newest first; each row in full, the rows as a file, and whether the log is what was written.
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { AuditDetail } from './AuditDetail';
import { AuditFilters } from './AuditFilters';
import { AuditPanel } from './AuditPanel';
import { auditQuery } from './queries';
import { VerifyPanel } from './VerifyPanel';
import { filterOf, type AuditSearch } from './view';
import classes from './Audit.module.css';

const route = getRouteApi('/app/audit');
const REFRESH_MS = 15_000;

export function AuditPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const filter = filterOf(search);
  const log = useInfiniteQuery({ ...auditQuery(filter), refetchInterval: REFRESH_MS });
  const show = (changed: AuditSearch, replace = true) => void navigate({ search: changed, replace });
  const row = log.data?.pages.flatMap(({ items }) => items).find(({ id }) => id === search.row);
  return (
    <div className={classes.page}>
      <h1>Audit</h1>
      <AuditFilters filter={filter} onChange={show} />
      <AuditPanel
        log={log}
        filter={filter}
        onOpen={id => {
          show({ ...filter, row: id }, false);
        }}
      />
      <VerifyPanel />
      <AuditDetail
        row={row ?? null}
        onClose={() => {
          show(filter);
        }}
      />
    </div>
  );
}
