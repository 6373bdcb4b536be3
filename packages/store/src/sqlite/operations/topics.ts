import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { branded } from '@belfry/protocol';
import type { TopicMember, TopicMembership, TopicName } from '../../audience.ts';
import { integer, text } from '../row.ts';
import { prepareUserRow } from './user-row.ts';

/** See `Store.joinTopic`. */
export function prepareJoinTopic(
  database: DatabaseSync,
): (join: TopicMembership & { readonly now: number }) => boolean {
  const userRow = prepareUserRow(database);
  const insertTopic = database.prepare('INSERT INTO topics (name) VALUES (?) ON CONFLICT DO NOTHING');
  const joinAsUser = database.prepare(`
    INSERT INTO topic_users (topic_id, user_id, joined_at) SELECT id, ?, ? FROM topics WHERE name = ?
    ON CONFLICT DO NOTHING`);
  const joinAsDevice = database.prepare(`
    INSERT INTO topic_devices (topic_id, device_id, joined_at) SELECT id, ?, ? FROM topics WHERE name = ?
    ON CONFLICT DO NOTHING`);
  const findDevice = database.prepare('SELECT id FROM devices WHERE public_id = ?');
  return ({ topic, member, now }) => {
    if ('userId' in member) {
      insertTopic.run(topic);
      joinAsUser.run(userRow(member.userId, now), now, topic);
      return true;
    }
    const device = findDevice.get(member.publicId);
    if (device === undefined) return false;
    insertTopic.run(topic);
    joinAsDevice.run(integer(device, 'id'), now, topic);
    return true;
  };
}

/** See `Store.leaveTopic`. */
export function prepareLeaveTopic(database: DatabaseSync): (membership: TopicMembership) => boolean {
  const leave = ofMember({
    user: database.prepare(`
      DELETE FROM topic_users WHERE topic_id = (SELECT id FROM topics WHERE name = :topic)
        AND user_id = (SELECT id FROM users WHERE external_id = :member)`),
    device: database.prepare(`
      DELETE FROM topic_devices WHERE topic_id = (SELECT id FROM topics WHERE name = :topic)
        AND device_id = (SELECT id FROM devices WHERE public_id = :member)`),
  });
  return ({ topic, member }) => {
    const { statement, id } = leave(member);
    return statement.run({ topic, member: id }).changes === 1;
  };
}

/** See `Store.topicsOf`. */
export function prepareTopicsOf(database: DatabaseSync): (member: TopicMember) => readonly TopicName[] {
  const select = ofMember({
    user: database.prepare(`
      SELECT t.name FROM users u JOIN topic_users m ON m.user_id = u.id JOIN topics t ON t.id = m.topic_id
      WHERE u.external_id = ? ORDER BY t.name`),
    device: database.prepare(`
      SELECT t.name FROM devices d JOIN topic_devices m ON m.device_id = d.id JOIN topics t ON t.id = m.topic_id
      WHERE d.public_id = ? ORDER BY t.name`),
  });
  return (member) => {
    const { statement, id } = select(member);
    return statement.all(id).map((row) => branded(text(row, 'name')));
  };
}

/** The statement for a member of this kind, and the id that it is known by. */
function ofMember({ user, device }: { readonly user: StatementSync; readonly device: StatementSync }) {
  return (member: TopicMember): { readonly statement: StatementSync; readonly id: string } =>
    'userId' in member ? { statement: user, id: member.userId } : { statement: device, id: member.publicId };
}
