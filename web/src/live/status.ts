// How the live connection is doing. Times are epoch milliseconds.
export type LiveStatus =
  | { phase: 'connecting' }
  | { phase: 'live'; since: number }
  | { phase: 'reconnecting'; since: number; attempt: number; retryAt: number }
  | { phase: 'polling'; since: number }
  | { phase: 'paused'; since: number };
