// One ruling: what it says of whom, by whom and why; and taking it back.
import { Link } from '@tanstack/react-router';
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';
import type { ResourceId, Ruling } from '~/api/types';
import { Age } from '~/components/Age';
import { toMillis } from '~/format/time';
import { useResource } from '~/live/LiveContext';
import { useMayEdit } from '../connections/useMayEdit';
import { RulingDialog } from './RulingDialog';
import { sidesOf, VERDICT } from './rulings';
import { useRuling } from './useRuling';

export function RulingRow({ ruling }: { ruling: Ruling }) {
  const mayEdit = useMayEdit();
  const [first, second] = sidesOf(ruling);
  return (
    <tr>
      <th scope="row">
        <Named id={first} /> {VERDICT[ruling.verdict].between} <Named id={second} />
        {ruling.note && <div className="dim">{ruling.note}</div>}
      </th>
      <td data-optional>{ruling.by}</td>
      <td data-optional>
        <Age time={toMillis(ruling.at)} />
      </td>
      <td>{mayEdit && <TakeBack ruling={ruling} />}</td>
    </tr>
  );
}

/** What people call it; of a former id the id itself. */
function useName(id: ResourceId): string {
  return useResource(id)?.canonicalIdentity.displayName ?? id;
}

/** A former id leads to what it has become. */
function Named({ id }: { id: ResourceId }) {
  const resource = useResource(id);
  return (
    <Link to="/resources/$id" params={{ id }}>
      {resource?.canonicalIdentity.displayName ?? <code>{id}</code>}
    </Link>
  );
}

/** A join is taken back by a split. */
function takenBack(ruling: Ruling, note: string | null): Promise<unknown> {
  if (ruling.verdict === 'same') {
    const body = { formerId: ruling.absorbed, records: [], note };
    const params = { path: { id: ruling.survivor } };
    return unwrap('to split what was joined', api.POST('/api/resources/{id}/split', { params, body }));
  }
  const params = { path: { id: ruling.id }, query: note === null ? {} : { note } };
  return unwrap('to take the ruling back', api.DELETE('/api/rulings/{id}', { params }));
}

function TakeBack({ ruling }: { ruling: Ruling }) {
  const [first, second] = sidesOf(ruling);
  const what = `${useName(first)} ${VERDICT[ruling.verdict].between} ${useName(second)}`;
  const rule = useRuling(note => takenBack(ruling, note), 'The ruling is taken back.');
  return (
    <RulingDialog
      label={`Take back: ${what}`}
      short="Take back"
      pending={rule.isPending}
      error={rule.error}
      onRule={note => rule.mutateAsync(note)}
    >
      <p>{VERDICT[ruling.verdict].without}</p>
    </RulingDialog>
  );
}
