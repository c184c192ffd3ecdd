/** Account status: balance and state, for a device that shows its signature. Changes nothing. */
import {
  type AccountStatusResult,
  decodeAccountStatusRequest,
  type OpenedStatusRequest,
  openAccountStatusRequest,
} from "@chit/protocol";
import { findOpeningKeyOrRefuse } from "../keys/find-opening-key.ts";
import type { PaymentDeps } from "../payment/process.ts";
import { one } from "../store/database.ts";

interface StatusRow {
  public_key: Buffer;
  state: "active" | "revoked";
  pin_state: "awaiting-pin" | "active" | "locked";
  pin_generation: bigint;
  status: "active" | "held";
  balance: bigint;
}

/**
 * Answers one account-status request; the same work for a device that does not exist.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`, `authentication-failed`
 * @throws {HttpProblem} `issuer-mismatch`, `sealing-key-unknown`
 */
export async function answerAccountStatus(
  deps: PaymentDeps,
  body: Uint8Array,
): Promise<Uint8Array> {
  const decoded = decodeAccountStatusRequest(body);
  const key = await findOpeningKeyOrRefuse(deps.keyRings, decoded);
  const { request, reply } = await openAccountStatusRequest(deps.crypto, key, body);
  return reply(await readStatus(deps, request), deps.platform.randomBytes(16));
}

async function readStatus(
  deps: PaymentDeps,
  request: OpenedStatusRequest,
): Promise<AccountStatusResult> {
  const row = one(
    await deps.database.query<StatusRow>(
      `select d.public_key, d.state, d.pin_state, d.pin_generation, a.status, a.balance
       from devices d join accounts a on a.account_id = d.account_id
       where d.account_id = $1 and d.device_id = $2`,
      [request.accountId, request.deviceId],
    ),
  );
  const publicKey = row?.public_key ?? deps.decoy.publicKey;
  const signed = deps.crypto.verifyEd25519(publicKey, request.signedBytes, request.signature);
  if (row === undefined || !signed) return { outcome: "refused" };
  if (row.state === "revoked") return { outcome: "device-revoked" };
  // Whoever found an activation link, or has a backup, must not learn what is in the account.
  if (row.pin_state === "awaiting-pin") return { outcome: "awaiting-pin" };
  return {
    outcome: "status",
    balance: row.balance,
    account: row.status,
    pin: row.pin_state,
    pinGeneration: Number(row.pin_generation),
  };
}
