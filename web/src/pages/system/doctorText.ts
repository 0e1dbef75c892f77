// What the server found when it examined itself, as text to pass on. The report holds no secret; nor does this.
import type { DoctorReport, Finding } from '~/api/types';

const WORD: Record<Finding['level'], string> = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL' };

/** The report as `muster doctor` prints it. */
export function doctorText({ version, examinedAt, findings, settings }: DoctorReport): string {
  const found = findings.flatMap(({ level, check, what, why, remedy }) => [
    `${WORD[level]}  ${check}: ${what}`,
    ...[why, remedy].filter(line => line).map(line => `      ${line}`),
  ]);
  const given = settings
    .filter(isGiven)
    .map(({ key, value, secretIsSet, origin }) => `${key} = ${shownValue({ value, secretIsSet })}  (${origin})`);
  return [`Muster ${version}, ${examinedAt}`, '', ...found, '', ...given].join('\n').trimEnd() + '\n';
}

type Value = Pick<DoctorReport['settings'][number], 'value' | 'secretIsSet'>;

/** A setting's value for people. */
export function shownValue({ value, secretIsSet }: Value): string {
  return secretIsSet ? 'set, not shown' : (value ?? 'not set');
}

/** Whether somebody gave it, as opposed to a default. */
export function isGiven({ origin }: { origin: string }): boolean {
  return origin !== 'built-in default';
}
