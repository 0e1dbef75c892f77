// One change: when, what kind, of what, and how it is known.
import { Link, useLocation } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { ResourceChange } from '~/api/types';
import { useSourceName } from '~/components/sourceNames';
import { formatClock, formatTime } from '~/format/time';
import { useResource } from '~/live/LiveContext';
import { transition } from '~/strings/changes';
import { CHANGE_KIND, CHANGE_ORIGIN } from '~/strings/labels';
import classes from './Timeline.module.css';

function provenance({ origin, source, actor, confidence }: ResourceChange, nameOf: (source: string) => string): string {
  const who = actor ?? (source && nameOf(source));
  const sure = confidence === 'high' ? '' : `, confidence ${confidence}`;
  return `${CHANGE_ORIGIN[origin]}${who ? `, ${who}` : ''}${sure}`;
}

/** The fragment of the address that leads to a change. */
export function changeHash(id: string): string {
  return `change-${id}`;
}

export function ChangeRow({ change, withResource }: { change: ResourceChange; withResource: boolean }) {
  const resource = useResource(change.resourceId);
  const observed = Date.parse(change.observedAt);
  const occurred = change.occurredAt ? Date.parse(change.occurredAt) : null;
  const times =
    occurred === null ? formatTime(observed) : `Happened ${formatTime(occurred)}\nSeen ${formatTime(observed)}`;
  const words = transition(change);
  const nameOf = useSourceName();
  const row = useRef<HTMLLIElement>(null);
  const chosen = useLocation({ select: ({ hash }) => hash === changeHash(change.id) });
  // An effect, because being led here means being scrolled here, with the keyboard, too.
  useEffect(() => {
    if (!chosen) return;
    row.current?.scrollIntoView({ block: 'center' });
    row.current?.focus({ preventScroll: true });
  }, [chosen]);
  return (
    <li ref={row} className={classes.row} tabIndex={-1} {...(chosen && { 'aria-current': true })}>
      <time className={classes.time} dateTime={change.observedAt} data-tip={times}>
        {formatClock(occurred ?? observed)}
      </time>
      <span className={classes.kind}>{CHANGE_KIND[change.kind]}</span>
      <span className={classes.text}>
        {withResource && (
          <Link to="/resources/$id" params={{ id: change.resourceId }}>
            {resource?.canonicalIdentity.displayName ?? change.resourceId}
          </Link>
        )}{' '}
        {words && <span>{words}</span>} {change.reason && <span className="dim">{change.reason}</span>}
      </span>
      <span className={classes.origin}>{provenance(change, nameOf)}</span>
    </li>
  );
}
