import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseClientMessage as parseAutopushMessage } from './autopush/parse-client-message.ts';
import { linkedReceiptSubscription, prefersReceipt } from './endpoint/receipt-request.ts';
import { requestOrigin } from './endpoint/request-origin.ts';
import { parseResource } from './endpoint/resource.ts';
import { parseFault, parseRepetition } from './faults/parse-fault.ts';
import { parseGcmCredentials } from './gcm-credentials.ts';
import { parseCheckIn } from './gcm-http/check-in.ts';
import { parseRegistration } from './gcm-http/parse-registration.ts';
import { parseClientMessage as parseMcsMessage } from './mcs/client-message.ts';
import { FrameReader } from './mcs/frame-reader.ts';
import { parseProtobuf } from './protobuf-fields.ts';

const ORIGINS = ['https://localhost:8789'];

/** Every parser of what a stranger sends, fed with octets, or with the text that they are. */
const PARSERS: Readonly<Record<string, (octets: Uint8Array, text: string) => unknown>> = {
  'an autopush frame': (_octets, text) => parseAutopushMessage(text),
  'MCS frames': (octets) => [...new FrameReader().read(octets)],
  'an MCS message': (octets) => parseMcsMessage((octets[0] ?? 0) % 16, octets.subarray(1)),
  'a protobuf message': (octets) => parseProtobuf(octets),
  'a check-in': (octets) => parseCheckIn(octets),
  'a registration': (octets) => parseRegistration(octets, '1'),
  'GCM credentials': (_octets, text) => parseGcmCredentials(text, text),
  'a path': (_octets, text) => parseResource(`/${text}`),
  'an authority': (_octets, text) => requestOrigin(text, ORIGINS),
  'a Prefer header': (_octets, text) => prefersReceipt(text),
  'a Link header': (_octets, text) => linkedReceiptSubscription(text, 'https://localhost:8789'),
  'a fault': (_octets, text) => [parseFault({ type: text }), parseRepetition({ skip: text, times: text })],
};

/** What a mutation of something good looks like more often than noise does. */
const LIKELY = [
  '{"messageType":"hello","uaid":"',
  '{"messageType":"ack","updates":[{"channelID":"","version":""}]}',
  'app=org.chromium.linux&device=1&X-subtype=wp:https://a/#b&sender=',
  '<https://localhost:8789/r/A>; rel="urn:ietf:params:push:receipt"',
  'respond-async; foo="',
  'w/?token=BQ%2b',
  'localhost:8789',
];

const octets = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .tuple(fc.constantFrom(...LIKELY), fc.nat({ max: 80 }), fc.uint8Array({ maxLength: 20 }))
    .map(([good, at, noise]) => Buffer.concat([Buffer.from(good.slice(0, at)), noise, Buffer.from(good.slice(at))])),
);

test('100,000 random byte strings are parsed or refused by each parser: none throws', () => {
  const result = fc.check(
    fc.property(octets, (bytes) => {
      const text = Buffer.from(bytes).toString('utf8');
      for (const [name, parse] of Object.entries(PARSERS)) {
        try {
          parse(bytes, text);
        } catch (error) {
          throw new Error(`${name} made its parser throw`, { cause: error });
        }
      }
    }),
    { numRuns: 100_000 },
  );
  expect(result.failed ? fc.defaultReportMessage(result) : undefined).toBeUndefined();
}, 60_000);
