// The pages for which a small screen has no room in its bar.
import { Menu } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { LaterMenu } from '~/components/LaterMenu';
import { Fragment } from 'react';
import type { Opening } from '~/components/useOpener';
import type { Page } from './pages';
import classes from './Sidebar.module.css';

export function PageMenu({ pages, opening }: { pages: readonly Page[]; opening: Opening }) {
  const navigate = useNavigate();
  return (
    <LaterMenu opening={opening} position="top-end" width={220}>
      {pages.map(({ path, title, icon: Icon, sides = [] }) => (
        <Fragment key={path}>
          <Menu.Item
            className={classes.other}
            leftSection={<Icon size={19} stroke={1.6} aria-hidden />}
            onClick={() => void navigate({ to: path })}
          >
            {title}
          </Menu.Item>
          {sides.map(side => (
            <Menu.Item
              key={side.path}
              className={`${classes.other} ${classes.side}`}
              onClick={() => void navigate({ to: side.path })}
            >
              {side.title}
            </Menu.Item>
          ))}
        </Fragment>
      ))}
    </LaterMenu>
  );
}
