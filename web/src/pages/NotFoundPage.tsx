// An address that leads nowhere.
import { Link } from '@tanstack/react-router';
import { Notice } from '~/components/Notice';

export function NotFoundPage() {
  return (
    <main>
      <Notice page kind="error" title="There is no such page" action={<Link to="/">Go to the overview</Link>}>
        <p>The address may be mistyped, or from a newer version.</p>
      </Notice>
    </main>
  );
}
