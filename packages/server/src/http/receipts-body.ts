import { branded } from '@belfry/protocol';
import type { Receipt, ReceiptKind } from '@belfry/store';
import * as v from 'valibot';
import { BelfryError } from '../errors.ts';
import { describeIssue } from '../message/describe-issue.ts';
import { ID_TEXT } from './id-text.ts';
import { optionalText } from '../message/printable-text.ts';

const KINDS = ['received', 'shown', 'clicked', 'closed'] as const satisfies readonly ReceiptKind[];
const MAX_RECEIPTS = 100;

const id = v.pipe(v.string(), v.regex(ID_TEXT, 'must be an id'));

// Unknown fields are let through: a later worker may know more than this server.
const schema = v.object({
  receipts: v.pipe(
    // The length goes first, so that a long list costs nothing.
    v.array(v.unknown()),
    v.minLength(1),
    v.maxLength(MAX_RECEIPTS),
    v.array(
      v.object({
        id,
        binding: id,
        // Whatever is no token fits no message.
        token: v.fallback(optionalText(64), ''),
        kind: v.picklist(KINDS),
        // What a handler made up costs nothing of what else is reported.
        action: v.fallback(optionalText(64), null),
        at: v.pipe(v.number(), v.integer(), v.minValue(0)),
      }),
    ),
  ),
});

/**
 * The `receipts` of a body, 1 to 100.
 *
 * @param now Milliseconds since 1970: nothing was reported later, whatever a device's clock says.
 * @throws {BelfryError} `invalid-receipts`
 */
export function parseReceipts(body: unknown, { now }: { readonly now: number }): readonly Receipt[] {
  const result = v.safeParse(schema, body, { abortEarly: true });
  if (!result.success) {
    throw new BelfryError('invalid-receipts', `The receipts are not well formed: ${describeIssue(result.issues[0])}`);
  }
  return result.output.receipts.map((receipt) => ({
    messageId: branded(receipt.id),
    binding: branded(receipt.binding),
    token: receipt.token,
    kind: receipt.kind,
    // A click on the notification itself has an empty one.
    action: receipt.kind === 'clicked' && receipt.action !== '' ? receipt.action : null,
    at: Math.min(receipt.at, now),
  }));
}
