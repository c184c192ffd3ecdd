/** Activation: a new wallet shows the link's secret and becomes a device of the account. */

import { createHash } from "node:crypto";
import {
  type ActivationResult,
  decodeActivation,
  equalBytes,
  type OpenedActivation,
  openActivation,
} from "@chit/protocol";
import { newIdentifier } from "../identifiers.ts";
import { findOpeningKeyOrRefuse } from "../keys/find-opening-key.ts";
import type { PaymentDeps } from "../payment/process.ts";
import { one, type Queryable } from "../store/database.ts";
import { activationSecretHash } from "./links.ts";

interface ActivationRow {
  account_id: string;
  expires_at: bigint;
  request_hash: Buffer | null;
  reply: Buffer | null;
}

/**
 * Answers one activation. The identical bytes get the identical reply; another device with the same secret, or
 * one that comes too late, is refused.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`, `authentication-failed`
 * @throws {HttpProblem} `issuer-mismatch`, `sealing-key-unknown`
 */
export async function activateDevice(deps: PaymentDeps, body: Uint8Array): Promise<Uint8Array> {
  const key = await findOpeningKeyOrRefuse(deps.keyRings, decodeActivation(body));
  const { activation, reply } = await openActivation(deps.crypto, key, body);
  const requestHash = createHash("sha256").update(body).digest();
  const answer = (result: ActivationResult) => reply(result, deps.platform.randomBytes(16));
  return deps.database.transaction(async (tx) => {
    const secretHash = activationSecretHash(activation.secret);
    const row = one(
      await tx.query<ActivationRow>(
        `select account_id, expires_at, request_hash, reply
         from activations where secret_hash = $1 for update`,
        [secretHash],
      ),
    );
    if (row === undefined) return answer({ outcome: "refused" });
    if (row.request_hash !== null && row.reply !== null) {
      return equalBytes(row.request_hash, requestHash)
        ? Uint8Array.from(row.reply)
        : answer({ outcome: "refused" });
    }
    const now = deps.platform.nowSeconds();
    if (Number(row.expires_at) < now) return answer({ outcome: "refused" });
    const deviceId = newIdentifier(deps.platform);
    const bytes = await answer({ outcome: "activated", accountId: row.account_id, deviceId });
    await addDevice(tx, row.account_id, deviceId, activation, now);
    await tx.query(
      "update activations set device_id = $2, request_hash = $3, reply = $4 where secret_hash = $1",
      [secretHash, deviceId, requestHash, bytes],
    );
    return bytes;
  });
}

/** The device exists from now on, but cannot pay before its owner has set a PIN by telephone. */
async function addDevice(
  tx: Queryable,
  accountId: string,
  deviceId: string,
  activation: OpenedActivation,
  now: number,
): Promise<void> {
  await tx.query(
    `insert into devices (account_id, device_id, public_key, name, activated_at)
     values ($1, $2, $3, $4, $5)`,
    [accountId, deviceId, activation.deviceKey, activation.deviceName, now],
  );
}
