// The navigation: a column at the side; on small screens a bar at the bottom with the first pages and all others behind it.
import { IconDots, IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useOpener } from '~/components/useOpener';
import { usePreference } from '~/preferences/preferences';
import { useSmallScreen } from '~/theme/useSmallScreen';
import { Mark } from './Mark';
import type { Page, Side } from './pages';
import { usePages } from './usePages';
import classes from './Sidebar.module.css';

const loadPageMenu = async () => (await import('./PageMenu')).PageMenu;

/** As many as have room side by side at 390 pixels, each as wide as a thumb. */
const BAR_PLACES = 5;

export function Sidebar() {
  const [width, setWidth] = usePreference('sidebar');
  const small = useSmallScreen();
  const pages = usePages();
  const narrow = width === 'narrow';
  const Collapse = narrow ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse;
  const shown = small && pages.length > BAR_PLACES ? pages.slice(0, BAR_PLACES - 1) : pages;
  const others = pages.slice(shown.length);
  return (
    <nav className={classes.sidebar} data-narrow={narrow} aria-label="Pages">
      <div className={classes.brand}>
        <Mark />
        <span className={classes.title}>Muster</span>
      </div>
      <ul className={classes.list}>
        {shown.map(page => (
          <li key={page.path}>
            <PageLink page={page} tip={narrow && !small} />
            {page.sides && !narrow && !small && <Sides sides={page.sides} />}
          </li>
        ))}
        {others.length > 0 && (
          <li>
            <Others pages={others} />
          </li>
        )}
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

function PageLink({ page: { path, title, icon: Icon }, tip }: { page: Page; tip: boolean }) {
  return (
    <Link
      to={path}
      className={classes.link}
      activeOptions={{ exact: path === '/', includeSearch: false }}
      {...(tip && { 'data-tip': title })}
    >
      <Icon size={19} stroke={1.6} aria-hidden />
      <span className={classes.title}>{title}</span>
    </Link>
  );
}

function Sides({ sides }: { sides: readonly Side[] }) {
  return (
    <ul className={classes.sides}>
      {sides.map(({ path, title }) => (
        <li key={path}>
          <Link to={path} className={`${classes.link} ${classes.side}`}>
            {title}
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Others({ pages }: { pages: readonly Page[] }) {
  const { button, Opened, opening } = useOpener(loadPageMenu, 'menu');
  return (
    <>
      <button {...button} type="button" className={classes.link}>
        <IconDots size={19} stroke={1.6} aria-hidden />
        <span className={classes.title}>More</span>
      </button>
      {Opened && opening && <Opened pages={pages} opening={opening} />}
    </>
  );
}
