import { type NotificationServer, serveNotifications } from './serve-notifications.ts';
import { type MessageBusProcess, type StartMessageBusOptions, startMessageBus } from './start-message-bus.ts';

/** The session bus of one browser, and what shows its notifications. */
export interface StartedDesktop {
  readonly bus: MessageBusProcess;
  readonly screen: NotificationServer;
}

/**
 * Each browser has a message bus and a notification server of its own, which are there before it: Chromium asks for the
 * server's capabilities once, when it starts.
 *
 * @throws TestingError `browser-exited` when dbus-daemon cannot be started
 */
export async function startDesktop(options: StartMessageBusOptions): Promise<StartedDesktop> {
  const bus = await startMessageBus(options);
  try {
    return { bus, screen: await serveNotifications(bus) };
  } catch (error) {
    bus.kill();
    await bus.ended;
    throw error;
  }
}
