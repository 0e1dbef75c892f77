// A span of one's own: in words, or as two times in the browser's time zone.
import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { formField } from '~/components/formField';
import { MILLISECONDS } from '~/format/time';
import { clock } from '~/time/clock';
import { parseRelative } from './relative';
import { bounds, spanSearch, type ChartWindow, type WindowSearch } from './window';
import classes from './RangePicker.module.css';

type Props = { window: ChartWindow; onChoose: (search: WindowSearch) => void };

const UNCLEAR = 'Write a number and a unit, such as 90 min, 3 h, 2 days or 1 year; or today, or yesterday.';
const BACKWARDS = 'The start must be before the end.';

/** `2026-11-21T09:30`, as the input of the browser takes and gives it. */
export function toLocalInput(millis: number): string {
  const local = new Date(millis - new Date(millis).getTimezoneOffset() * MILLISECONDS.MINUTE);
  return local.toISOString().slice(0, 16);
}

export function OwnSpan({ window, onChoose }: Props) {
  return (
    <div className={classes.own}>
      <InWords onChoose={onChoose} />
      <TwoTimes window={window} onChoose={onChoose} />
    </div>
  );
}

function InWords({ onChoose }: Pick<Props, 'onChoose'>) {
  const [problem, setProblem] = useState<string | null>(null);
  return (
    <form
      className={classes.words}
      onSubmit={event => {
        event.preventDefault();
        const search = parseRelative(formField(event.currentTarget, 'words'), clock.now());
        if (search) onChoose(search);
        else setProblem(UNCLEAR);
      }}
    >
      <TextInput
        name="words"
        label="Last"
        placeholder="3 h"
        size="xs"
        autoComplete="off"
        error={problem}
        data-autofocus
      />
      <Button type="submit" size="xs" variant="default">
        Show
      </Button>
    </form>
  );
}

function TwoTimes({ window, onChoose }: Props) {
  const [problem, setProblem] = useState<string | null>(null);
  const [{ from, to }] = useState(() => bounds(window, clock.now()));
  return (
    <form
      className={classes.form}
      onSubmit={event => {
        event.preventDefault();
        const [start, end] = [
          Date.parse(formField(event.currentTarget, 'from')),
          Date.parse(formField(event.currentTarget, 'to')),
        ];
        if (start < end) onChoose(spanSearch(start, end));
        else setProblem(BACKWARDS);
      }}
    >
      <TextInput type="datetime-local" name="from" label="From" size="xs" defaultValue={toLocalInput(from)} required />
      <TextInput
        type="datetime-local"
        name="to"
        label="To"
        size="xs"
        defaultValue={toLocalInput(to)}
        error={problem}
        required
      />
      <Button type="submit" size="xs" variant="default">
        Show from and to
      </Button>
    </form>
  );
}
