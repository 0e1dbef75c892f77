// The commands that make a user and a token with no more rights than needed, to be run on any node. Pure.
import type { ConnectionAuth } from '~/api/types';
import { authOf, loginOf, type Draft } from './draft';

export type Generation = '9' | '8';

export type Commands = { what: string; lines: string[] };

export const GENERATION_TITLE: Record<Generation, string> = { '9': 'Proxmox VE 9', '8': 'Proxmox VE 7 and 8' };

/** What the agents inside guests are asked, beyond what the auditor's role includes. */
const AGENT_ROLE = 'MusterGuestAgent';
const AGENT_RIGHTS: Record<Generation, string> = {
  '9': 'VM.GuestAgent.Audit VM.GuestAgent.FileRead',
  '8': 'VM.Monitor',
};

/** As one word of a shell, whatever stands in it; `!` would call the history back. */
export function quoted(word: string): string {
  return /^[\w@.+/-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** A token has at most the rights of its user, and only those that it was given itself: both are named. */
function acl(who: ConnectionAuth, role: string): string {
  const token = who.method === 'token' ? ` --tokens ${quoted(loginOf(who))}` : '';
  return `pveum acl modify / --users ${quoted(who.user)}${token} --roles ${role}`;
}

/** Empty while the login is not written out. */
export function grantCommands(
  draft: Pick<Draft, 'method' | 'login'>,
  generation: Generation,
  agents: boolean,
): Commands[] {
  const who = authOf(draft);
  if (!who) return [];
  const rights: readonly (readonly [role: string, what: string])[] = [
    ['PVEAuditor', 'read, and change nothing'],
    ...(agents ? [[AGENT_ROLE, 'ask the agents inside guests'] as const] : []),
  ];
  const reader = who.method === 'token' ? 'user and token' : 'the user';
  const granting = rights.map(([role, what]): Commands => {
    const making = role === AGENT_ROLE ? [`pveum role add ${role} --privs ${quoted(AGENT_RIGHTS[generation])}`] : [];
    return { what: `Let ${reader} ${what}`, lines: [...making, acl(who, role)] };
  });
  return [making(who), ...granting];
}

function making(who: ConnectionAuth): Commands {
  const user = `pveum user add ${quoted(who.user)} --comment Muster`;
  switch (who.method) {
    case 'token':
      return {
        what: 'Make a user and a token; the second command shows the secret, once',
        lines: [user, `pveum user token add ${quoted(who.user)} ${quoted(who.token)} --privsep 1`],
      };
    case 'password':
      return { what: 'Make a user with a password', lines: [user, `pveum passwd ${quoted(who.user)}`] };
  }
}
