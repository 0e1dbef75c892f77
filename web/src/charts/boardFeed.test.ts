import { expect, it, vi } from 'vitest';
import { boardHistories } from './board';
import { BoardFeed } from './boardFeed';

it('a chart on the screen follows the board, one that nobody sees keeps what it showed (D-31)', () => {
  const feed = new BoardFeed();
  const [shown, hidden] = [feed.viewOf('agent-a'), feed.viewOf('agent-a')];
  const first = publish(feed, 5);
  expect([shown(true), hidden(true)]).toEqual([first, first]);
  const second = publish(feed, 6);
  expect(shown(true)).toBe(second);
  expect(hidden(false)).toBe(first);
  expect(hidden(true)).toBe(second);
});

it('tells its listeners until they have left', () => {
  const feed = new BoardFeed();
  const listener = vi.fn();
  const leave = feed.subscribe(listener);
  publish(feed, 5);
  leave();
  publish(feed, 6);
  expect(listener).toHaveBeenCalledOnce();
});

function publish(feed: BoardFeed, value: number) {
  const series = [{ resourceId: 'agent-a', metric: 'cpu' as const, values: [value], gaps: [] }];
  const histories = boardHistories({ stepSeconds: 10, times: [0], series, unknownResources: [] }, ['agent-a'], ['cpu']);
  feed.publish(histories);
  return histories.get('agent-a');
}
