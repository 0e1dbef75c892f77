// The frame around every page: navigation, header, palette, key sheet.
import { Outlet } from '@tanstack/react-router';
import { useState } from 'react';
import { TipLayer } from '~/components/TipLayer';
import { Header } from './Header';
import { KeySheet } from './KeySheet';
import { Palette } from './Palette';
import { Sidebar } from './Sidebar';
import { useShortcuts } from './useShortcuts';
import classes from './Shell.module.css';

type Open = 'palette' | 'keys' | null;

export function Shell() {
  const [open, setOpen] = useState<Open>(null);
  const close = () => {
    setOpen(null);
  };
  const showPalette = () => {
    setOpen('palette');
  };
  const showKeys = () => {
    setOpen('keys');
  };
  useShortcuts({ onSearch: showPalette, onShowKeys: showKeys });
  return (
    <div className={classes.shell}>
      <a className={classes.skip} href="#main">
        Skip to the content
      </a>
      <Sidebar />
      <div className={classes.column}>
        <Header onSearch={showPalette} onShowKeys={showKeys} />
        <main id="main" className={classes.main} tabIndex={0}>
          <Outlet />
        </main>
      </div>
      {open === 'palette' && <Palette onClose={close} onShowKeys={showKeys} />}
      {open === 'keys' && <KeySheet onClose={close} />}
      <TipLayer />
    </div>
  );
}
