// What was found, worst first: a mark, what it is, why it matters and what to do.
import type { Finding, Status } from '~/api/types';
import { Marked } from '~/components/Marked';
import { StatusMark } from '~/components/StatusMark';
import classes from './System.module.css';

const MARK: Record<Finding['level'], { status: Status; text: string }> = {
  ok: { status: 'online', text: 'OK' },
  warn: { status: 'warning', text: 'Look at it' },
  fail: { status: 'offline', text: 'Fails' },
};

export function FindingList({ findings }: { findings: readonly Finding[] }) {
  return (
    <ul className={classes.findings}>
      {findings.map(({ check, level, what, why, remedy }) => (
        <li key={`${check} ${what}`}>
          <StatusMark {...MARK[level]} />
          <div>
            <strong>{check}</strong> <Marked text={what} />
            {why && <p>{why}</p>}
            {remedy && (
              <p>
                <Marked text={remedy} />
              </p>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}
