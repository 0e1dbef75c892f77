// What a problem says of one field.
import { ProblemError } from '~/api/problem';

export function queryFailure(error: unknown, field: string): string | null {
  if (!(error instanceof ProblemError)) return null;
  return error.problem.errors?.find(it => it.field === field)?.message ?? null;
}
