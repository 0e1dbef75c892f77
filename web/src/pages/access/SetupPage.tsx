// The first minute: creates the first administrator through the set-up link.
import { Link, getRouteApi } from '@tanstack/react-router';
import { useSuspenseQuery } from '@tanstack/react-query';
import { problemCode } from '~/api/problem';
import { sessionQuery } from '~/api/queries';
import { AccessFrame } from './AccessFrame';
import { SetupForm } from './SetupForm';
import { useSetup } from './useSetup';

const route = getRouteApi('/setup');

export function SetupPage() {
  const { setupToken } = route.useRouteContext();
  const { data: session } = useSuspenseQuery(sessionQuery);
  const setup = useSetup(setupToken);
  const code = problemCode(setup.error);
  if (!session.setupRequired || code === 'setup_done') return <SetupDone signedIn={Boolean(session.user)} />;
  if (setupToken === null)
    return (
      <LinkNeeded
        title="Open the set-up link"
        why="This server has no user yet. The first one is created through its set-up link."
      />
    );
  if (code === 'setup_token_invalid') {
    return (
      <LinkNeeded
        title="The set-up link is not valid"
        why="It has been used, it is older than 30 minutes, or it belongs to an earlier start of the server."
      />
    );
  }
  return (
    <AccessFrame
      title="Set up Muster"
      intro="Create the first administrator. This machine appears as soon as you are in."
    >
      <SetupForm onSubmit={setup.mutate} pending={setup.isPending} error={setup.error} />
    </AccessFrame>
  );
}

function LinkNeeded({ title, why }: { title: string; why: string }) {
  return (
    <AccessFrame title={title} intro={why}>
      <p>
        The server prints a fresh link in its terminal when it starts. Where it has no terminal, it writes the link to
        the file <code>setup-link</code> in its data directory.
      </p>
      <p>Restart the server if you no longer have a link that is younger than 30 minutes, then open the new one.</p>
    </AccessFrame>
  );
}

function SetupDone({ signedIn }: { signedIn: boolean }) {
  return (
    <AccessFrame
      title="Set-up is done"
      intro="The first administrator exists already. The set-up link has done its work."
    >
      {signedIn ? <Link to="/">Go to Infrastructure</Link> : <Link to="/login">Sign in</Link>}
    </AccessFrame>
  );
}
