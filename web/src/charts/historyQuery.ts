// Reads the history of a resource. One that follows the present is read once in full, then only its end (see `tail.ts`).
import { queryOptions, type QueryKey } from '@tanstack/react-query';
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';
import type { History, Metric, ResourceId } from '~/api/types';
import { MILLISECONDS } from '~/format/time';
import { clock } from '~/time/clock';
import { joinTail, tailQuestion } from './tail';
import { bounds, spanSearch, toSpan, type ChartWindow, type Span } from './window';

const FRESH_MS = 5 * MILLISECONDS.SECOND;
/** What was missing may have been filled in since, so that everything is read again once in a while. */
const FULL_EVERY_MS = 5 * MILLISECONDS.MINUTE;

/** A history, and when all of it was last read. */
export type ReadHistory = { history: History; readAt: number };

type Question = { resource: ResourceId; metrics: readonly Metric[]; points: number };

export const historyQuery = (question: Question, chartWindow: ChartWindow) => {
  const queryKey: QueryKey = ['history', question.resource, question.metrics, toSpan(chartWindow), question.points];
  return queryOptions({
    queryKey,
    queryFn: async ({ client, signal }): Promise<ReadHistory> =>
      (await continued(client.getQueryData<ReadHistory>(queryKey), question, chartWindow, signal)) ?? {
        history: await read(question, toSpan(chartWindow), signal),
        readAt: clock.now(),
      },
    select: ({ history }) => history,
    staleTime: FRESH_MS,
    // Comparing every number with the one before takes longer than drawing it.
    structuralSharing: false,
  });
};

function read({ resource, metrics, points }: Question, span: Span, signal: AbortSignal): Promise<History> {
  const query = { resource, metrics: metrics.join(','), points, ...span };
  return unwrap(`the history of ${resource}`, api.GET('/api/metrics/history', { params: { query }, signal }));
}

async function continued(
  before: ReadHistory | undefined,
  question: Question,
  chartWindow: ChartWindow,
  signal: AbortSignal,
): Promise<ReadHistory | null> {
  const now = clock.now();
  if (chartWindow.type !== 'following' || !before || now - before.readAt > FULL_EVERY_MS) return null;
  const tail = tailQuestion(before.history, now);
  if (tail === null) return null;
  const answer = await read({ ...question, points: tail.points }, spanSearch(tail.from, tail.to), signal);
  const history = joinTail(before.history, answer, bounds(chartWindow, now));
  return history && { history, readAt: before.readAt };
}
