// Readings by resource. A sweep brings those of what is on the screen: they stand beside the rest, so that it copies tens and
// not the ten thousand that are known. Never changes; each sweep makes another.
import type { ResourceId } from '~/api/types';
import type { RowReadings } from './estate';

type Known = ReadonlyMap<ResourceId, RowReadings>;

/** What whoever shows readings asks of them. */
export type ReadingsOf = Pick<Known, 'get' | 'size'>;

/** So many stand beside the rest before they go in among it: all that the server sends at once to whoever names resources. */
const MOST_NEWEST = 1000;

export class Readings implements ReadingsOf {
  static of(all: Known): Readings {
    return new Readings(all, new Map(), all.size);
  }

  private constructor(
    private readonly rest: Known,
    private readonly newest: Known,
    readonly size: number,
  ) {}

  get(id: ResourceId): RowReadings | undefined {
    return this.newest.get(id) ?? this.rest.get(id);
  }

  with(changed: Known): Readings {
    if (changed.size === 0) return this;
    let { size } = this;
    const newest = new Map(this.newest);
    for (const [id, row] of changed) {
      if (!this.get(id)) size += 1;
      newest.set(id, row);
    }
    return newest.size <= MOST_NEWEST ? new Readings(this.rest, newest, size) : Readings.of(united(this.rest, newest));
  }

  without(ids: readonly ResourceId[]): Readings {
    if (!ids.some(id => this.get(id))) return this;
    const all = united(this.rest, this.newest);
    for (const id of ids) all.delete(id);
    return Readings.of(all);
  }
}

function united(rest: Known, newest: Known): Map<ResourceId, RowReadings> {
  const all = new Map(rest);
  for (const [id, row] of newest) all.set(id, row);
  return all;
}
