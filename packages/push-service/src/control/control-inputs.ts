import * as v from 'valibot';

// What a caller sends; who the subscription is, and whether the fault is one, the control itself says.

const MAX_ENDPOINT_LENGTH = 2048;

const endpoint = v.pipe(
  v.string(),
  v.maxLength(MAX_ENDPOINT_LENGTH, `must have at most ${MAX_ENDPOINT_LENGTH} characters`),
);
const subscription = v.union([v.number(), endpoint]);
const origin = v.pipe(
  v.string(),
  v.check(
    (text) => URL.canParse(text) && new URL(text).origin === text,
    'must be an origin, such as https://fcm.googleapis.com',
  ),
);

export const noInput = v.strictObject({});

export const endpointInput = v.strictObject({ endpoint });

export const subscriptionInput = v.strictObject({
  persona: v.optional(v.string()),
  applicationServerKey: v.optional(v.string()),
});

export const personaInput = v.strictObject({ persona: v.string() });

export const targetedPersonaInput = v.strictObject({
  persona: v.string(),
  subscription: v.optional(subscription),
  origin: v.optional(origin),
});

export const faultInput = v.strictObject({
  fault: v.unknown(),
  subscription: v.optional(subscription),
  origin: v.optional(origin),
  skip: v.optional(v.number()),
  times: v.optional(v.union([v.number(), v.literal('always')])),
});

const count = v.pipe(
  v.string(),
  v.regex(/^[1-9]\d{0,8}$/, 'must be a number from 1'),
  v.transform((digits) => Number(digits)),
);

export const pushesInput = v.strictObject({ subscription: v.optional(count), limit: v.optional(count) });
