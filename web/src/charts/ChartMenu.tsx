// Saves a chart as a picture or as numbers.
import { Menu } from '@mantine/core';
import { IconDots, IconPhoto, IconTableExport } from '@tabler/icons-react';
import { memo } from 'react';
import classes from './Chart.module.css';

type Props = { title: string; onPng: () => void; onCsv: () => void };

/** Renders once: the actions must stay the same, since a page has many of these and new data comes all the time. */
export const ChartMenu = memo(function ChartMenu({ title, onPng, onCsv }: Props) {
  return (
    <Menu position="bottom-end" transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <button type="button" className={classes.menu} aria-label={`Save the chart ${title}`}>
          <IconDots size={16} aria-hidden />
        </button>
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
});
