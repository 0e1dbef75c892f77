// A button that opens a list of things to tick.
import { Button, Checkbox, Popover } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import classes from './ChoiceMenu.module.css';

type Choice = { value: string; label: string };

type Props = {
  title: string;
  choices: readonly Choice[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
  /** Whether the number of ticks is news, as with filters. */
  counts?: boolean;
  /** What must be known to choose well. */
  note?: string;
};

export function ChoiceMenu({ title, choices, chosen, onChange, counts = true, note }: Props) {
  const toggle = (value: string) => {
    onChange(chosen.includes(value) ? chosen.filter(other => other !== value) : [...chosen, value]);
  };
  const narrowed = counts && chosen.length > 0;
  return (
    <Popover position="bottom-start" trapFocus>
      <Popover.Target>
        <Button
          variant={narrowed ? 'light' : 'default'}
          size="xs"
          rightSection={<IconChevronDown size={14} aria-hidden />}
        >
          {narrowed ? `${title}: ${chosen.length}` : title}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={title}>
        <div className={classes.menu}>
          {choices.map(({ value, label }) => (
            <Checkbox
              key={value}
              size="xs"
              label={label}
              checked={chosen.includes(value)}
              onChange={() => {
                toggle(value);
              }}
            />
          ))}
          {note && <span className="dim">{note}</span>}
          {choices.length === 0 && <span className="dim">Nothing to choose from yet</span>}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
