/**
 * The account-records exchange: a device that shows its signature reads what came to its account, and how money is
 * paid in. No PIN is asked, and nothing changes.
 */
import {
  type AccountRecords,
  decodeAccountRecordsRequest,
  type OpenedAccountRecordsRequest,
  openAccountRecordsRequest,
} from "@chit/protocol";
import { findOpeningKeyOrRefuse } from "../keys/find-opening-key.ts";
import type { PaymentDeps } from "../payment/process.ts";
import { one } from "../store/database.ts";
import { accountStatement, partsOf, statementMonths, statementPart } from "./account-statement.ts";
import { tellFunding } from "./funding-details.ts";
import { tellMovements } from "./movements.ts";

/**
 * Answers one request; the same single look for a device that does not exist and for a wrong signature.
 *
 * @throws {ChitError} `message-too-large`, `malformed-message`, `authentication-failed`
 * @throws {HttpProblem} `issuer-mismatch`, `sealing-key-unknown`
 */
export async function answerAccountRecords(
  deps: PaymentDeps,
  body: Uint8Array,
): Promise<Uint8Array> {
  const key = await findOpeningKeyOrRefuse(deps.keyRings, decodeAccountRecordsRequest(body));
  const { request, reply } = await openAccountRecordsRequest(deps.crypto, key, body);
  return reply(await judgeReader(deps, request), deps.platform.randomBytes(16));
}

interface ReaderRow {
  public_key: Buffer;
  state: "active" | "revoked";
  pin_state: "awaiting-pin" | "active" | "locked";
}

async function judgeReader(
  deps: PaymentDeps,
  request: OpenedAccountRecordsRequest,
): Promise<AccountRecords> {
  const row = one(
    await deps.database.query<ReaderRow>(
      "select public_key, state, pin_state from devices where account_id = $1 and device_id = $2",
      [request.accountId, request.deviceId],
    ),
  );
  const publicKey = row?.public_key ?? deps.decoy.publicKey;
  const signed = deps.crypto.verifyEd25519(publicKey, request.signedBytes, request.signature);
  if (row === undefined || !signed) return { outcome: "refused" };
  if (row.state === "revoked") return { outcome: "device-revoked" };
  // Whoever found an activation link, or has a backup, must not learn what is in the account.
  if (row.pin_state === "awaiting-pin") return { outcome: "awaiting-pin" };
  return tell(deps, request);
}

async function tell(
  deps: PaymentDeps,
  { accountId, wish }: OpenedAccountRecordsRequest,
): Promise<AccountRecords> {
  switch (wish.wish) {
    case "movements":
      return {
        outcome: "movements",
        ...(await tellMovements(deps.database, accountId, wish.after)),
      };
    case "funding":
      return tellFunding(deps.database, accountId);
    case "months": {
      const months = await statementMonths(deps, accountId);
      return months === undefined ? { outcome: "refused" } : { outcome: "months", ...months };
    }
    case "statement":
      return tellStatement(deps, accountId, wish.month);
    case "statement-part": {
      const { statementId, part } = wish;
      const text = await statementPart(deps.database, accountId, statementId, part);
      return text === undefined
        ? { outcome: "no-statement", reason: "gone" }
        : { outcome: "statement-part", text };
    }
  }
}

async function tellStatement(
  deps: PaymentDeps,
  accountId: string,
  month: string,
): Promise<AccountRecords> {
  const made = await accountStatement(deps, deps.keyRings.current(), accountId, month);
  switch (made.kind) {
    case "statement":
      return { outcome: "statement", statementId: made.statementId, parts: partsOf(made) };
    case "no-such-month":
    case "too-long":
      return { outcome: "no-statement", reason: made.kind };
    case "books-disagree":
      return { outcome: "no-statement", reason: "under-review" };
  }
}
