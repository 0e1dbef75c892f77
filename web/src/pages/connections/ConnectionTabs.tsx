// The sides of what is connected: the platforms that are asked, the systems that come of it, and who is who among them.
import { Link } from '@tanstack/react-router';
import { CONNECTION_SIDES } from '~/shell/pages';
import classes from './Connections.module.css';

export function ConnectionTabs() {
  return (
    <nav className={classes.tabs} aria-label="Sides of what is connected">
      <Link to="/connections" activeOptions={{ exact: true }} className={classes.tab}>
        Platforms
      </Link>
      {CONNECTION_SIDES.map(({ path, title }) => (
        <Link key={path} to={path} className={classes.tab}>
          {title}
        </Link>
      ))}
    </nav>
  );
}
