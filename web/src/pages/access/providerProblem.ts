// What the login page says when signing in through the identity provider did not work: what happened, and what to do.

const TEXT: Record<string, string> = {
  not_configured: 'No identity provider is configured. Sign in with name and password.',
  attempt_lost: 'The attempt is too old, was used already, or began in another browser. Begin again.',
  provider_unreachable:
    'The identity provider does not answer this server. Try again; if it stays, tell an administrator.',
  provider_misconfigured:
    'The identity provider gave an answer that makes no sense. An administrator finds the reason on the page Access.',
  provider_refused: 'The identity provider did not let you in, or you did not agree. Begin again.',
  token_refused:
    'What the identity provider vouched for could not be trusted. An administrator finds the reason on the page Access.',
  no_role: 'You are known, but none of your groups has a role here. Ask an administrator to map one of them.',
  account_disabled: 'Your account here is disabled. Ask an administrator to enable it.',
  server_problem: 'Something went wrong in this server. Try again; if it stays, its log says what.',
};

export function providerProblem(problem: string | undefined): string | undefined {
  return problem === undefined ? undefined : (TEXT[problem] ?? 'Signing in did not work. Begin again.');
}
