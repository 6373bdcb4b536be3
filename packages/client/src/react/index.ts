'use client';

export { PushProvider, type PushProviderProps } from './push-provider.ts';
export { useForegroundMessages } from './use-foreground-messages.ts';
export { type Push, usePush } from './use-push.ts';
export { useServiceWorker } from './use-service-worker.ts';
