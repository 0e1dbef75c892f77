// What an administrator has the server do for itself.
import { api } from '~/api/client';
import { unwrap } from '~/api/problem';

/** A backup of state and history, without the master key. One that breaks off on the way is an error. */
export async function fetchBackup() {
  const answer = api.POST('/api/system/backup', { parseAs: 'blob' });
  const content = await unwrap('the backup', answer);
  const { response } = await answer;
  return { name: attachmentName(response.headers.get('content-disposition')), content };
}

/** Has the configuration read again. */
export const reloadConfiguration = () => unwrap('the new configuration', api.POST('/api/system/reload'));

/** The name that the server gives a file. */
export function attachmentName(disposition: string | null): string {
  return /filename="([\w.-]+)"/.exec(disposition ?? '')?.[1] ?? 'muster.tar.zst';
}
