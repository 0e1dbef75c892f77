// The bound that the server sets to a note.

/** In characters. */
export const MOST_NOTE = 500;
