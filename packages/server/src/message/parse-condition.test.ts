import { type Condition, parseTopicName, type TopicName } from '@belfry/store';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCondition } from './parse-condition.ts';

function nameOf(text: string): TopicName {
  const name = parseTopicName(text);
  if (!name.ok) throw new Error(`${text} is no topic`);
  return name.value;
}

const topic = (name: string): Condition => ({ kind: 'topic', topic: nameOf(name) });
const not = (of: Condition): Condition => ({ kind: 'not', of });
const and = (...of: Condition[]): Condition => ({ kind: 'and', of });
const or = (...of: Condition[]): Condition => ({ kind: 'or', of });
const [a, b, c, d] = [topic('a'), topic('b'), topic('c'), topic('d')];

/** `a && b` for `'a' in topics && 'b' in topics`. */
const inTopics = (short: string): string => short.replaceAll(/[a-z]/gv, "'$&' in topics");

describe('a condition', () => {
  test.each<[string, Condition]>([
    ['a', a],
    ['((a))', a],
    ['a && b && c', and(a, b, c)],
    ['a || b || c', or(a, b, c)],
    ['a && (b || c)', and(a, or(b, c))],
    ['(a && b) && c', and(and(a, b), c)],
    ['a && (b && c)', and(a, and(b, c))],
    ['a && !(b)', and(a, not(b))],
    ['a && !b', and(a, not(b))],
    ['!b && a', and(not(b), a)],
    ['a && !(b || c) && d', and(a, not(or(b, c)), d)],
    ['!(!(a))', not(not(a))],
    ['a&&(b||!(c))', and(a, or(b, not(c)))],
    ['\n a\t&& b ', and(a, b)],
  ])('%s', (short, condition) => {
    expect(parseCondition(inTopics(short))).toEqual({ ok: true, condition });
  });

  test.each<[string, Condition]>([
    ['a || b && c', and(or(a, b), c)],
    ['a && b || c', or(and(a, b), c)],
    ['a && b || c && d', and(or(and(a, b), c), d)],
    ['a || b && c || d', or(and(or(a, b), c), d)],
  ])('goes from left to right, as FCM says: %s', (short, condition) => {
    expect(parseCondition(inTopics(short))).toEqual({ ok: true, condition });
  });

  test('takes names in double quotes, and every character of a name', () => {
    const condition = and(topic('in'), topic('a-b_c.d~e%20'));
    expect(parseCondition(`"in" in topics && 'a-b_c.d~e%20' in  topics`)).toEqual({ ok: true, condition });
  });
});

const UNMET = 'a condition that does not hold for a device without any topic';

describe('a condition that is refused says where and why:', () => {
  test.each<[string, number, string]>([
    ['', 1, 'a topic in quotes, ! or ('],
    ['   ', 4, 'a topic in quotes, ! or ('],
    ['news', 1, 'a topic in quotes, ! or ('],
    ["'a' in topics && ", 18, 'a topic in quotes, ! or ('],
    ["'a' in topics & 'b' in topics", 15, '&&, || or the end'],
    ["'a' in topics and 'b' in topics", 15, '&&, || or the end'],
    ["'a' in topics)", 14, '&&, || or the end'],
    ["('a' in topics", 15, '&&, || or )'],
    ["('a' in topics 'b' in topics)", 16, '&&, || or )'],
    ["'a' in topics && ()", 19, 'a topic in quotes, ! or ('],
    ["'a", 3, "a ' behind the name of the topic"],
    [`'a" in topics`, 14, "a ' behind the name of the topic"],
    ["'' in topics", 2, 'a name of 1 to 900 letters, digits and -_.~%'],
    ["'a' in topics && 'two words' in topics", 19, 'a name of 1 to 900 letters, digits and -_.~%'],
    [`'${'n'.repeat(901)}' in topics`, 2, 'a name of 1 to 900 letters, digits and -_.~%'],
    ["'a'", 4, 'in topics'],
    ["'a'  on topics", 6, 'in topics'],
    ["'a' in topicsome", 5, 'in topics'],
    ["'a' intopics", 5, 'in topics'],
    [inTopics('a || b || c || d || e || f'), 86, 'no more than 5 topics'],
    [inTopics('!(a)'), 1, UNMET],
    [inTopics('a || !(b)'), 18, UNMET],
    [inTopics('a && b || !(c && d)'), 35, UNMET],
    [inTopics('!(a && !(b))'), 1, UNMET],
    [`${'('.repeat(17)}${inTopics('a')}${')'.repeat(17)}`, 18, 'no parentheses and ! more than 16 levels deep'],
    ['!'.repeat(1000), 18, 'no parentheses and ! more than 16 levels deep'],
    [`${inTopics('a')}${' '.repeat(1000)}`, 1001, 'the end: a condition has at most 1000 characters'],
  ])('%s', (text, position, expected) => {
    expect(parseCondition(text)).toEqual({ ok: false, position, expected });
  });

  test('but a topic may come as often as it likes, and 16 levels and 1000 characters are taken', () => {
    const often = inTopics(Array.from({ length: 7 }, () => 'a').join(' || '));
    expect(parseCondition(often)).toMatchObject({ ok: true });
    expect(parseCondition(`${'('.repeat(16)}${inTopics('a')}${')'.repeat(16)}`)).toEqual({ ok: true, condition: a });
    expect(parseCondition(inTopics('a').padEnd(1000))).toEqual({ ok: true, condition: a });
  });
});

