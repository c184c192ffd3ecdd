/**
 * Loyalty: the pairwise pseudonym by which one shop knows a shopper again who asked for it (step 3). Two shops cannot
 * compare theirs, and one that was revoked does not come back. Only wallets derive it; another one does it in this
 * very way to go on from a backup.
 */
import { toBase64url, uint64 } from "./bytes.ts";
import { LABELS } from "./labels.ts";
import { identifier, parseValue, whole } from "./schema.ts";
import { labelledKey } from "./transcript.ts";

/** Length of the secret that a wallet makes for each shop that may recognise its owner. */
export const LOYALTY_SECRET_BYTES = 32;

const PSEUDONYM_BYTES = 16;
const epochSchema = whole(0, Number.MAX_SAFE_INTEGER);

/**
 * The pseudonym for one shop, an identifier.
 *
 * @param secret random; it leaves the wallet in backups alone
 * @param epoch how often a pseudonym for this shop was revoked: each time makes another one
 * @throws {ChitError} `malformed-message` where the merchant id or the epoch is none
 */
export function loyaltyPseudonym(secret: Uint8Array, merchantId: string, epoch: number): string {
  const info = [parseValue(identifier, merchantId), uint64(parseValue(epochSchema, epoch))];
  return toBase64url(
    labelledKey(secret, new Uint8Array(), PSEUDONYM_BYTES, LABELS.loyalty, ...info),
  );
}
