// A bar that shows a share beside the number that says it.
import classes from './Share.module.css';

/** `share`: from 0 to 1. */
export function Share({ share }: { share: number }) {
  const percent = Math.min(100, Math.max(0, share * 100));
  return <span className={classes.track} aria-hidden style={{ backgroundSize: `${percent}% 100%` }} />;
}
