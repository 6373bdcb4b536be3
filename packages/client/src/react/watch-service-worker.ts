/**
 * Shows the page's active worker, and each one that takes its place. Answers the function that ends it.
 *
 * @param container undefined in browsers without service workers, and in pages that came over http
 */
export function watchServiceWorker(
  container: ServiceWorkerContainer | undefined,
  show: (worker: ServiceWorker) => void,
): () => void {
  const ending = new AbortController();
  if (container !== undefined) void watch(container, show, ending.signal);
  return () => ending.abort();
}

async function watch(
  container: ServiceWorkerContainer,
  show: (worker: ServiceWorker) => void,
  signal: AbortSignal,
): Promise<void> {
  const registration = await container.ready;
  if (signal.aborted) return;
  // Not the page's controller: a page that was loaded before its worker, or past it by a forced reload, has none.
  const look = (): void => void (registration.active && show(registration.active));
  const follow = (worker: ServiceWorker | null): void => worker?.addEventListener('statechange', look, { signal });
  follow(registration.waiting);
  follow(registration.installing);
  registration.addEventListener('updatefound', () => follow(registration.installing), { signal });
  look();
}
