import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { Message, sessionBus } from '@particle/dbus-next';
import { type NotifyCall, parseNotify } from './parse-notify.ts';
import type { MessageBusProcess } from './start-message-bus.ts';

const service = 'org.freedesktop.Notifications';
const path = '/org/freedesktop/Notifications';

/** `x-kde-origin-name`: the origin comes as a hint of its own, not as the first line of the body. */
const capabilities = ['actions', 'body', 'x-kde-origin-name'];

/** Why a notification was closed (Desktop Notifications Specification 1.2, NotificationClosed). */
const closedReason = { byUser: 2, byCall: 3 } as const;

/** A browser that is busy for longer is not waited for. */
const KNOWN_WITHIN_MS = 2_000;

/** What stands on the screen. Each showing is an object of its own, also when one takes the place of another. */
export type ShownNotification = NotifyCall & { readonly id: number };

/** The part of a desktop that shows notifications, with nobody in front of it. */
export interface NotificationServer {
  /** Those whose ids their application knows, oldest first. */
  shown(): readonly ShownNotification[];
  /**
   * Presses `default` or a button; the notification leaves the screen, as Chromium never sets the hint `resident`. False
   * when it had left it before.
   */
  invoke(notification: ShownNotification, key: string): boolean;
  /** Closes it as its user does. False when it had left the screen before. */
  dismiss(notification: ShownNotification): boolean;
}

/**
 * Serves the desktop's notifications on a bus for as long as the bus lasts. Nothing expires: what is on the screen stays
 * there until it is clicked, closed or replaced.
 */
export async function serveNotifications(busProcess: MessageBusProcess): Promise<NotificationServer> {
  const bus = sessionBus({ busAddress: busProcess.address });
  await once(bus, 'connect');
  // The bus ends with its browser; without a listener the lost connection would end this process.
  bus.on('error', () => {});
  const screen = new Map<number, ShownNotification>();
  const known = new WeakSet<ShownNotification>();
  void busProcess.ended.then(() => screen.clear());
  let lastId = 0;

  function emit(member: string, signature: string, body: unknown[]): void {
    bus.send(Message.newSignal(path, service, member, signature, body));
  }
  function remove(id: number, reason: number): void {
    if (screen.delete(id)) emit('NotificationClosed', 'uu', [id, reason]);
  }
  function show(call: NotifyCall): ShownNotification {
    const replaced = screen.delete(call.replacesId);
    if (!replaced) lastId += 1;
    const shown = { ...call, id: replaced ? call.replacesId : lastId };
    screen.set(shown.id, shown);
    return shown;
  }
  /**
   * A notification of the same tag takes the place of this one only where Chromium has read this one's id before. It reads a ping
   * after the id.
   */
  async function waitUntilKnown(shown: ShownNotification, application: string): Promise<void> {
    const ping = { destination: application, path: '/', interface: 'org.freedesktop.DBus.Peer', member: 'Ping' };
    const limit = setTimeout(KNOWN_WITHIN_MS, undefined, { ref: false });
    await Promise.race([bus.call(new Message(ping)), limit]).catch(() => {});
    known.add(shown);
  }
  /** `undefined` where the bus library is to answer that there is no such method. */
  function answer(message: Message): { readonly reply: Message; readonly shown?: ShownNotification } | undefined {
    const body: unknown = message.body;
    switch (message.member) {
      case 'GetCapabilities':
        return { reply: Message.newMethodReturn(message, 'as', [capabilities]) };
      case 'GetServerInformation':
        return { reply: Message.newMethodReturn(message, 'ssss', ['Belfry', 'Belfry', '1', '1.2']) };
      case 'Notify': {
        const call = parseNotify(body);
        if (call === undefined) return undefined;
        const shown = show(call);
        return { reply: Message.newMethodReturn(message, 'u', [shown.id]), shown };
      }
      case 'CloseNotification': {
        const id: unknown = Array.isArray(body) ? body[0] : undefined;
        if (typeof id === 'number') remove(id, closedReason.byCall);
        return { reply: Message.newMethodReturn(message, '', []) };
      }
      default:
        return undefined;
    }
  }

  bus.addMethodHandler((message: Message) => {
    if (message.interface !== service) return false;
    const answered = answer(message);
    if (answered === undefined) return false;
    bus.send(answered.reply);
    if (answered.shown !== undefined) void waitUntilKnown(answered.shown, message.sender);
    return true;
  });
  await bus.requestName(service);

  const isShown = (notification: ShownNotification): boolean => screen.get(notification.id) === notification;
  return {
    shown: () => [...screen.values()].filter((notification) => known.has(notification)),
    invoke(notification, key) {
      if (!isShown(notification)) return false;
      emit('ActionInvoked', 'us', [notification.id, key]);
      remove(notification.id, closedReason.byUser);
      return true;
    },
    dismiss(notification) {
      if (!isShown(notification)) return false;
      remove(notification.id, closedReason.byUser);
      return true;
    },
  };
}
