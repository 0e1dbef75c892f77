// Hands the browser a file to save.
export function downloadText(name: string, type: string, text: string) {
  downloadBlob(name, new Blob([text], { type: `${type};charset=utf-8` }));
}

export function downloadBlob(name: string, content: Blob) {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** A name that every file system takes: letters, digits, dots and dashes. */
export function fileName(words: readonly string[], extension: string): string {
  const name = words
    .join('-')
    .replace(/[^\p{L}\p{N}.]+/gu, '-')
    .replace(/^[-.]+|-+$/g, '');
  return `${name || 'muster'}.${extension}`;
}
