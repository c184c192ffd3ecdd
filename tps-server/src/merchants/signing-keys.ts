/** The keys under which a merchant's documents are taken: refund orders, batches, requests. */
import { decodeCertificate, keyId } from "@chit/protocol";
import type { Queryable } from "../store/database.ts";

/**
 * The Ed25519 keys (32 bytes) of a merchant's certificates by key id, the newest first. Certificates that have run out
 * still count: what the merchant sold under them it may refund. Revoked ones do not; with the merchant itself all of its
 * certificates are revoked. Empty for a merchant that is not known.
 */
export async function readSigningKeys(
  database: Queryable,
  merchantId: string,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const rows = await database.query<{ document: string }>(
    `select document from certificates where merchant_id = $1 and revoked_at is null
     order by issued_at desc, serial`,
    [merchantId],
  );
  const keys = rows.map(({ document }) => decodeCertificate(document).signingKey);
  return new Map(keys.map((key) => [keyId(key), key]));
}
