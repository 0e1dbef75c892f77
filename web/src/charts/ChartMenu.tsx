// Saves a chart as a picture or as numbers.
import { Menu } from '@mantine/core';
import { IconDots, IconPhoto, IconTableExport } from '@tabler/icons-react';
import { memo, useRef, useState, type ComponentProps } from 'react';
import classes from './Chart.module.css';

type Props = { title: string; onPng: () => void; onCsv: () => void };

/** A plain button until it is pressed, since a page has many of these and a menu is costly to make. */
export const ChartMenu = memo(function ChartMenu(props: Props) {
  const [used, setUsed] = useState(false);
  if (used) return <OpenMenu {...props} />;
  return (
    <MenuButton
      title={props.title}
      aria-haspopup="menu"
      onClick={() => {
        setUsed(true);
      }}
    />
  );
});

function OpenMenu({ title, onPng, onCsv }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  // The menu gives the focus back to what had it before, which was a button that is no more.
  const giveFocusBack = () => button.current?.focus();
  return (
    <Menu defaultOpened onClose={giveFocusBack} returnFocus={false} position="bottom-end">
      <Menu.Target>
        <MenuButton ref={button} title={title} />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPhoto size={15} aria-hidden />} onClick={onPng}>
          Save as PNG
        </Menu.Item>
        <Menu.Item leftSection={<IconTableExport size={15} aria-hidden />} onClick={onCsv}>
          Save as CSV
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Takes what a menu adds to the button that opens it. */
function MenuButton({ title, ...rest }: { title: string } & ComponentProps<'button'>) {
  return (
    <button type="button" {...rest} className={classes.menu} aria-label={`Save the chart ${title}`}>
      <IconDots size={16} aria-hidden />
    </button>
  );
}
