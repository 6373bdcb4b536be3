import * as v from 'valibot';

const MAX_ENDPOINT_LENGTH = 2048;

/** Whether there is such a subscription, the control says. */
export const endpointField: v.GenericSchema<unknown, string> = v.pipe(
  v.string(),
  v.maxLength(MAX_ENDPOINT_LENGTH, `must have at most ${MAX_ENDPOINT_LENGTH} characters`),
);

/** A subscription by its number or its endpoint. */
export const subscriptionField: v.GenericSchema<unknown, number | string> = v.union([v.number(), endpointField]);

export const originField: v.GenericSchema<unknown, string> = v.pipe(
  v.string(),
  v.check(
    (text) => URL.canParse(text) && new URL(text).origin === text,
    'must be an origin, such as https://fcm.googleapis.com',
  ),
);
