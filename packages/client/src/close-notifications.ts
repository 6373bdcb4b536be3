import type { PushRegistration } from './worker-registration.ts';

/** Takes what Belfry has shown from the screen: whoever uses the browser now would read what was for somebody else. */
export async function closeNotifications(registration: PushRegistration): Promise<void> {
  try {
    for (const shown of (await registration.getNotifications?.()) ?? []) {
      if (shown.data?.belfry) shown.close();
    }
  } catch {
    // A browser that cannot say what it shows.
  }
}
