// The designed states of a view: what is the matter, why, and what to do next.
import {
  IconAlertTriangle,
  IconClockExclamation,
  IconInbox,
  IconLock,
  IconPlugConnectedX,
  IconPuzzleOff,
  type TablerIcon,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './Notice.module.css';

export type NoticeKind = 'empty' | 'stale' | 'partial' | 'forbidden' | 'unreachable' | 'error';

const ICON: Record<NoticeKind, TablerIcon> = {
  empty: IconInbox,
  stale: IconClockExclamation,
  partial: IconPuzzleOff,
  forbidden: IconLock,
  unreachable: IconPlugConnectedX,
  error: IconAlertTriangle,
};

const URGENT: ReadonlySet<NoticeKind> = new Set(['forbidden', 'unreachable', 'error']);

/** `page`: the notice is all that the page has, so that its title is the page's. */
type Props = {
  kind: NoticeKind;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  compact?: boolean;
  page?: boolean;
};

export function Notice({ kind, title, children, action, compact = false, page = false }: Props) {
  const Icon = ICON[kind];
  return (
    <div
      className={classes.notice}
      data-kind={kind}
      data-compact={compact}
      role={URGENT.has(kind) ? 'alert' : 'status'}
    >
      <Icon size={compact ? 18 : 28} stroke={1.5} aria-hidden />
      <div className={classes.text}>
        {page ? <h1>{title}</h1> : <strong>{title}</strong>}
        {children && <div className={classes.body}>{children}</div>}
      </div>
      {action && <div className={classes.action}>{action}</div>}
    </div>
  );
}
