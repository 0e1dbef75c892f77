// The estate in one sentence. It never says that all is well while something cannot be seen. Pure.
import type { Overview, Status } from '~/api/types';
import { counted } from '~/format/units';

export type Verdict = { status: Status; title: string; more: string };

/** What cannot be seen, counted; 0 when everything can. */
function blindSpots({ silentTotal, degradedTotal, undecidedIdentities, unknownReadings }: Overview['blindness']) {
  return silentTotal + degradedTotal + undecidedIdentities + (unknownReadings?.length ?? 0);
}

/** `failing`: connections that cannot look just now; what they reported is old soon, though nobody is silent yet. */
export function verdict({ total, worstTotal, byStatus, blindness }: Overview, failing = 0): Verdict {
  const resources = counted(total, 'resource', 'resources');
  const spots = blindSpots(blindness) + failing;
  const blind =
    spots > 0 ? `${counted(spots, 'thing', 'things')} cannot be seen.` : 'Everything that reports can be seen.';
  if (worstTotal > 0) {
    const status = (byStatus.offline ?? 0) > 0 ? 'offline' : (byStatus.warning ?? 0) > 0 ? 'warning' : 'unknown';
    return { status, title: `${counted(worstTotal, 'thing is', 'things are')} not well, of ${resources}`, more: blind };
  }
  if (blindness.silentTotal + failing > 0)
    return { status: 'unknown', title: `No trouble is reported of ${resources}, but not all is seen`, more: blind };
  return { status: 'online', title: `All well, as far as can be seen: ${resources}`, more: blind };
}
