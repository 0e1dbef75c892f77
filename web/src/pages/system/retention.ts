// How long each resolution of the metrics history is kept, as the API and as people write it. Pure.
import { ProblemError } from '~/api/problem';
import type { HistoryRetention, HistoryStats, HistoryTier } from '~/api/types';
import { rangeMillis } from '~/charts/window';
import { MILLISECONDS } from '~/format/time';
import { formatCount } from '~/format/units';
import { TIER_STEP } from '~/strings/labels';

const TIERS = Object.keys(TIER_STEP) as HistoryTier[];

/** As the API is asked: `14d` by resolution. Or what is wrong, by resolution. */
export type RetentionQuestion = Partial<Record<HistoryTier, string>>;

const DAY_S = MILLISECONDS.DAY / MILLISECONDS.SECOND;
const YEAR_S = 365 * DAY_S;

export function keptSeconds(retention: HistoryRetention, tier: HistoryTier): number {
  switch (tier) {
    case 'raw':
      return retention.rawSeconds;
    case 'minute':
      return retention.minuteSeconds;
    case 'tenMinutes':
      return retention.tenMinutesSeconds;
    case 'hour':
      return retention.hourSeconds;
  }
}

/** `90d`, `2y`: what a field of the form begins with. */
export function keptText(seconds: number): string {
  if (seconds % YEAR_S === 0) return `${seconds / YEAR_S}y`;
  return seconds % DAY_S === 0 ? `${seconds / DAY_S}d` : `${Math.round(seconds / 3600)}h`;
}

/** `90 days`, `2 years`. */
export function keptWords(seconds: number): string {
  const [count, word] = seconds % YEAR_S === 0 ? [seconds / YEAR_S, 'year'] : [seconds / DAY_S, 'day'];
  const rounded = Number(count.toFixed(1));
  return `${rounded} ${word}${rounded === 1 ? '' : 's'}`;
}

/** Why there are no figures: without anything to go by they would be zero, and zero would be a guess. */
export const FORECAST_UNKNOWN = 'No series is sampled now, so there is nothing to say about the future.';

/** What the figures rest on, where that is not what is stored. */
export function forecastBasis(activeSeries: number, tiers: Readonly<HistoryStats['tiers']>): string | undefined {
  if (activeSeries === 0) return FORECAST_UNKNOWN;
  const isEmpty = tiers.every(tier => tier.points === 0);
  return isEmpty
    ? `Nothing is stored yet; the figures are estimates from ${formatCount(activeSeries)} series.`
    : undefined;
}

/** What is asked of the API. What is as it was is not asked about; what is possible is the server's to say. */
export function retentionQuestion(
  fields: Readonly<Record<HistoryTier, string>>,
  now: HistoryRetention,
): RetentionQuestion {
  const question: RetentionQuestion = {};
  for (const tier of TIERS) {
    const plain = fields[tier].replace(/\s/g, '').toLowerCase();
    if (rangeMillis(plain) !== keptSeconds(now, tier) * MILLISECONDS.SECOND) question[tier] = plain;
  }
  return question;
}

/** What the server found wrong, by field; undefined where it is another kind of failure. */
export function retentionMistakes(error: unknown): RetentionQuestion | undefined {
  if (!(error instanceof ProblemError)) return undefined;
  const mistakes: RetentionQuestion = {};
  for (const { field, message } of error.problem.errors ?? []) {
    const tier = TIERS.find(known => known === field);
    if (tier) mistakes[tier] = `It ${message}.`;
  }
  return Object.keys(mistakes).length > 0 ? mistakes : undefined;
}
