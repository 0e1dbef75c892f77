// Chooses the span of time: presets, or two times of one's own.
import { Button, Popover } from '@mantine/core';
import { IconZoomOut } from '@tabler/icons-react';
import { useState } from 'react';
import { CustomSpan } from './CustomSpan';
import { PRESETS, windowLabel, type ChartWindow, type WindowSearch } from './window';
import classes from './RangePicker.module.css';

type Props = { window: ChartWindow; onChange: (search: WindowSearch) => void; onReset: () => void };

export function RangePicker({ window, onChange, onReset }: Props) {
  const [choosing, setChoosing] = useState(false);
  const custom = window.type === 'span' || !PRESETS.some(({ range }) => range === window.range);
  return (
    <div className={classes.picker} role="group" aria-label="Span of time">
      {PRESETS.map(({ range, label }) => (
        <button
          key={range}
          type="button"
          className={classes.preset}
          aria-pressed={window.type === 'range' && window.range === range}
          onClick={() => {
            onChange({ range });
          }}
        >
          {label}
        </button>
      ))}
      <Popover
        opened={choosing}
        onChange={setChoosing}
        position="bottom-end"
        trapFocus
        transitionProps={{ duration: 0 }}
      >
        <Popover.Target>
          <button
            type="button"
            className={classes.preset}
            aria-pressed={custom}
            onClick={() => {
              setChoosing(!choosing);
            }}
          >
            {custom ? windowLabel(window) : 'Custom'}
          </button>
        </Popover.Target>
        <Popover.Dropdown aria-label="A span of one's own">
          <CustomSpan
            window={window}
            onChoose={search => {
              setChoosing(false);
              onChange(search);
            }}
          />
        </Popover.Dropdown>
      </Popover>
      {window.type === 'span' && (
        <Button
          variant="subtle"
          size="compact-xs"
          leftSection={<IconZoomOut size={14} aria-hidden />}
          onClick={onReset}
        >
          Back
        </Button>
      )}
    </div>
  );
}
