// Says that the remote store was asked for older points and did not tell; why, on hover and focus.
import classes from './ResolutionBadge.module.css';

export function ArchiveFailure({ error }: { error: string | null | undefined }) {
  if (!error) return null;
  return (
    <span className={classes.failed} role="status" tabIndex={0} data-tip={error}>
      older points are missing: the remote store did not answer
    </span>
  );
}
