// Reads the form that both access pages have. Uncontrolled inputs, because that is what password managers fill.
export type Credentials = { username: string; password: string };

export function readCredentials(form: HTMLFormElement): Credentials {
  const data = new FormData(form);
  const text = (name: string) => {
    const value = data.get(name);
    return typeof value === 'string' ? value : '';
  };
  return { username: text('username').trim(), password: text('password') };
}
