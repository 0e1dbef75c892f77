// The bar at the top: search, live indicator, colours, account.
import { Kbd } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { LiveIndicator } from './LiveIndicator';
import { ThemeSwitch } from './ThemeSwitch';
import { UserMenu } from './UserMenu';
import classes from './Header.module.css';

type Props = { onSearch: () => void; onShowKeys: () => void; onShowPreferences: () => void };

export function Header({ onSearch, onShowKeys, onShowPreferences }: Props) {
  return (
    <header className={classes.header}>
      <button type="button" className={classes.search} onClick={onSearch} aria-keyshortcuts="/ Control+K Meta+K">
        <IconSearch size={16} stroke={1.8} aria-hidden />
        <span className={classes.hint}>
          Search<span className={classes.more}> names, addresses, serials, tags</span>
        </span>
        <Kbd size="xs" className={classes.more}>
          /
        </Kbd>
      </button>
      <div className={classes.end}>
        <LiveIndicator />
        <ThemeSwitch />
        <UserMenu onShowKeys={onShowKeys} onShowPreferences={onShowPreferences} />
      </div>
    </header>
  );
}
