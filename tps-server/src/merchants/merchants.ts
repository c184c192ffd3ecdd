/** Certified merchants: the list, and revocation. */
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { logOperation } from "../operator-log.ts";

/** A line of the list: a certified merchant, or an application that waits or was rejected. Times in seconds. */
export interface MerchantOverview {
  readonly applicationId: string;
  readonly merchantId: string | null;
  readonly name: string;
  readonly contact: string;
  readonly origins: readonly string[];
  readonly state: "pending" | "rejected" | "certified" | "revoked";
  readonly receivedAt: number;
  readonly certificateExpiresAt: number | null;
}

/** Applications and merchants, those that wait for review first. */
export async function listMerchants({
  database,
}: Pick<TpsDeps, "database">): Promise<MerchantOverview[]> {
  const rows = await database.query<{
    application_id: string;
    merchant_id: string | null;
    name: string;
    contact: string;
    origins: string[];
    state: MerchantOverview["state"];
    received_at: bigint;
    expires_at: bigint | null;
  }>(
    `select p.application_id, p.merchant_id, p.name, p.contact, p.origins, p.received_at,
            case when p.merchant_id is null then p.state
                 when m.revoked_at is null then 'certified' else 'revoked' end as state,
            (select max(expires_at) from certificates c where c.merchant_id = p.merchant_id) as expires_at
     from merchant_applications p left join merchants m on m.merchant_id = p.merchant_id
     order by p.state <> 'pending', p.received_at, p.application_id`,
  );
  return rows.map((row) => ({
    applicationId: row.application_id,
    merchantId: row.merchant_id,
    name: row.name,
    contact: row.contact,
    origins: row.origins,
    state: row.state,
    receivedAt: Number(row.received_at),
    certificateExpiresAt: row.expires_at === null ? null : Number(row.expires_at),
  }));
}

/**
 * Revokes a merchant and its certificates: from this commit on, no payment to it passes.
 *
 * @throws {OperatorError} `merchant-unknown`
 */
export async function revokeMerchant(deps: TpsDeps, merchantId: string): Promise<void> {
  await deps.database.transaction(async (tx) => {
    const now = deps.platform.nowSeconds();
    const rows = await tx.query(
      "update merchants set revoked_at = coalesce(revoked_at, $2) where merchant_id = $1 returning 1 as found",
      [merchantId, now],
    );
    if (rows.length === 0) throw unknownMerchant(merchantId);
    await tx.query(
      "update certificates set revoked_at = coalesce(revoked_at, $2) where merchant_id = $1",
      [merchantId, now],
    );
    await logOperation(deps, tx, "merchant revoke", merchantId);
  });
}

function unknownMerchant(merchantId: string): OperatorError {
  return new OperatorError(
    "merchant-unknown",
    `There is no merchant ${merchantId}. "merchant list" shows them.`,
  );
}
