import * as v from 'valibot';

/** Where and what, without the value, which may be private: `notification.title: must not be empty`. */
export function describeIssue(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue) ?? 'it';
  if (issue.expected === 'never') return `${path}: no such field`;
  // valibot's own messages begin so, and end in the value that was received.
  return `${path}: ${issue.message.startsWith('Invalid ') ? `expected ${issue.expected ?? issue.type}` : issue.message}`;
}
