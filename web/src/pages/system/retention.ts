// How long each resolution of the metrics history is kept, as the API and as people write it. Pure.
import type { HistoryRetention, HistoryTier } from '~/api/types';
import { rangeMillis } from '~/charts/window';
import { MILLISECONDS } from '~/format/time';

/** As the API is asked: `14d` by resolution. */
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

/** A field that cannot be asked about: it is no span, or shorter than that of the finer resolution before it. */
export type RetentionMistake = { tier: HistoryTier; why: 'span' | 'order' };

/** From the finest on. Each takes over from the one before, so none may be shorter. */
const FINEST_FIRST = ['raw', 'minute', 'tenMinutes', 'hour'] as const satisfies readonly HistoryTier[];

/** What is asked of the API, or the first field that is wrong. What is as it was is not asked about. */
export function retentionQuestion(
  fields: Readonly<Record<HistoryTier, string>>,
  now: HistoryRetention,
): { question: RetentionQuestion } | { mistake: RetentionMistake } {
  const question: RetentionQuestion = {};
  let finer = 0;
  for (const tier of FINEST_FIRST) {
    const plain = fields[tier].replace(/\s/g, '').toLowerCase();
    const millis = rangeMillis(plain);
    if (millis === undefined) return { mistake: { tier, why: 'span' } };
    if (millis < finer) return { mistake: { tier, why: 'order' } };
    finer = millis;
    if (millis !== keptSeconds(now, tier) * MILLISECONDS.SECOND) question[tier] = plain;
  }
  return { question };
}
