// Code that is asked for when it is first needed.
import { UnreachableError } from './problem';

/** Where the code does not come, the server is away, not the page at fault. */
export function fetched<Module>(module: Promise<Module>): Promise<Module> {
  return module.catch((cause: unknown) => {
    throw new UnreachableError('when it was asked for this page', cause);
  });
}
