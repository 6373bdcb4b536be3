import type { Topic, Urgency } from '@belfry/protocol';
import type { LocalTime } from '../schedule/local-time.ts';
import type { PushPriority } from '../transport/push-transport.ts';
import type { FullMessage } from './message.ts';
import type { Foreground, ParsedNotifyOptions } from './notify-options.ts';

/** What the store keeps of a message, so that it can be sent again after a restart. */
export interface MessageContent {
  readonly message: FullMessage;
  readonly options: Pick<ParsedNotifyOptions, 'ttl'> & {
    readonly urgency?: Urgency | undefined;
    readonly topic?: Topic | undefined;
    /** Default: `user`. */
    readonly priority?: PushPriority | undefined;
    /** Default: `page`. */
    readonly foreground?: Foreground | undefined;
    /** When it is to be sent, by each device's own clock. */
    readonly local?: LocalTime | undefined;
  };
}

export function writeContent(content: MessageContent): string {
  return JSON.stringify(content);
}

/** Only {@link writeContent} writes there, so it is read without another check. */
export function readContent(text: string): MessageContent {
  const content: MessageContent = JSON.parse(text);
  return content;
}
