// Two times to choose, in the browser's time zone.
import { Button, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import { MILLISECONDS } from '~/format/time';
import { clock } from '~/time/clock';
import { rangeMillis, spanSearch, type ChartWindow, type WindowSearch } from './window';
import classes from './RangePicker.module.css';

type Props = { window: ChartWindow; onChoose: (search: WindowSearch) => void };

/** `2026-11-21T09:30`, as the input of the browser takes and gives it. */
export function toLocalInput(millis: number): string {
  const local = new Date(millis - new Date(millis).getTimezoneOffset() * MILLISECONDS.MINUTE);
  return local.toISOString().slice(0, 16);
}

function bounds(window: ChartWindow): { from: number; to: number } {
  if (window.type === 'span') return window;
  const to = clock.now();
  return { from: to - (rangeMillis(window.range) ?? MILLISECONDS.HOUR), to };
}

export function CustomSpan({ window, onChoose }: Props) {
  const [backwards, setBackwards] = useState(false);
  const { from, to } = bounds(window);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const millis = (name: string) => {
      const value = data.get(name);
      return typeof value === 'string' ? Date.parse(value) : Number.NaN;
    };
    const [start, end] = [millis('from'), millis('to')];
    if (start < end) onChoose(spanSearch(start, end));
    else setBackwards(true);
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      <TextInput type="datetime-local" name="from" label="From" size="xs" defaultValue={toLocalInput(from)} required />
      <TextInput type="datetime-local" name="to" label="To" size="xs" defaultValue={toLocalInput(to)} required />
      {backwards && (
        <p role="alert" className={classes.problem}>
          The start must be before the end.
        </p>
      )}
      <Button type="submit" size="xs">
        Show
      </Button>
    </form>
  );
}
