import type { TopicName, UserId } from '@belfry/store';
import type { AskApplication } from '../ask-application.ts';
import { BelfryError } from '../../errors.ts';
import { MAX_TOPICS_PER_USER } from '../../limits.ts';
import { checkedTopic, type Topics } from '../../topics/topics.ts';
import { jsonAnswer } from '../answers.ts';
import type { Route, Routes } from '../create-handler.ts';
import { createJoinsUnderWay } from '../limits/joins-under-way.ts';
import type { RateLimit } from '../limits/rate-limit.ts';

/** Whether a user may join a topic from a browser. See `BelfryOptions.authorizeTopic`. */
export type AuthorizeTopic = (userId: string, topic: string) => boolean | Promise<boolean>;

export interface TopicRoutes {
  readonly topics: Topics;
  readonly authorizeTopic: AuthorizeTopic | undefined;
  readonly askApplication: AskApplication;
  readonly limit: RateLimit;
}

interface Join {
  readonly userId: UserId;
  readonly topic: TopicName;
  /** Of joins of this user that are under way. */
  readonly earlier: readonly TopicName[];
}

/** `GET /topics`, `PUT` and `DELETE /topics/:topic`, for the signed-in user, with all of their devices. */
export function topicRoutes({ topics, authorizeTopic, askApplication, limit }: TopicRoutes): Routes {
  const joins = createJoinsUnderWay();
  const GET: Route = async (_request, visit) => {
    const { userId } = await visit.identify(limit);
    return jsonAnswer(200, { data: { topics: await topics.topicsOf(userId) } });
  };
  const PUT: Route = async (_request, visit, parameter) => {
    const { userId } = await visit.identify(limit);
    const topic = checkedTopic(parameter);
    await authorize(userId, topic);
    await joins.run({ userId, topic, join: (earlier) => join({ userId, topic, earlier }) });
    return jsonAnswer(200, { data: { success: true } });
  };
  // Whoever wants no more of something needs nobody's leave.
  const DELETE: Route = async (_request, visit, parameter) => {
    const { userId } = await visit.identify(limit);
    await topics.leaveTopic(parameter, userId);
    return jsonAnswer(200, { data: { success: true } });
  };
  return { '/topics': { GET }, '/topics/:topic': { PUT, DELETE } };

  async function join({ userId, topic, earlier }: Join): Promise<void> {
    const joined = await topics.topicsOf(userId);
    const topicsAfter = new Set([...joined, ...earlier, topic]);
    if (topicsAfter.size > MAX_TOPICS_PER_USER && !joined.includes(topic)) {
      throw new BelfryError(
        'too-many-topics',
        `A user may join at most ${MAX_TOPICS_PER_USER} topics from a browser: leave another one first`,
      );
    }
    await topics.joinTopic(topic, userId);
  }

  async function authorize(userId: UserId, topic: TopicName): Promise<void> {
    const isAllowed = authorizeTopic && (await askApplication('authorizeTopic', () => authorizeTopic(userId, topic)));
    // A JavaScript callback may return anything that is true enough.
    if (isAllowed !== true) {
      throw new BelfryError('topic-not-allowed', '`authorizeTopic` does not let this user join this topic');
    }
  }
}
