// Says on every page that the server itself cannot write just now.
import { useQuery } from '@tanstack/react-query';
import { systemQuery } from '~/api/queries';
import { Notice } from '~/components/Notice';
import { writeTroubles } from '~/pages/system/systemFacts';

const ASKED_EVERY_MS = 60_000;

export function ServerTroubles() {
  const { data } = useQuery({ ...systemQuery, refetchInterval: ASKED_EVERY_MS });
  if (!data) return null;
  return writeTroubles(data).map(({ title, detail }) => (
    <Notice key={title} kind="partial" compact title={title}>
      {detail}
    </Notice>
  ));
}
