// What whoever is signed in may do about connections. Trying one out makes this server dial wherever it is told, which is for
// administrators alone.
import { useQuery } from '@tanstack/react-query';
import { sessionQuery } from '~/api/queries';
import type { Scope } from '~/api/types';

function useScope(scope: Scope): boolean {
  const { data } = useQuery(sessionQuery);
  return data?.user?.scopes.includes(scope) ?? false;
}

export function useMayEdit(): boolean {
  return useScope('connections:write');
}

export function useMayProbe(): boolean {
  return useScope('system:admin');
}

export const PROBING_NEEDS = 'Trying it out needs the right to administer the server (system:admin).';
