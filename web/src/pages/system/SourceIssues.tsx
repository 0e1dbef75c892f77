// What a source could not read, and what to do about it.
import type { Source } from '~/api/types';
import { Notice } from '~/components/Notice';
import classes from './System.module.css';

export function SourceIssues({ observed }: { observed: Source['observed'] }) {
  const { degraded, issues, issueCount } = observed;
  if (!degraded && issueCount === 0) return null;
  const more = issueCount - issues.length;
  return (
    <tr>
      <td colSpan={6} className={classes.issues}>
        <Notice kind="partial" compact title={degraded ? 'Parts of its report are missing' : 'It had something to say'}>
          <ul>
            {issues.map(({ section, message }) => (
              <li key={`${section} ${message}`}>
                <strong>{section}</strong>: {message}
              </li>
            ))}
            {more > 0 && <li>and {more} more</li>}
          </ul>
        </Notice>
      </td>
    </tr>
  );
}