function holds(condition: Condition, joined: readonly TopicName[]): boolean {
  switch (condition.kind) {
    case 'topic':
      return joined.includes(condition.topic);
    case 'not':
      return !holds(condition.of, joined);
    case 'and':
      return condition.of.every((one) => holds(one, joined));
    case 'or':
      return condition.of.some((one) => holds(one, joined));
  }
}

/** Topics under an even number of `!`. */
function positiveTopics(condition: Condition, isNegated = false): TopicName[] {
  switch (condition.kind) {
    case 'topic':
      return isNegated ? [] : [condition.topic];
    case 'not':
      return positiveTopics(condition.of, !isNegated);
    case 'and':
    case 'or':
      return condition.of.flatMap((one) => positiveTopics(one, isNegated));
  }
}

function print(condition: Condition): string {
  switch (condition.kind) {
    case 'topic':
      return `'${condition.topic}' in topics`;
    case 'not':
      return `!(${print(condition.of)})`;
    case 'and':
    case 'or':
      return condition.of.map((of) => `(${print(of)})`).join(condition.kind === 'and' ? ' && ' : ' || ');
  }
}

const TOPICS = ['a', 'bb', 'news.sport', '%', 'topics'].map(nameOf);

const { condition: anyCondition } = fc.letrec<{ condition: Condition }>((tie) => {
  const several = fc.array(tie('condition'), { minLength: 2, maxLength: 3 });
  return {
    condition: fc.oneof(
      { maxDepth: 5, depthSize: 'small' },
      fc.constantFrom(...TOPICS).map((name): Condition => ({ kind: 'topic', topic: name })),
      tie('condition').map(not),
      several.map((of) => and(...of)),
      several.map((of) => or(...of)),
    ),
  };
});

const anySubset = fc.subarray(TOPICS);

describe('any condition', () => {
  const printable = anyCondition.filter((condition) => print(condition).length <= 1000);

  test('that is printed is read again as it was, unless it holds for a device without topics', () => {
    fc.assert(
      fc.property(printable, (condition) => {
        const answer = holds(condition, []) ? { ok: false, expected: UNMET } : { ok: true, condition };
        expect(parseCondition(print(condition))).toMatchObject(answer);
      }),
      { numRuns: 1000 },
    );
  });

  test('that is taken holds only for who joined one of its topics that are not negated', () => {
    fc.assert(
      fc.property(printable, anySubset, (condition, joined) => {
        fc.pre(parseCondition(print(condition)).ok && holds(condition, joined));
        expect(positiveTopics(condition).some((name) => joined.includes(name))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

test('any text has an answer, and a fault is within the text or just behind it', () => {
  const words = fc.constantFrom("'a'", '"b"', ' in topics', '&&', '||', '!', '(', ')', ' ', "'", '\u{1f514}', 'in');
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 1100 }),
    fc.array(words, { maxLength: 60 }).map((parts) => parts.join('')),
    fc.array(words, { minLength: 400, maxLength: 600 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const result = parseCondition(text);
      if (result.ok) return;
      expect(result.position).toBeGreaterThanOrEqual(1);
      expect(result.position).toBeLessThanOrEqual(text.length + 1);
      expect(result.expected).not.toBe('');
    }),
    { numRuns: 2000 },
  );
});
