import type { FullMessage } from './message.ts';
import type { ParsedNotifyOptions } from './notify-options.ts';

/** What the store keeps of a message, so that it can be sent again after a restart. */
export interface MessageContent {
  readonly message: FullMessage;
  readonly options: ParsedNotifyOptions;
}

export function writeContent(content: MessageContent): string {
  return JSON.stringify(content);
}

/** Only {@link writeContent} writes there, so it is read without another check. */
export function readContent(text: string): MessageContent {
  const content: MessageContent = JSON.parse(text);
  return content;
}
