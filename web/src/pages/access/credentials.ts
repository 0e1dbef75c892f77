// Reads the form that both access pages have. Uncontrolled inputs, because that is what password managers fill.
import { formField } from '~/components/formField';

export const SHORTEST_PASSWORD = 10;
export const LONGEST_NAME = 64;

export type Credentials = { username: string; password: string };

export function readCredentials(form: HTMLFormElement): Credentials {
  return { username: formField(form, 'username').trim(), password: formField(form, 'password') };
}
