import type { Belfry, Notified } from '../belfry.ts';
import { parseMessage } from '../message/parse-message.ts';
import { parseNotifyOptions } from '../message/notify-options.ts';
import { parseTarget } from '../message/target.ts';
import { checkedTopic } from '../topics/topics.ts';
import type { Message, MulticastMessage } from './message.ts';
import { failureOf, toMessagingError, unknownToken } from './messaging-error.ts';
import type { BatchResponse, MessagingTopicManagementResponse, SendResponse } from './responses.ts';
import { invalid, toNotify, topicNameOf } from './to-notify.ts';

/** The part of `Belfry` that is used: `await createBelfry(…)`, or Fastify's `app.belfry`. */
export interface MessagingBelfry extends Pick<Belfry, 'joinTopic' | 'leaveTopic'> {
  /** `fcm` is none of the types that the application declares in `BelfryMessages`: what is sent is checked when it is. */
  notify(target: unknown, message: unknown, options: unknown): Promise<Notified>;
}

/** Messages as firebase-admin sends them. All methods reject with a `MessagingError`. */
export interface Messaging {
  /**
   * Sends one message and resolves with its id, as `messageStatus` takes it: to a token once its push service has taken it, or has
   * put it off (it is tried again by itself); to a topic or condition once it is durable.
   *
   * @param dryRun only the message's form is checked, and nothing is sent; resolves with `dry-run`
   */
  send(message: Message, dryRun?: boolean): Promise<string>;
  /** 1 to 500 messages, each with a response of its own. */
  sendEach(messages: readonly Message[], dryRun?: boolean): Promise<BatchResponse>;
  /** One message to 1 to 500 tokens, each with a response of its own. */
  sendEachForMulticast(message: MulticastMessage, dryRun?: boolean): Promise<BatchResponse>;
  /**
   * Joins 1 to 1000 devices to a topic.
   *
   * @param topic `news` or `/topics/news`
   */
  subscribeToTopic(tokens: string | readonly string[], topic: string): Promise<MessagingTopicManagementResponse>;
  /** A device that had not joined, or that there is none of, is left as it is, and counts as a success. */
  unsubscribeFromTopic(tokens: string | readonly string[], topic: string): Promise<MessagingTopicManagementResponse>;
}

const MAX_MESSAGES = 500;
const MAX_TOPIC_TOKENS = 1000;

/**
 * firebase-admin's messaging on top of a Belfry, for an application that comes from Firebase: a token is a device id. A message
 * has the type `fcm` and the payload `{ from, data }`; `webpush` goes before what the message says itself, `link` is the
 * notification's `url`, the headers `TTL`, `Urgency` and `Topic` are the options `ttl`, `urgency` and `collapseKey`.
 *
 * @example
 * import { getMessaging } from '@belfry/server/firebase';
 *
 * const messaging = getMessaging(belfry);
 * const id = await messaging.send({ token: deviceId, notification: { title: 'Hello' }, data: { room: '7' } });
 */
export function getMessaging(belfry: MessagingBelfry): Messaging {
  return {
    send,
    sendEach,
    async sendEachForMulticast({ tokens, ...message }, dryRun) {
      return await sendEach(
        checkedTokens(tokens, MAX_MESSAGES).map((token) => ({ ...message, token })),
        dryRun,
      );
    },
    subscribeToTopic: (tokens, topic) =>
      changeTopic(tokens, topic, (name, token) => belfry.joinTopic(name, { device: token })),
    unsubscribeFromTopic: (tokens, topic) =>
      changeTopic(tokens, topic, (name, token) => belfry.leaveTopic(name, { device: token })),
  };

  async function send(message: Message, dryRun = false): Promise<string> {
    try {
      return await (dryRun ? checkOne(message) : sendOne(message));
    } catch (error) {
      throw toMessagingError(error);
    }
  }

  async function sendOne(input: Message): Promise<string> {
    const { target, message, options } = toNotify(input);
    const notified = await belfry.notify(target, message, options);
    if (notified.devices === 0) throw unknownToken();
    // The server stops: the message is durable, and goes out at the next start.
    const outcomes = await notified.settled().catch(() => []);
    const [failure] = outcomes.flatMap((outcome) => failureOf(outcome) ?? []);
    if (failure !== undefined) throw failure;
    return notified.id;
  }

  async function sendEach(messages: readonly Message[], dryRun?: boolean): Promise<BatchResponse> {
    if (!Array.isArray(messages) || messages.length === 0 || messages.length > MAX_MESSAGES) {
      throw invalid(`messages must be an array of 1 to ${MAX_MESSAGES}`);
    }
    const responses = await Promise.all(
      messages.map((message) =>
        send(message, dryRun).then(
          (messageId): SendResponse => ({ success: true, messageId }),
          (error: unknown): SendResponse => ({ success: false, error: toMessagingError(error) }),
        ),
      ),
    );
    const successCount = responses.filter(({ success }) => success).length;
    return { responses, successCount, failureCount: responses.length - successCount };
  }
}

function checkOne(input: Message): string {
  const { target, message, options } = toNotify(input);
  parseTarget(target);
  parseMessage(message);
  // None of its options is a time.
  parseNotifyOptions(options, { now: 0 });
  return 'dry-run';
}

async function changeTopic(
  input: string | readonly string[],
  topic: string,
  change: (name: string, token: string) => Promise<void>,
): Promise<MessagingTopicManagementResponse> {
  const tokens = checkedTokens(typeof input === 'string' ? [input] : input, MAX_TOPIC_TOKENS);
  const name = topicOf(topic);
  const settled = await Promise.allSettled(tokens.map((token) => change(name, token)));
  const errors = settled.flatMap((one, index) =>
    one.status === 'rejected' ? [{ index, error: toMessagingError(one.reason) }] : [],
  );
  return { successCount: tokens.length - errors.length, failureCount: errors.length, errors };
}

function topicOf(topic: unknown): string {
  try {
    return checkedTopic(typeof topic === 'string' ? topicNameOf(topic) : '');
  } catch (error) {
    throw toMessagingError(error);
  }
}

function checkedTokens(tokens: unknown, max: number): readonly string[] {
  const isList = Array.isArray(tokens) && tokens.every((token) => typeof token === 'string' && token !== '');
  if (isList && tokens.length > 0 && tokens.length <= max) return tokens;
  throw invalid(`tokens must be an array of 1 to ${max} tokens`);
}
