// Chooses the span of time: presets, words or two times of one's own; moves and zooms it; lets it stand still.
import { ActionIcon, Button, Popover } from '@mantine/core';
import {
  IconChevronDown,
  IconChevronLeft,
  IconChevronRight,
  IconPlayerPause,
  IconPlayerPlay,
  IconZoomIn,
  IconZoomOut,
  IconZoomReset,
  type TablerIcon,
} from '@tabler/icons-react';
import { useState } from 'react';
import { clock } from '~/time/clock';
import { OwnSpan } from './OwnSpan';
import { bounds, pauseAt, PRESETS, resume, scaled, shifted, windowLabel, zoomReset, zoomTo } from './window';
import type { ChartWindow, WindowSearch } from './window';
import classes from './RangePicker.module.css';

const HALF = 0.5;

type Props = { search: WindowSearch; window: ChartWindow; onChange: (search: WindowSearch) => void };

export function RangePicker({ search, window, onChange }: Props) {
  const shown = () => bounds(window, clock.now());
  const moveTo = ({ from, to }: { from: number; to: number }) => {
    onChange(zoomTo(search, from, to));
  };
  return (
    <div className={classes.picker} role="group" aria-label="Span of time" data-steers-charts>
      <div className={classes.presets}>
        <Presets window={window} onChange={onChange} />
        <OwnSpanButton window={window} onChange={onChange} />
      </div>
      <div className={classes.steps}>
        <Step
          label="Earlier"
          icon={IconChevronLeft}
          onClick={() => {
            moveTo(shifted(shown(), -HALF, clock.now()));
          }}
        />
        <Step
          label="Later"
          icon={IconChevronRight}
          disabled={window.type === 'following'}
          onClick={() => {
            moveTo(shifted(shown(), HALF, clock.now()));
          }}
        />
        <Step
          label="Zoom in"
          icon={IconZoomIn}
          onClick={() => {
            moveTo(scaled(shown(), HALF));
          }}
        />
        <Step
          label="Zoom out"
          icon={IconZoomOut}
          onClick={() => {
            moveTo(scaled(shown(), 1 / HALF));
          }}
        />
        <Step
          label="Zoom back"
          icon={IconZoomReset}
          disabled={window.type !== 'span'}
          onClick={() => {
            onChange(zoomReset(search));
          }}
        />
        <Follow search={search} window={window} onChange={onChange} />
      </div>
    </div>
  );
}

function Presets({ window, onChange }: Omit<Props, 'search'>) {
  return PRESETS.map(({ range, label }) => (
    <button
      key={range}
      type="button"
      className={classes.preset}
      aria-pressed={window.type !== 'span' && window.range === range}
      onClick={() => {
        onChange({ range });
      }}
    >
      {label}
    </button>
  ));
}

function OwnSpanButton({ window, onChange }: Omit<Props, 'search'>) {
  const [choosing, setChoosing] = useState(false);
  const own = window.type === 'span' || !PRESETS.some(({ range }) => range === window.range);
  return (
    <Popover opened={choosing} onChange={setChoosing} position="bottom-end" trapFocus>
      <Popover.Target>
        <button
          type="button"
          className={classes.preset}
          aria-pressed={own}
          onClick={() => {
            setChoosing(!choosing);
          }}
        >
          {own ? windowLabel(window) : 'Other'} <IconChevronDown size={12} aria-hidden />
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label="A span of one's own">
        <OwnSpan
          window={window}
          onChoose={chosen => {
            setChoosing(false);
            onChange(chosen);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

type StepProps = { label: string; icon: TablerIcon; disabled?: boolean; onClick: () => void };

function Step({ label, icon: Icon, disabled = false, onClick }: StepProps) {
  return (
    <ActionIcon
      variant="default"
      className={classes.step}
      size={28}
      aria-label={label}
      data-tip={label}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon size={15} aria-hidden />
    </ActionIcon>
  );
}

/** Stands still, so that what is being looked at does not move away, and goes on. */
function Follow({ search, window, onChange }: Props) {
  const following = window.type === 'following';
  const Icon = following ? IconPlayerPause : IconPlayerPlay;
  return (
    <Button
      variant={following ? 'default' : 'light'}
      size="compact-xs"
      className={classes.follow}
      leftSection={<Icon size={13} aria-hidden />}
      onClick={() => {
        onChange(following ? pauseAt(search, clock.now()) : resume(search));
      }}
    >
      {following ? 'Pause' : 'Resume'}
    </Button>
  );
}
