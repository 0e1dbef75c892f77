// The frame around every page: navigation, header, notices, palette, key sheet, preferences, messages.
import { Outlet } from '@tanstack/react-router';
import { useState } from 'react';
import { SourceNames } from '~/components/sourceNames';
import { TipLayer } from '~/components/TipLayer';
import { Notices } from '~/notices/Notices';
import { Toasts } from '~/notices/Toasts';
import { useStyleKey } from '~/preferences/preferences';
import { Header } from './Header';
import { askFor, KeySheet, Overlay, Palette, Preferences, type OverlayName } from './overlays';
import { Sidebar } from './Sidebar';
import { usePages } from './usePages';
import { useShortcuts } from './useShortcuts';
import classes from './Shell.module.css';

export function Shell() {
  const [open, setOpen] = useState<OverlayName | null>(null);
  const close = () => {
    setOpen(null);
  };
  const show = (name: OverlayName) => {
    askFor(name);
    setOpen(name);
  };
  const showPalette = () => {
    show('palette');
  };
  const showKeys = () => {
    show('keys');
  };
  const showPreferences = () => {
    show('preferences');
  };
  // Times and amounts are text by the time they are drawn: in another style all of them are drawn anew.
  const styleKey = useStyleKey();
  useShortcuts({
    pages: usePages(),
    onSearch: showPalette,
    onShowKeys: showKeys,
    onShowPreferences: showPreferences,
  });
  return (
    <SourceNames>
      <div className={classes.shell}>
        <a className={classes.skip} href="#main">
          Skip to the content
        </a>
        <Sidebar />
        <div className={classes.column}>
          <Header onSearch={showPalette} onShowKeys={showKeys} onShowPreferences={showPreferences} />
          <Notices key={`notices ${styleKey}`} />
          <main key={styleKey} id="main" className={classes.main} tabIndex={0}>
            <Outlet />
          </main>
        </div>
        <Overlay opened={open}>
          {open === 'palette' && <Palette onClose={close} onShowKeys={showKeys} onShowPreferences={showPreferences} />}
          {open === 'keys' && <KeySheet onClose={close} />}
          {open === 'preferences' && <Preferences onClose={close} />}
        </Overlay>
        <Toasts />
        <TipLayer />
      </div>
    </SourceNames>
  );
}
