// Signing in: with name, password and, where somebody has one, a second factor; or through the identity provider.
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { api } from '~/api/client';
import { problemCode, unwrap } from '~/api/problem';
import { sessionQuery } from '~/api/queries';
import { formField } from '~/components/formField';
import { AccessFrame } from './AccessFrame';
import { readCredentials, type Credentials } from './credentials';
import { FormProblem } from './FormProblem';
import { ProviderButton } from './ProviderButton';
import { providerProblem } from './providerProblem';
import { useEnter } from './useEnter';
import classes from './AccessFrame.module.css';

const route = getRouteApi('/login');

type Entry = Credentials & { code?: string };

const logIn = (body: Entry) => unwrap('to sign in', api.POST('/api/login', { body }));

function readEntry(form: HTMLFormElement): Entry {
  const code = formField(form, 'code').trim();
  return { ...readCredentials(form), ...(code !== '' && { code }) };
}

export function LoginPage() {
  const { next, ended, problem } = route.useSearch();
  const { data: session } = useQuery(sessionQuery);
  const enter = useEnter(logIn, next ?? '/');
  const code = problemCode(enter.error);
  const asksForCode = code === 'second_factor_required' || code === 'second_factor_failed';
  const failed = providerProblem(problem);
  return (
    <AccessFrame title="Sign in to Muster" intro={ended && 'Your session has ended. Sign in to go on where you were.'}>
      <form
        className={classes.form}
        method="post"
        onSubmit={event => {
          event.preventDefault();
          enter.mutate(readEntry(event.currentTarget));
        }}
      >
        {failed && (
          <p role="alert" className={classes.problem}>
            <strong>You are not signed in</strong>
            {failed}
          </p>
        )}
        {session?.provider && <ProviderButton provider={session.provider} next={next} />}
        <TextInput
          label="Name"
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          autoFocus
        />
        <PasswordInput label="Password" name="password" autoComplete="current-password" required />
        {asksForCode && (
          <TextInput
            label="Code"
            description="What your authenticator shows, or a recovery code."
            name="code"
            autoComplete="one-time-code"
            autoCapitalize="none"
            spellCheck={false}
            required
            autoFocus
          />
        )}
        <FormProblem error={code === 'second_factor_required' ? null : enter.error} />
        <Button type="submit" size="md" loading={enter.isPending}>
          Sign in
        </Button>
      </form>
    </AccessFrame>
  );
}
