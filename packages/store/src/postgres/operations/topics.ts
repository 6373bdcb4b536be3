import { branded } from '@belfry/protocol';
import type { TopicMember, TopicMembership, TopicName } from '../../audience.ts';
import type { Database, Statement, Transaction } from '../database.ts';
import { integer, text } from '../row.ts';
import { prepareUserRow } from './user-row.ts';

/** See `Store.joinTopic`. */
export function prepareJoinTopic(
  database: Database,
): (join: TopicMembership & { readonly now: number }) => Promise<boolean> {
  const userRow = prepareUserRow(database);
  // Kept from being removed until it has joined.
  const findDevice = database.prepare('SELECT id FROM belfry.devices WHERE public_id = $1 FOR KEY SHARE');
  const topicId = prepareTopicId(database);
  const joinAsUser = database.prepare(`
    INSERT INTO belfry.topic_users (topic_id, user_id, joined_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`);
  const joinAsDevice = database.prepare(`
    INSERT INTO belfry.topic_devices (topic_id, device_id, joined_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`);
  return ({ topic, member, now }) =>
    database.transaction(async (transaction) => {
      const { rows } = transaction;
      if ('userId' in member) {
        const user = await userRow.ensure(transaction, member.userId, now);
        await rows(joinAsUser, await topicId(transaction, topic), user, now);
        return true;
      }
      const [device] = await rows(findDevice, member.publicId);
      if (device === undefined) return false;
      await rows(joinAsDevice, await topicId(transaction, topic), integer(device[0]), now);
      return true;
    });
}

/** The id of a topic, which is made where there is none. It is not deleted for want of members before the transaction ends. */
function prepareTopicId(database: Database): (transaction: Transaction, topic: TopicName) => Promise<number> {
  const find = database.prepare('SELECT id FROM belfry.topics WHERE name = $1 FOR KEY SHARE');
  const insert = database.prepare('INSERT INTO belfry.topics (name) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id');
  return async ({ rows }, topic) => {
    for (;;) {
      // Another transaction may make it or delete it between the two statements.
      const row = (await rows(find, topic))[0] ?? (await rows(insert, topic))[0];
      if (row !== undefined) return integer(row[0]);
    }
  };
}

/** See `Store.leaveTopic`. */
export function prepareLeaveTopic(database: Database): (membership: TopicMembership) => Promise<boolean> {
  const leave = ofMember({
    user: database.prepareWrite(`
      DELETE FROM belfry.topic_users WHERE topic_id = (SELECT id FROM belfry.topics WHERE name = $2)
        AND user_id = (SELECT id FROM belfry.users WHERE external_id = $1) AND ${database.durably} RETURNING 1`),
    device: database.prepareWrite(`
      DELETE FROM belfry.topic_devices WHERE topic_id = (SELECT id FROM belfry.topics WHERE name = $2)
        AND device_id = (SELECT id FROM belfry.devices WHERE public_id = $1) AND ${database.durably} RETURNING 1`),
  });
  return async ({ topic, member }) => {
    const { statement, id } = leave(member);
    return (await database.write(statement, id, topic)).length > 0;
  };
}

/** See `Store.topicsOf`. */
export function prepareTopicsOf(database: Database): (member: TopicMember) => Promise<readonly TopicName[]> {
  const select = ofMember({
    user: database.prepare(`
      SELECT t.name FROM belfry.users u JOIN belfry.topic_users m ON m.user_id = u.id
        JOIN belfry.topics t ON t.id = m.topic_id
      WHERE u.external_id = $1 ORDER BY t.name`),
    device: database.prepare(`
      SELECT t.name FROM belfry.devices d JOIN belfry.topic_devices m ON m.device_id = d.id
        JOIN belfry.topics t ON t.id = m.topic_id
      WHERE d.public_id = $1 ORDER BY t.name`),
  });
  return async (member) => {
    const { statement, id } = select(member);
    return (await database.read(statement, id)).map(([name]) => branded(text(name)));
  };
}

/** The statement for a member of this kind, and the id that it is known by. */
function ofMember<Kind extends Statement>({ user, device }: { readonly user: Kind; readonly device: Kind }) {
  return (member: TopicMember): { readonly statement: Kind; readonly id: string } =>
    'userId' in member ? { statement: user, id: member.userId } : { statement: device, id: member.publicId };
}
