import { expect, it } from 'vitest';
import type { DoctorReport } from '~/api/types';
import { doctorText } from './doctorText';

export const report: DoctorReport = {
  version: '1.2.3',
  examinedAt: '2026-11-21T09:00:00Z',
  warnings: 0,
  failures: 1,
  findings: [
    { check: 'disk', level: 'fail', what: 'Nothing is free.', why: 'Nothing is stored.', remedy: 'Free some space.' },
    { check: 'clock', level: 'ok', what: 'The clocks agree.', why: null, remedy: null },
  ],
  settings: [
    { key: 'log.level', value: 'warn', secretIsSet: false, origin: '/etc/muster/muster.toml line 2', reloadable: true },
    { key: 'database.url', value: null, secretIsSet: true, origin: 'environment variable X', reloadable: false },
    { key: 'agent.local', value: 'true', secretIsSet: false, origin: 'built-in default', reloadable: false },
  ],
};

it('writes a report that can be passed on', () => {
  expect(doctorText(report)).toBe(
    [
      'Muster 1.2.3, 2026-11-21T09:00:00Z',
      '',
      'FAIL  disk: Nothing is free.',
      '      Nothing is stored.',
      '      Free some space.',
      'ok    clock: The clocks agree.',
      '',
      'log.level = warn  (/etc/muster/muster.toml line 2)',
      'database.url = set, not shown  (environment variable X)',
      '',
    ].join('\n'),
  );
});
