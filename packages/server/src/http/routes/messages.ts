import type { MessageStatus } from '@belfry/store';
import { BelfryError } from '../../errors.ts';
import type { Messages } from '../../message/messages.ts';
import { jsonAnswer } from '../answers.ts';
import type { Route } from '../create-handler.ts';
import { ID_TEXT } from '../id-text.ts';
import type { RateLimit } from '../limits/rate-limit.ts';

export interface MessageRoutes {
  readonly limit: RateLimit;
  readonly messages: Messages;
}

/** `GET /messages/:id`: how far it is. `DELETE`: nobody else gets it. Both for holders of an API key. */
export function messageRoutes({ limit, messages }: MessageRoutes): { GET: Route; DELETE: Route } {
  return {
    async GET(_request, visit, id) {
      limit(visit.apiKey());
      return jsonAnswer(200, { data: await status(id) });
    },
    async DELETE(_request, visit, id) {
      limit(visit.apiKey());
      if (ID_TEXT.test(id)) await messages.cancelMessage(id);
      return jsonAnswer(200, { data: await status(id) });
    },
  };

  async function status(id: string): Promise<MessageStatus> {
    const known = ID_TEXT.test(id) ? await messages.messageStatus(id) : undefined;
    if (known === undefined) throw new BelfryError('unknown-message', 'There is no message with this id');
    return known;
  }
}
