// What the server shows of its certificate, and what is wrong with it.
import type { System } from '~/api/types';
import { formatAge, formatDate, formatDuration, MILLISECONDS } from '~/format/time';
import type { SystemGroup, Trouble } from './systemFacts';

/** A certificate that ends sooner than this should have been renewed by whoever keeps it. */
const RENEW_BEFORE = 14 * MILLISECONDS.DAY;

export function tlsFacts({ tls, now }: System): SystemGroup {
  if (!tls) return { title: 'TLS', facts: [{ term: 'Spoken', value: 'no; plain text' }] };
  return {
    title: 'TLS',
    facts: [
      { term: 'Certificate', value: tls.subject },
      { term: 'Vouched for by', value: tls.selfSigned ? 'nobody; compare the SHA-256' : 'another certificate' },
      { term: 'For', value: tls.names.join(', ') || null },
      { term: 'Holds until', value: formatDate(Date.parse(tls.notAfter)) },
      { term: 'Read', value: formatAge(Date.parse(tls.loadedAt), Date.parse(now)) },
      { term: 'SHA-256', value: tls.fingerprint },
    ],
  };
}

export function tlsTroubles({ tls, now }: System): Trouble[] {
  if (!tls) return [];
  const found: Trouble[] = [];
  if (tls.failedReload) {
    const title = 'The new certificate cannot be used; the old one stays in force';
    found.push({ title, detail: `${tls.failedReload.message}.` });
  }
  const left = Date.parse(tls.notAfter) - Date.parse(now);
  const remedy = 'Renew it; a restart is not needed.';
  if (left <= 0) found.push({ title: 'The certificate has expired', detail: remedy });
  else if (left < RENEW_BEFORE)
    found.push({ title: `The certificate expires in ${formatDuration(left)}`, detail: remedy });
  return found;
}
