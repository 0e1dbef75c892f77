// Explains what the points of a chart are. Pure.
import type { History } from '~/api/types';
import { formatStep } from '~/format/time';
import { TIER, TIER_STEP } from '~/strings/labels';

/** The badge's own words: `5 min from minutes`. */
export function resolutionWords({ stepSeconds, tier }: History): string {
  return `${formatStep(stepSeconds)} ${TIER[tier]}`;
}

/** What the badge means, a sentence to each thing that it says. */
export function explainResolution({ stepSeconds, tier }: History): string[] {
  const step = formatStep(stepSeconds);
  const stored = TIER_STEP[tier];
  const made =
    stepSeconds <= stored
      ? `Each point is one stored value; values are stored every ${formatStep(stored)} here.`
      : `Each point stands for ${step}, made of values stored every ${formatStep(stored)}.`;
  const band =
    tier === 'raw' && stepSeconds <= stored
      ? 'Nothing has been averaged.'
      : 'The line is the average; the band reaches from the least to the greatest value, so that no peak is lost.';
  return [made, band, 'Zoom in for finer points, as far back as they are kept.'];
}

/** Why older points may be missing, where the remote store was asked and did not tell. */
export function explainArchive({ archiveError }: History): string[] {
  return archiveError ? [`Older points may be missing: ${archiveError}.`] : [];
}
