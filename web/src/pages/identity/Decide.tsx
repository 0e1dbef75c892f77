// What can be decided about a pair, each in words that say what will happen to ids and history (D-11).
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';
import type { Conflict } from '~/api/types';
import frame from '../connections/Connections.module.css';
import { useMayEdit } from '../connections/useMayEdit';
import classes from './Identity.module.css';
import { RulingDialog } from './RulingDialog';
import { useRuling } from './useRuling';

/** `older`: whose id stays, where that is known. */
type Props = { conflict: Conflict; older: 'first' | 'second' | null };

export function Decide({ conflict, older }: Props) {
  const mayEdit = useMayEdit();
  if (!mayEdit) return <p className="dim">Deciding needs the right to edit connections (connections:write).</p>;
  return (
    <div className={frame.buttons}>
      {conflict.kind === 'same' ? <Join conflict={conflict} older={older} /> : <PlaceInside conflict={conflict} />}
      <SetApart conflict={conflict} />
    </div>
  );
}

function Join({ conflict: { first, second, against }, older }: Props) {
  const names = `${first.displayName} and ${second.displayName}`;
  const rule = useRuling(
    note =>
      unwrap(
        `to join ${names}`,
        api.POST('/api/conflicts/join', { body: { first: first.id, second: second.id, ...(note && { note }) } }),
      ),
    `${names} are one.`,
  );
  const [stays, goes] = older === 'second' ? [second, first] : [first, second];
  return (
    <RulingDialog
      label={`Join ${names}`}
      short="Join"
      pending={rule.isPending}
      error={rule.error}
      onRule={note => rule.mutateAsync(note)}
    >
      <p>They become one resource, and stay one whatever either reports from now on.</p>
      <ul className={classes.effects}>
        <li>
          {older === null ? (
            'The id of the one that was seen first stays; the other becomes a former id of it. Links to both lead there.'
          ) : (
            <>
              The id <code>{stays.id}</code> ({stays.displayName}, seen first) stays; <code>{goes.id}</code> becomes a
              former id of it. Links to both lead there.
            </>
          )}
        </li>
        <li>Their history becomes one: charts go through from before the join.</li>
        <li>A split takes it back: what was measured in the meantime stays with the one whose id stayed.</li>
      </ul>
      {against.length > 0 && <p>Something speaks against it. Your word counts for more.</p>}
    </RulingDialog>
  );
}

function SetApart({ conflict: { kind, first, second } }: { conflict: Conflict }) {
  const names = `${first.displayName} and ${second.displayName}`;
  const rule = useRuling(
    note =>
      unwrap(
        `to set ${names} apart`,
        api.POST('/api/conflicts/distinct', { body: { first: first.id, second: second.id, ...(note && { note }) } }),
      ),
    `${names} are two.`,
  );
  return (
    <RulingDialog
      label={`Set ${names} apart`}
      short={kind === 'same' ? 'They are two' : 'It is not inside'}
      pending={rule.isPending}
      error={rule.error}
      onRule={note => rule.mutateAsync(note)}
    >
      <p>
        {kind === 'same'
          ? 'They stay two resources, and no evidence joins them any more. '
          : 'The host is not taken for the system inside the guest, whatever the evidence. '}
        The pair leaves this list. The ruling can be taken back.
      </p>
    </RulingDialog>
  );
}

function PlaceInside({ conflict: { first: host, second: guest } }: { conflict: Conflict }) {
  const rule = useRuling(
    note =>
      unwrap(
        `to say that ${host.displayName} runs inside ${guest.displayName}`,
        api.POST('/api/conflicts/inside', { body: { host: host.id, guest: guest.id, ...(note && { note }) } }),
      ),
    `${host.displayName} is the system inside ${guest.displayName}.`,
  );
  return (
    <RulingDialog
      label={`${host.displayName} is the system inside ${guest.displayName}`}
      short="It runs inside"
      pending={rule.isPending}
      error={rule.error}
      onRule={note => rule.mutateAsync(note)}
    >
      <p>
        Both stay, each with its id and history. The host stands below the guest, and the guest takes from it what its
        platform cannot tell, such as how its memory is used.
      </p>
    </RulingDialog>
  );
}
