// What a failed look or probe means for people: a name for each category, and what helps beyond what the server says.
import type { PollError } from '~/api/types';

type Words = { title: string; help: string };

const WORDS: Partial<Record<string, Words>> = {
  unreachable: {
    title: 'Nobody answers',
    help: 'Check addresses and port, and that a firewall between this server and the platform lets it through.',
  },
  timed_out: {
    title: 'No answer in time',
    help: 'The platform or the way to it is slow. It is tried again, at longer intervals the longer it lasts.',
  },
  tls: {
    title: 'The certificate is not believed',
    help: 'Edit the connection, compare the fingerprint with the one on the node, and approve it.',
  },
  pin_mismatch: {
    title: 'Another certificate than the approved one',
    help: 'If it was renewed, edit the connection and approve the new fingerprint. If not, somebody may stand in between.',
  },
  unauthorised: {
    title: 'The credentials are not accepted',
    help: 'The token may have expired or been removed, or its user disabled. Edit the connection and give another secret.',
  },
  forbidden: {
    title: 'A right is missing',
    help: 'Examine the rights: it names the right and the command that grants it, to the user and to the token.',
  },
  api: { title: 'The platform answered with an error', help: "Look at the platform's own log for the same time." },
  malformed: {
    title: 'The answer made no sense',
    help: 'Something else may listen at this address, such as a proxy with a page of its own.',
  },
  secret: {
    title: 'The secret cannot be read',
    help: 'Edit the connection and give the secret again; where it is a file, check its path and permissions.',
  },
};

/** Categories that this browser does not know yet still carry the server's sentence. */
const OTHERWISE: Words = { title: 'It failed', help: 'Try again; if it stays, look at the log of this server.' };

export function failureWords({ category }: Pick<PollError, 'category'>): Words {
  return WORDS[category] ?? OTHERWISE;
}
