// Which of the table's elements shows which row. Elements are dear: a row that stays in view keeps its own, and one that comes
// into view takes over that of one that went. Asked again for the same rows, it answers the same.

export class Slots {
  private taken: ReadonlyMap<string, number> = new Map();

  /** For each row the number of its element. */
  assign(ids: readonly string[]): ReadonlyMap<string, number> {
    const stays = new Set(ids);
    // In the order in which they stood, so that nothing has to move where all rows are new.
    const free = [...this.taken].filter(([id]) => !stays.has(id)).map(([, slot]) => slot);
    const inUse = new Set(this.taken.values());
    const slots = new Map<string, number>();
    for (const id of ids) {
      const slot = this.taken.get(id) ?? free.shift() ?? firstBeyond(inUse);
      inUse.add(slot);
      slots.set(id, slot);
    }
    this.taken = slots;
    return slots;
  }
}

function firstBeyond(inUse: ReadonlySet<number>): number {
  let slot = inUse.size;
  while (inUse.has(slot)) slot += 1;
  return slot;
}
