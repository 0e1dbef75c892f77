import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { AuditRow, AuditVerdict, Session } from '~/api/types';
import { answerRequests, renderApp, type Answer } from '~/test/render';
import { changesOf, factsOf } from './changes';
import { exportPath, parseAudit } from './view';
import { placeOf } from './words';

const admin: Session = {
  setupRequired: false,
  csrfToken: 'csrf',
  provider: null,
  user: {
    id: 'u-1',
    name: 'ada',
    role: 'admin',
    scopes: ['inventory:read', 'audit:read', 'system:admin'],
    sessionExpiresAt: '2026-11-28T09:00:00Z',
    providerLogoutUrl: null,
  },
};

const row: AuditRow = {
  id: 'a-1',
  at: '2026-11-21T09:00:00Z',
  actor: 'user:ada',
  action: 'user.update',
  target: 'eve',
  outcome: 'ok',
  remoteAddr: '10.0.0.9',
  requestId: 'r-1',
  occurrences: 1,
  detail: {
    patch: [
      { op: 'test', path: '/role', value: 'viewer' },
      { op: 'replace', path: '/role', value: 'admin' },
    ],
  },
  stream: 'actions',
  segment: 3,
  sequence: 7,
  digest: 'ab'.repeat(32),
};

const verdict: AuditVerdict = {
  sound: false,
  segments: 1,
  links: 4,
  entries: 9,
  droppedSegments: 0,
  droppedEntries: 0,
  droppedUntil: null,
  faults: 1,
  findings: [
    { fault: 'changed', segment: 3, link: null, firstRow: 7, lastRow: 7, id: 'a-1', what: 'the row was changed' },
  ],
  anchors: [],
  heads: [{ stream: 'actions', writer: 'main', segment: 3, link: 4, head: 'actions.main.3.4.ff' }],
};

function open(path: string, answers: Record<string, Answer>) {
  const log: Answer = { body: { items: [row], nextPageToken: null, revision: 1 } };
  const asked = answerRequests({ '/api/session': { body: admin }, '/api/audit': log, ...answers });
  renderApp(path);
  return asked;
}

describe('the rows', () => {
  it('open in full, with what was before and after', async () => {
    open('/audit', {});
    await userEvent.click(await screen.findByRole('button', { name: 'user.update' }));
    const drawer = await screen.findByRole('dialog');
    const change = within(drawer).getByRole('row', { name: /role/ });
    expect(within(change).getByText('viewer')).toBeInTheDocument();
    expect(within(change).getByText('admin')).toBeInTheDocument();
    expect(within(drawer).getByText('actions, segment 3, row 7')).toBeInTheDocument();
  });

  it('are asked for with the filters of the address', async () => {
    const asked = open('/audit?actor=user%3Aada&nonsense=1', {});
    await screen.findByRole('button', { name: 'user.update' });
    const question = asked.find(({ url }) => new URL(url).pathname === '/api/audit');
    expect(new URL(question?.url ?? '').searchParams.get('actor')).toBe('user:ada');
    expect(screen.getByRole('link', { name: 'CSV' })).toHaveAttribute(
      'href',
      '/api/audit/export?actor=user%3Aada&format=csv',
    );
  });
});

describe('the check', () => {
  it('names what is wrong and the head to note', async () => {
    open('/audit', { '/api/audit/verify': { body: verdict } });
    await userEvent.click(await screen.findByRole('button', { name: 'Verify' }));
    expect(await screen.findByText('1 thing is wrong')).toBeInTheDocument();
    expect(screen.getByText('segment 3, row 7')).toBeInTheDocument();
    expect(screen.getByText('actions.main.3.4.ff')).toBeInTheDocument();
  });
});

describe('words', () => {
  it('keep what the address may say', () => {
    expect(parseAudit({ actor: 'x', other: 'y', q: '' })).toEqual({ actor: 'x' });
    expect(exportPath({ q: 'a b' }, 'jsonl')).toBe('/api/audit/export?q=a+b&format=jsonl');
  });

  it('show changes and facts apart', () => {
    const detail = {
      patch: [
        { op: 'add', path: '/a~1b', value: [1] },
        { op: 'test', path: '/c', value: null },
        { op: 'remove', path: '/c' },
      ],
      scopes: ['x', 'y'],
    };
    expect(changesOf(detail)).toEqual([
      { field: 'a/b', before: null, after: '[1]' },
      { field: 'c', before: 'null', after: null },
    ]);
    expect(factsOf(detail)).toEqual([['scopes', 'x, y']]);
    expect([changesOf(null), factsOf('x')]).toEqual([[], []]);
  });

  it('say where', () => {
    const finding = { fault: 'missing', id: null, what: '' } as const;
    expect(placeOf({ ...finding, segment: 2, link: 5, firstRow: null, lastRow: null })).toBe('segment 2, link 5');
    expect(placeOf({ ...finding, segment: 2, link: null, firstRow: 1, lastRow: 4 })).toBe('segment 2, rows 1 to 4');
  });
});
