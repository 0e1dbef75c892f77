// One decision about a memory: what was chosen, why nothing better was there, and everything that was read.
import { Age } from '~/components/Age';
import { Facts, type Fact } from '~/components/Facts';
import { orUnknown } from '~/components/orUnknown';
import { toMillis } from '~/format/time';
import { formatBytes, formatPercent } from '~/format/units';
import { guestAmounts, nodeAmounts } from '~/strings/memoryInputs';
import { MEMORY_NOTE, MEMORY_REASON, MEMORY_SOURCE, MEMORY_TRUST } from '~/strings/platform';
import type { Decision } from './memory';
import classes from './ResourceView.module.css';

export function MemoryDecision({ decision }: { decision: Decision }) {
  return (
    <>
      <Facts facts={chosenFacts(decision)} />
      <h3 className={classes.sub}>What was read</h3>
      <table className={classes.table}>
        <tbody>
          {amountsOf(decision).map(({ key, of, name, bytes }) => (
            <tr key={key}>
              <th scope="row">
                {of}: {name}
              </th>
              <td data-numeric>{orUnknown(bytes, formatBytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function amountsOf(decision: Decision) {
  const amounts = 'vmid' in decision ? guestAmounts(decision.raw) : nodeAmounts(decision.raw);
  // What nobody had to ask for would only hide what was found.
  return amounts.filter(({ bytes }) => bytes !== null);
}

/** Nothing where the source says it all. Of one that is no stopgap the server gives no reason. */
function whyNotBetter({ memorySource, fallbackReason }: Decision): string | null {
  if (!fallbackReason || fallbackReason === memorySource) return null;
  return MEMORY_REASON[fallbackReason] ?? fallbackReason;
}

function chosenFacts(decision: Decision): Fact[] {
  const { memorySource, memory, retrievedAt } = decision;
  const { from, trust } = MEMORY_SOURCE[memorySource];
  return [
    { term: 'Taken', value: <Age time={toMillis(retrievedAt)} /> },
    { term: 'From', value: from },
    { term: 'How good that is', value: trust && MEMORY_TRUST[trust] },
    { term: 'Nothing better', value: whyNotBetter(decision) },
    { term: 'In use', value: orUnknown(memory.usedBytes, formatBytes) },
    { term: 'Of', value: orUnknown(memory.totalBytes, formatBytes) },
    { term: 'That is', value: orUnknown(memory.usagePercent, formatPercent) },
    {
      term: 'Kept back',
      value: 'vmid' in decision ? decision.notes.map(note => MEMORY_NOTE[note] ?? note).join(', ') : null,
    },
  ];
}
