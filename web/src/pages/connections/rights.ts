// The findings of the permission doctor in order and in a sentence. Pure.
import type { CallOutcome, CallProbe } from '~/api/types';
import { counted } from '~/format/units';

/** What can be mended first. */
const RANK: Record<CallOutcome, number> = { refused: 0, partial: 1, failed: 2, granted: 3, absent: 4 };

export function sortedCalls(calls: readonly CallProbe[]): CallProbe[] {
  return calls.toSorted((a, b) => RANK[a.state] - RANK[b.state]);
}

/** The commands that grant what is missing, each once, in the order of the doctor. */
export function grantsOf(calls: readonly CallProbe[]): string[] {
  const lines = calls.flatMap(({ grant }) => grant?.split('\n') ?? []).map(line => line.trim());
  return [...new Set(lines.filter(Boolean))];
}

export function summary(calls: readonly CallProbe[]): string {
  const count = (state: CallOutcome) => calls.filter(call => call.state === state).length;
  const asked = calls.length - count('absent');
  const missing = [
    [count('refused'), 'refused'],
    [count('partial'), 'granted in part'],
    [count('failed'), 'failed for another reason'],
  ] as const;
  const said = missing.flatMap(([number, what]) => (number > 0 ? [`${number} ${what}`] : []));
  const granted = `${count('granted')} of ${counted(asked, 'call is', 'calls are')} granted`;
  return said.length === 0 ? `${granted}: nothing stays empty.` : `${granted}, ${said.join(', ')}.`;
}
