// What a check of the log found.
import { Button, CopyButton } from '@mantine/core';
import type { AuditFinding, AuditVerdict } from '~/api/types';
import { Notice } from '~/components/Notice';
import { formatTime } from '~/format/time';
import { counted } from '~/format/units';
import { ANCHOR_STATE, placeOf } from './words';
import classes from './Audit.module.css';

export function Verdict({ verdict }: { verdict: AuditVerdict }) {
  const { sound, entries, links, faults, droppedEntries, droppedUntil, anchors, findings, heads } = verdict;
  const read = `${counted(entries, 'row', 'rows')} in ${counted(links, 'link', 'links')} recomputed.`;
  const dropped = droppedUntil
    ? ` ${counted(droppedEntries, 'older row', 'older rows')}, until ${formatTime(Date.parse(droppedUntil))}, beyond retention.`
    : '';
  return (
    <div className={classes.verdict} aria-live="polite">
      <Notice
        kind={sound ? 'empty' : 'error'}
        title={
          sound
            ? 'The log is what was written'
            : faults > 0
              ? counted(faults, 'thing is wrong', 'things are wrong')
              : 'The log is not the one that was noted'
        }
        compact
      >
        <p>{read + dropped}</p>
        {anchors.map(({ head, state }) => (
          <p key={head}>{ANCHOR_STATE[state]}</p>
        ))}
      </Notice>
      {findings.length > 0 && <Findings findings={findings} />}
      {heads.map(({ head, stream }) => (
        <div key={head} className={classes.head}>
          <span>Note this head of {stream} elsewhere</span>
          <code>{head}</code>
          <CopyButton value={head}>
            {({ copied, copy }) => (
              <Button size="xs" variant="default" onClick={copy}>
                {copied ? 'Copied' : 'Copy'}
              </Button>
            )}
          </CopyButton>
        </div>
      ))}
    </div>
  );
}

function Findings({ findings }: { findings: readonly AuditFinding[] }) {
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">Fault</th>
          <th scope="col">Where</th>
          <th scope="col">What</th>
        </tr>
      </thead>
      <tbody>
        {findings.map((finding, place) => (
          // Findings have no id and never change.
          <tr key={place}>
            <th scope="row">{finding.fault}</th>
            <td>{placeOf(finding)}</td>
            <td>{finding.what}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
