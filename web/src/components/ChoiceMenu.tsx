// A button that opens a list of things to tick.
import { Button } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useOpener } from './useOpener';

const loadChoices = async () => (await import('./Choices')).Choices;

type Choice = { value: string; label: string };

export type ChoiceMenuProps = {
  title: string;
  choices: readonly Choice[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
  /** Whether the number of ticks is news, as with filters. */
  counts?: boolean;
  /** What must be known to choose well. */
  note?: string;
};

export function ChoiceMenu(props: ChoiceMenuProps) {
  const { title, chosen, counts = true } = props;
  const { button, Opened, opening } = useOpener(loadChoices, 'dialog');
  const narrowed = counts && chosen.length > 0;
  return (
    <>
      <Button
        {...button}
        variant={narrowed ? 'light' : 'default'}
        size="xs"
        rightSection={<IconChevronDown size={14} aria-hidden />}
      >
        {narrowed ? `${title}: ${chosen.length}` : title}
      </Button>
      {Opened && opening && <Opened {...props} opening={opening} />}
    </>
  );
}
