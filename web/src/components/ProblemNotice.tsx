// A failed request, for people: what was attempted, why it failed, what to do, and the id to ask the operator about.
import { Button } from '@mantine/core';
import { ProblemError, UnreachableError } from '~/api/problem';
import type { ProblemCode } from '~/api/types';
import { Marked } from './Marked';
import { Notice } from './Notice';

const RETRY_LATER = 'Try again in a moment. If it stays, look at the System page.';

/** What the reader can do about it. The detail says what went wrong; this says what helps. */
const ADVICE: Partial<Record<ProblemCode, string>> = {
  forbidden: 'Ask an administrator for the role that includes this, or sign in as somebody who has it.',
  unauthenticated: 'Sign in again.',
  resource_not_found: 'It may have been removed, or the address is mistyped. Search for it by name.',
  unavailable: RETRY_LATER,
  storage_unavailable: RETRY_LATER,
  timeout: RETRY_LATER,
  internal: "Try again. If it stays, look for the request id in the server's log.",
};
const ADVICE_OTHERWISE = 'Correct the request and try again.';

type Props = { error: unknown; onRetry?: () => void; page?: boolean };

export function ProblemNotice({ error, onRetry, page = false }: Props) {
  const retry = onRetry && (
    <Button variant="default" size="xs" onClick={onRetry}>
      Try again
    </Button>
  );
  if (error instanceof ProblemError) {
    const { title, detail, requestId, code } = error.problem;
    return (
      <Notice kind={code === 'forbidden' ? 'forbidden' : 'error'} title={title} action={retry} page={page}>
        <p>
          <Marked text={detail} />
        </p>
        <p>{ADVICE[code] ?? ADVICE_OTHERWISE}</p>
        {requestId && (
          <p>
            Request id <code>{requestId}</code>
          </p>
        )}
      </Notice>
    );
  }
  if (error instanceof UnreachableError) {
    return (
      <Notice kind="unreachable" title={error.message} action={retry} page={page}>
        <p>Check that the server runs and that this browser can reach it. What was on the screen may be out of date.</p>
      </Notice>
    );
  }
  return (
    <Notice kind="error" title="This page has a fault" action={retry} page={page}>
      <p>It is the application's, not yours. Reload the page; if it stays, report it with this text:</p>
      <p>
        <code>{error instanceof Error ? error.message : String(error)}</code>
      </p>
    </Notice>
  );
}
