import type { PushEnvironment } from './push-environment.ts';

/**
 * What stands in the way before the user is asked; null: nothing.
 * Over http a browser hides its service workers, so this is what is looked at first.
 */
export function obstacle(environment: PushEnvironment): 'insecure' | 'unsupported' | 'needs-install' | null {
  const { isSecureContext, Notification, PushManager, pushManager, navigator } = environment;
  if (!isSecureContext) return 'insecure';
  try {
    if (Notification && (pushManager || (PushManager && navigator.serviceWorker))) return null;
  } catch {
    // A sandboxed frame may not even look.
  }
  // iOS has push from 16.4 on, for pages on the Home Screen; one that was opened from there and has none never will.
  return navigator.standalone === false ? 'needs-install' : 'unsupported';
}
