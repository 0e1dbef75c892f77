// Opens and closes what belongs to a row.
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import classes from './ResourceTable.module.css';

type Props = { count: number; open: boolean; name: string; onToggle: () => void };

export function Opener({ count, open, name, onToggle }: Props) {
  if (count === 0) return <span className={classes.noOpener} />;
  const Icon = open ? IconChevronDown : IconChevronRight;
  return (
    <button
      type="button"
      className={classes.opener}
      aria-expanded={open}
      aria-label={`${open ? 'Close' : 'Open'} ${name}, ${count} below`}
      onClick={onToggle}
    >
      <Icon size={15} aria-hidden />
    </button>
  );
}
