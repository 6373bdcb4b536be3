import type { TopicName, UserId } from '@belfry/store';
import { BelfryError } from '../../errors.ts';
import { checkedTopic, type Topics } from '../../topics/topics.ts';
import { jsonAnswer } from '../answers.ts';
import { checkSameSite } from '../check-same-site.ts';
import type { Route, Routes } from '../create-handler.ts';
import type { Identity } from '../identify.ts';
import type { RateLimit } from '../rate-limit.ts';

/** Whether a user may join a topic from a browser. See `BelfryOptions.authorizeTopic`. */
export type AuthorizeTopic = (userId: string, topic: string) => boolean | Promise<boolean>;

export interface TopicRoutes {
  readonly topics: Topics;
  readonly origins: readonly string[];
  readonly authorizeTopic: AuthorizeTopic | undefined;
  readonly limit: RateLimit;
}

/** `GET /topics`, `PUT` and `DELETE /topics/:topic`, for the signed-in user, with all of their devices. */
export function topicRoutes({ topics, origins, authorizeTopic, limit }: TopicRoutes): Routes {
  const GET: Route = async (_request, identify) => {
    const { userId } = await signedIn(identify);
    return jsonAnswer(200, { data: { topics: await topics.topicsOf(userId) } });
  };
  const PUT: Route = async (request, identify, parameter) => {
    checkSameSite(request, origins);
    const { userId } = await signedIn(identify);
    const topic = checkedTopic(parameter);
    await authorize(userId, topic);
    await topics.joinTopic(topic, userId);
    return jsonAnswer(200, { data: { success: true } });
  };
  // Whoever wants no more of something needs nobody's leave.
  const DELETE: Route = async (request, identify, parameter) => {
    checkSameSite(request, origins);
    const { userId } = await signedIn(identify);
    await topics.leaveTopic(parameter, userId);
    return jsonAnswer(200, { data: { success: true } });
  };
  return { '/topics': { GET }, '/topics/:topic': { PUT, DELETE } };

  async function signedIn(identify: () => Promise<Identity>): Promise<Identity> {
    const identity = await identify();
    limit(identity.userId);
    return identity;
  }

  async function authorize(userId: UserId, topic: TopicName): Promise<void> {
    const refusal = '`authorizeTopic` does not let this user join this topic';
    let isAllowed: boolean | undefined;
    try {
      isAllowed = await authorizeTopic?.(userId, topic);
    } catch (cause) {
      // One that fails lets nobody in, and the log has why.
      throw new BelfryError('topic-not-allowed', refusal, { cause });
    }
    if (isAllowed !== true) throw new BelfryError('topic-not-allowed', refusal);
  }
}
