/** Chromium holds its first subscribe() back until about 2 s after the first page; 8 s were seen under load. */
export const defaultTimeoutMs = 30_000;
