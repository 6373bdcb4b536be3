import { type Condition, parseTopicName, type TopicName } from '@belfry/store';

export type ParsedCondition = { readonly ok: true; readonly condition: Condition } | ConditionFault;

export interface ConditionFault {
  readonly ok: false;
  /** Of the character where something else is expected, counted from 1; one more than there are where the text ends too early. */
  readonly position: number;
  /** What would be right there. */
  readonly expected: string;
}

/** Different ones, as FCM has it. */
const MAX_TOPICS = 5;
const MAX_CONDITION_CHARS = 1000;
/** Parentheses and `!` within each other. Who walks a condition may recurse, and SQLite's expressions nest 1000 deep at most. */
const MAX_NESTING = 16;

/**
 * A condition in FCM's words: `'a' in topics && ('b' in topics || !('c' in topics))`, names in single or double quotes.
 *
 * `!` applies to the term or parenthesis behind it. `&&` and `||` have the same precedence, from left to right, after what is in
 * parentheses: that is how FCM documents its own ("first evaluates any conditions in parentheses, and then evaluates the
 * expression from left to right"). So `a || b && c` means `(a || b) && c`, other than in JavaScript: write the parentheses.
 *
 * A condition that holds for a device without any topic (`!('a' in topics)`, or `'a' in topics || !('b' in topics)`) is refused,
 * which FCM would take: whoever it is for has joined at least one of the topics that are not negated.
 */
export function parseCondition(text: string): ParsedCondition {
  if (text.length > MAX_CONDITION_CHARS) {
    return fault(MAX_CONDITION_CHARS + 1, `the end: a condition has at most ${MAX_CONDITION_CHARS} characters`);
  }
  const topics = new Set<TopicName>();
  let at = 0;

  function skipSpace(): void {
    while (/\s/v.test(text.charAt(at))) at++;
  }

  function take(token: string): boolean {
    skipSpace();
    const isThere = text.startsWith(token, at);
    if (isThere) at += token.length;
    return isThere;
  }

  function chain(depth: number): Condition | ConditionFault {
    const first = term(depth);
    if ('ok' in first) return first;
    let terms: readonly Condition[] = [first];
    let joint: 'and' | 'or' | undefined;
    for (;;) {
      const next = take('&&') ? 'and' : take('||') ? 'or' : undefined;
      if (next === undefined) return joint === undefined ? first : { kind: joint, of: terms };
      const right = term(depth);
      if ('ok' in right) return right;
      terms = joint === undefined || joint === next ? [...terms, right] : [{ kind: joint, of: terms }, right];
      joint = next;
    }
  }

  function term(depth: number): Condition | ConditionFault {
    skipSpace();
    if (depth > MAX_NESTING) return fault(at + 1, `no parentheses and ! more than ${MAX_NESTING} levels deep`);
    if (take('!')) {
      const of = term(depth + 1);
      return 'ok' in of ? of : { kind: 'not', of };
    }
    if (take('(')) {
      const inner = chain(depth + 1);
      return 'ok' in inner || take(')') ? inner : fault(at + 1, '&&, || or )');
    }
    return topic();
  }

  function topic(): Condition | ConditionFault {
    const quote = text.charAt(at);
    if (quote !== "'" && quote !== '"') return fault(at + 1, 'a topic in quotes, ! or (');
    const start = at + 1;
    const end = text.indexOf(quote, start);
    if (end === -1) return fault(text.length + 1, `a ${quote} behind the name of the topic`);
    const name = parseTopicName(text.slice(start, end));
    if (!name.ok) return fault(start + 1, 'a name of 1 to 900 letters, digits and -_.~%');
    if (topics.add(name.value).size > MAX_TOPICS) return fault(at + 1, `no more than ${MAX_TOPICS} topics`);
    at = end + 1;
    skipSpace();
    const [words] = /^in\s+topics(?!\w)/v.exec(text.slice(at)) ?? [];
    if (words === undefined) return fault(at + 1, 'in topics');
    at += words.length;
    return { kind: 'topic', topic: name.value };
  }

  const condition = chain(0);
  if ('ok' in condition) return condition;
  skipSpace();
  if (at < text.length) return fault(at + 1, '&&, || or the end');
  if (holdsWithoutTopics(condition)) {
    return fault(text.indexOf('!') + 1, 'a condition that does not hold for a device without any topic');
  }
  return { ok: true, condition };
}

function fault(position: number, expected: string): ConditionFault {
  return { ok: false, position, expected };
}

function holdsWithoutTopics(condition: Condition): boolean {
  switch (condition.kind) {
    case 'topic':
      return false;
    case 'not':
      return !holdsWithoutTopics(condition.of);
    case 'and':
      return condition.of.every(holdsWithoutTopics);
    case 'or':
      return condition.of.some(holdsWithoutTopics);
  }
}
