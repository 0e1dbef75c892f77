// What it is, how it is, and how fresh that is.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { connectionsQuery } from '~/api/queries';
import type { Resource } from '~/api/types';
import { Age } from '~/components/Age';
import { StatusMark } from '~/components/StatusMark';
import type { RowReadings } from '~/live/estate';
import { KIND } from '~/strings/labels';
import { consoleLink } from './consoleLink';
import classes from './ResourceView.module.css';

function ConsoleLink({ resource }: { resource: Resource }) {
  const { data: connections } = useQuery(connectionsQuery);
  const href = consoleLink(resource, connections ?? []);
  if (href === undefined) return null;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      Open on the platform
    </a>
  );
}

export function ResourceHead({ resource, readings }: { resource: Resource; readings: RowReadings }) {
  const { parentId, parentName, canonicalIdentity, status, kind, technology, tags } = resource;
  return (
    <header className={classes.head}>
      <nav className={classes.crumbs} aria-label="Where it belongs">
        <Link to="/infrastructure">Infrastructure</Link>
        {parentId && (
          <>
            {' / '}
            <Link to="/resources/$id" params={{ id: parentId }}>
              {parentName ?? parentId}
            </Link>
          </>
        )}
      </nav>
      <h1>{canonicalIdentity.displayName}</h1>
      <StatusMark status={status} />
      <span className="dim">
        {KIND[kind].one}
        {technology && `, ${technology}`}
      </span>
      <span className="dim">
        seen <Age time={readings.lastSeen} />
      </span>
      <ConsoleLink resource={resource} />
      {tags.map(tag => (
        <code key={tag}>{tag}</code>
      ))}
    </header>
  );
}
