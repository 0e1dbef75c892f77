// The navigation: a column at the side, a bar at the bottom on small screens.
import { IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { Mark } from './Mark';
import { PAGES } from './pages';
import { usePreference } from './preferences';
import classes from './Sidebar.module.css';

export function Sidebar() {
  const [width, setWidth] = usePreference('sidebar');
  const narrow = width === 'narrow';
  const Collapse = narrow ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse;
  return (
    <nav className={classes.sidebar} data-narrow={narrow} aria-label="Pages">
      <div className={classes.brand}>
        <Mark />
        <span className={classes.title}>Muster</span>
      </div>
      <ul className={classes.list}>
        {PAGES.map(({ path, title, icon: Icon }) => (
          <li key={path}>
            <Link
              to={path}
              className={classes.link}
              activeOptions={{ exact: path === '/', includeSearch: false }}
              {...(narrow && { 'data-tip': title })}
            >
              <Icon size={19} stroke={1.6} aria-hidden />
              <span className={classes.title}>{title}</span>
            </Link>
          </li>
        ))}
      </ul>
      <button
        type="button"
        className={classes.collapse}
        aria-label={narrow ? 'Widen the navigation' : 'Narrow the navigation'}
        onClick={() => {
          setWidth(narrow ? 'wide' : 'narrow');
        }}
      >
        <Collapse size={18} stroke={1.6} aria-hidden />
      </button>
    </nav>
  );
}
