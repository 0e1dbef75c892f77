// The list of things to tick that a `ChoiceMenu` opens.
import { Checkbox, Popover } from '@mantine/core';
import type { ChoiceMenuProps } from './ChoiceMenu';
import classes from './ChoiceMenu.module.css';
import { AtButton, useOpeningProps } from './openingProps';
import type { Opening } from './useOpener';

type Props = ChoiceMenuProps & { opening: Opening };

export function Choices({ title, choices, chosen, onChange, note, opening }: Props) {
  const toggle = (value: string) => {
    onChange(chosen.includes(value) ? chosen.filter(other => other !== value) : [...chosen, value]);
  };
  return (
    <Popover {...useOpeningProps(opening)} position="bottom-start" trapFocus returnFocus>
      <Popover.Target>
        <AtButton target={opening.target} />
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
