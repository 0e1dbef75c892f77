// How times and amounts are written for this reader: their language's way of dates and numbers, the zone and the units
// that they chose. The modules beside this one ask; `preferences` says. Formats are made once, since that is slow.
export type Style = {
  /** `local`, `UTC`, or the name of a zone such as `Europe/Berlin`. */
  timeZone: string;
  /** Whether 1024 bytes make a kibibyte or 1000 a kilobyte. */
  units: 'binary' | 'decimal';
};

const CLOCK = { hourCycle: 'h23' } as const;

let style: Style = { timeZone: 'local', units: 'binary' };
let generation = 0;

/** Changes the style for all that is written from now on. */
export function writeAs(next: Style) {
  if (next.timeZone === style.timeZone && next.units === style.units) return;
  style = next;
  generation += 1;
}

export function unitsChosen(): Style['units'] {
  return style.units;
}

/** The zone in which times are written; undefined for the browser's own. */
export function zoneChosen(): string | undefined {
  return style.timeZone === 'local' ? undefined : style.timeZone;
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The reader's language as the browser has it. */
function locale(): string {
  return navigator.language;
}

/**
 * Writes a time in the zone chosen, dates in the order of the reader's language. Clocks always count to 24: in a column
 * of times, noon and midnight must not look alike. Made when it is first needed, and anew for another zone.
 */
export function timeFormat(options: Intl.DateTimeFormatOptions): (time: number) => string {
  let made: Intl.DateTimeFormat | undefined;
  let madeIn = -1;
  return time => {
    if (made === undefined || madeIn !== generation) {
      const timeZone = zoneChosen();
      made = new Intl.DateTimeFormat(locale(), {
        ...options,
        ...(options.hour && CLOCK),
        ...(timeZone !== undefined && { timeZone }),
      });
      madeIn = generation;
    }
    return made.format(time);
  };
}

/** Writes a number as the reader's language does. */
export function numberFormat(options: Intl.NumberFormatOptions): (value: number) => string {
  let made: Intl.NumberFormat | undefined;
  return value => {
    made ??= new Intl.NumberFormat(locale(), options);
    return made.format(value);
  };
}
