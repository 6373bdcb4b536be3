import * as v from 'valibot';
import { type ControlRoute, DONE } from './control-route.ts';
import { parseInput } from './parse-input.ts';
import { streamPushes } from './stream-pushes.ts';

const count = v.pipe(
  v.string(),
  v.regex(/^[1-9]\d{0,8}$/, 'must be a number from 1'),
  v.transform((digits) => Number(digits)),
);
const listInput = v.strictObject({ subscription: v.optional(count), limit: v.optional(count) });

export const PUSH_ROUTES: readonly ControlRoute[] = [
  {
    method: 'GET',
    path: '/api/pushes',
    handle({ query }, { control }) {
      return { status: 200, json: { pushes: control.pushes(parseInput(listInput, Object.fromEntries(query))) } };
    },
  },
  {
    method: 'GET',
    path: '/api/pushes/stream',
    handle: (_request, { control }) => ({ status: 'streamed', stream: (response) => streamPushes(response, control) }),
  },
  {
    method: 'POST',
    path: '/api/pushes/:id/resend',
    handle({ id }, { control }) {
      control.resend(id);
      return DONE;
    },
  },
  {
    method: 'DELETE',
    path: '/api/pushes',
    handle(_request, { control }) {
      control.clearPushes();
      return DONE;
    },
  },
];
