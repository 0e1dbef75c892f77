import { expect, it } from 'vitest';
import { systemNow } from '../../../dev/estate';
import { systemFacts, troubles } from './systemFacts';

const DAY = 86_400_000;

function system(days: number, failure: string | null = null) {
  const system = systemNow(0);
  const at = (days: number) => new Date(Date.parse(system.now) + days * DAY).toISOString();
  const tls = {
    subject: 'CN=muster.lan',
    names: ['muster.lan', '10.0.0.5'],
    notBefore: at(-1),
    notAfter: at(days),
    selfSigned: true,
    fingerprint: 'AB:CD',
    loadedAt: at(0),
    failedReload: failure ? { at: at(0), message: failure } : null,
  };
  return { ...system, tls };
}

const group = (of: ReturnType<typeof systemNow>) => systemFacts(of).find(({ title }) => title === 'TLS');

it('shows the certificate in force', () => {
  const facts = Object.fromEntries(group(system(90))?.facts.map(({ term, value }) => [term, value]) ?? []);
  expect(facts).toMatchObject({
    Certificate: 'CN=muster.lan',
    For: 'muster.lan, 10.0.0.5',
    'SHA-256': 'AB:CD',
    'Vouched for by': 'nobody; compare the SHA-256',
  });
  expect(troubles(system(90))).toEqual([]);
});

it('says that plain text is spoken', () => {
  expect(group({ ...systemNow(0), tls: null })?.facts).toEqual([{ term: 'Spoken', value: 'no; plain text' }]);
});

it('says what is wrong with a certificate', () => {
  const titles = (days: number, failure?: string) => troubles(system(days, failure)).map(({ title }) => title);
  expect(titles(90, 'the key file tls.key is open')).toEqual([
    'The new certificate cannot be used; the old one stays in force',
  ]);
  expect(troubles(system(90, 'the key file tls.key is open'))[0]?.detail).toBe('the key file tls.key is open.');
  expect(titles(3)).toEqual([expect.stringMatching(/^The certificate expires in 3/)]);
  expect(titles(-1)).toEqual(['The certificate has expired']);
});
