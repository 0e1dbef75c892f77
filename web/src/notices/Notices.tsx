// The one place for what concerns the whole picture: above every page, the most pressing first.
import { useLocation } from '@tanstack/react-router';
import { ConnectionNotice } from './ConnectionNotice';
import { ServerTroubles } from './ServerTroubles';
import { SilentSources } from './SilentSources';
import classes from './Notices.module.css';

export function Notices() {
  const page = useLocation({ select: ({ pathname }) => pathname });
  return (
    <div className={classes.notices} role="region" aria-label="Notices">
      <ConnectionNotice />
      {/* These pages say it themselves, in full. */}
      {page !== '/system' && <ServerTroubles />}
      {page !== '/' && page !== '/system' && <SilentSources />}
    </div>
  );
}
