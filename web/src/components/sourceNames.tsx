// What sources are called: a connection by the name that people gave it, any other source by its own.
import { useQuery } from '@tanstack/react-query';
import { createContext, use, useCallback, useMemo, type ReactNode } from 'react';
import { connectionsQuery } from '~/api/queries';

const NameContext = createContext<ReadonlyMap<string, string>>(new Map());

const ASK_EVERY_MS = 60_000;

/** Asks once for all that is below: a table with hundreds of cells in view cannot ask in each of them. */
export function SourceNames({ children }: { children: ReactNode }) {
  const { data } = useQuery({ ...connectionsQuery, refetchInterval: ASK_EVERY_MS });
  const said = data?.map(({ source, name }) => `${source} ${name}`).join('\n') ?? '';
  // As long as no name changes it is the same map, so that no answer draws the pages anew.
  const names = useMemo(() => new Map(said.split('\n').flatMap(split)), [said]);
  return <NameContext value={names}>{children}</NameContext>;
}

function split(line: string): [[string, string]] | [] {
  const end = line.indexOf(' ');
  return end < 0 ? [] : [[line.slice(0, end), line.slice(end + 1)]];
}

export function useSourceName(): (source: string) => string {
  const names = use(NameContext);
  return useCallback(source => names.get(source) ?? source, [names]);
}
