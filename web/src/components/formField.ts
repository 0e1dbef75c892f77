// Reads what was written into a field of a form.

/** The text of a field; empty where there is none of the name. */
export function formField(form: HTMLFormElement, name: string): string {
  const value = new FormData(form).get(name);
  return typeof value === 'string' ? value : '';
}
