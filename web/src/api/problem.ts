// What a failed request becomes: the server's problem answer, or word that no answer came.
import type { Problem } from './types';

/** The server answered with a problem (RFC 9457). */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.title}: ${problem.detail}`);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}

/** No answer that the application understands: the server is away, or something stands in between. */
export class UnreachableError extends Error {
  constructor(attempt: string, cause?: unknown) {
    super(`The server did not answer ${attempt}.`, { cause });
    this.name = 'UnreachableError';
  }
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'title' in body && 'detail' in body;
}

type Answer<T> = { data?: T; error?: unknown; response: Response };

/**
 * Takes the data out of an answer of the generated client.
 * @throws ProblemError for a problem answer, UnreachableError for anything else that is not the promised data.
 */
export async function unwrap<T>(attempt: string, answer: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answer.catch((cause: unknown) => {
    throw cause instanceof DOMException && cause.name === 'AbortError' ? cause : new UnreachableError(attempt, cause);
  });
  if (response.ok) return data as T; // The generated client has typed the body of this very answer.
  if (isProblem(error)) throw new ProblemError(error);
  throw new UnreachableError(`${attempt} (HTTP ${response.status})`);
}

/** What a problem answer says of one field; undefined for every other error. */
export function fieldProblem(error: unknown, field: string): string | undefined {
  if (!(error instanceof ProblemError)) return undefined;
  return error.problem.errors?.find(each => each.field === field)?.message;
}

/** What a problem answer says of a part of the request or of anything within it; fields are JSON pointers. */
export function partProblem(error: unknown, pointer: string): string | undefined {
  if (!(error instanceof ProblemError)) return undefined;
  const within = ({ field }: { field: string }) => field === pointer || field.startsWith(`${pointer}/`);
  return error.problem.errors?.find(within)?.message;
}

/** The code of a problem answer; undefined for every other error. */
export function problemCode(error: unknown): Problem['code'] | undefined {
  return error instanceof ProblemError ? error.problem.code : undefined;
}
