/** Opening accounts, paying in, links and devices: the operator's side of an account. */
import {
  displayText,
  formatDecimal,
  identifier,
  LIMITS as PROTOCOL_LIMITS,
  parseValue,
} from "@chit/protocol";
import { createActivationLink } from "../activation/links.ts";
import type { TpsDeps } from "../deps.ts";
import { OperatorError } from "../errors.ts";
import { newFundingReference } from "../funding/reference.ts";
import { newIdentifier, randomDigits } from "../identifiers.ts";
import { readIssuer } from "../issuer/read-issuer.ts";
import { LIMITS } from "../limits.ts";
import { logOperation } from "../operator-log.ts";
import { isUniqueViolation, one, type Queryable } from "../store/database.ts";
import { hashPasscode } from "./passcode.ts";

/** What a new account holder is told. Passcode and link are shown once and stored hashed. */
export interface OpenedAccount {
  readonly accountId: string;
  /** 8 digits: who calls. */
  readonly telephoneId: string;
  /** 8 digits: that it is they. To be kept away from the computer. */
  readonly telephonePasscode: string;
  readonly activationLink: string;
  /** What they write on a bank transfer to pay in. */
  readonly fundingReference: string;
}

/** Opens an account with nothing in it. */
export async function openAccount(deps: TpsDeps): Promise<OpenedAccount> {
  const telephonePasscode = randomDigits(deps.platform, LIMITS.telephoneDigits);
  const passcodeHash = await hashPasscode(deps.platform, telephonePasscode);
  for (;;) {
    const telephoneId = randomDigits(deps.platform, LIMITS.telephoneDigits);
    try {
      const opened = await deps.database.transaction((tx) =>
        insertAccount(deps, tx, telephoneId, passcodeHash),
      );
      return { ...opened, telephoneId, telephonePasscode };
    } catch (error) {
      // Somebody else's telephone id or funding reference: draw again.
      if (!isUniqueViolation(error)) throw error;
    }
  }
}

async function insertAccount(
  deps: TpsDeps,
  tx: Queryable,
  telephoneId: string,
  passcodeHash: string,
): Promise<Pick<OpenedAccount, "accountId" | "activationLink" | "fundingReference">> {
  const accountId = newIdentifier(deps.platform);
  const fundingReference = newFundingReference(deps.platform);
  const now = deps.platform.nowSeconds();
  await tx.query(`insert into accounts (account_id, balance, created_at) values ($1, 0, $2)`, [
    accountId,
    now,
  ]);
  await tx.query("insert into funding_references (reference, account_id) values ($1, $2)", [
    fundingReference,
    accountId,
  ]);
  await tx.query(
    `insert into telephone_access (account_id, telephone_id, passcode_hash, created_at)
     values ($1, $2, $3, $4)`,
    [accountId, telephoneId, passcodeHash, now],
  );
  const activationLink = await createActivationLink(deps, tx, accountId);
  await logOperation(deps, tx, "account open", accountId);
  return { accountId, activationLink, fundingReference };
}

/**
 * Another activation link, for one more device of the account.
 *
 * @throws {OperatorError} `account-unknown`
 */
export async function linkDevice(deps: TpsDeps, accountId: string): Promise<string> {
  return deps.database.transaction(async (tx) => {
    await lockAccount(tx, accountId);
    await logOperation(deps, tx, "account link", accountId);
    return createActivationLink(deps, tx, accountId);
  });
}

/** A payment into an account, now or when it was first entered. */
export interface Funding {
  readonly accountId: string;
  readonly reference: string;
  readonly amount: bigint;
  /** The balance right after it. */
  readonly balanceAfter: bigint;
  /** False when the reference had been entered before: nothing was moved now. */
  readonly moved: boolean;
}

/**
 * Pays `amount` (smallest units) in. The reference names the payment: the same reference with the same amount
 * again moves nothing and gives the same result.
 *
 * @throws {OperatorError} `account-unknown`, `reference-conflict`, `balance-too-large`, `setting-invalid`
 */
export async function fundAccount(
  deps: TpsDeps,
  accountId: string,
  amount: bigint,
  reference: string,
): Promise<Funding> {
  parseSetting(() => parseValue(displayText(LIMITS.referenceLength), reference), "The reference");
  if (amount <= 0n) throw new OperatorError("setting-invalid", "The amount must be more than 0.");
  return deps.database.transaction(async (tx) => {
    const funding = await creditAccount(deps, tx, accountId, amount, reference);
    if (funding.moved) {
      const details = { reference, amount: amount.toString() };
      await logOperation(deps, tx, "account fund", accountId, details);
    }
    return funding;
  });
}

/** The same in a transaction of the caller's, which has checked reference and amount and logs what it does. */
export async function creditAccount(
  { platform }: Pick<TpsDeps, "platform">,
  tx: Queryable,
  accountId: string,
  amount: bigint,
  reference: string,
): Promise<Funding> {
  const { balance } = await lockAccount(tx, accountId);
  const before = one(
    await tx.query<{ amount: bigint; balance_after: bigint }>(
      "select amount, balance_after from fundings where account_id = $1 and reference = $2",
      [accountId, reference],
    ),
  );
  if (before !== undefined && before.amount !== amount) {
    const { currency, scale } = await readIssuer(tx);
    throw new OperatorError(
      "reference-conflict",
      `The reference "${reference}" was entered before with another amount (${formatDecimal(before.amount, scale)} ${currency}). Nothing was moved. Use a new reference for a new payment.`,
    );
  }
  if (before !== undefined) {
    return { accountId, reference, amount, balanceAfter: before.balance_after, moved: false };
  }
  const balanceAfter = balance + amount;
  if (balanceAfter > PROTOCOL_LIMITS.amount) {
    throw new OperatorError("balance-too-large", "The balance would be larger than the ledger.");
  }
  await tx.query("update accounts set balance = $2 where account_id = $1", [
    accountId,
    balanceAfter,
  ]);
  await tx.query(
    `insert into fundings (account_id, reference, amount, balance_after, funded_at)
     values ($1, $2, $3, $4, $5)`,
    [accountId, reference, amount, balanceAfter, platform.nowSeconds()],
  );
  return { accountId, reference, amount, balanceAfter, moved: true };
}

/**
 * Revokes a device: a lost or stolen computer. It stays listed, and pays no more.
 *
 * @throws {OperatorError} `account-unknown` when the account has no such device
 */
export async function revokeDevice(
  deps: TpsDeps,
  accountId: string,
  deviceId: string,
): Promise<void> {
  await deps.database.transaction(async (tx) => {
    const rows = await tx.query(
      `update devices set state = 'revoked' where account_id = $1 and device_id = $2
       returning device_id`,
      [accountId, deviceId],
    );
    if (rows.length === 0) {
      throw new OperatorError(
        "account-unknown",
        `The account ${accountId} has no device ${deviceId}. "account show" lists its devices.`,
      );
    }
    await logOperation(deps, tx, "account revoke-device", accountId, { deviceId });
  });
}

/**
 * The account's row, locked until the transaction ends.
 *
 * @throws {OperatorError} `account-unknown`, `setting-invalid`
 */
export async function lockAccount(tx: Queryable, accountId: string): Promise<{ balance: bigint }> {
  parseSetting(() => parseValue(identifier, accountId), "The account id");
  const row = one(
    await tx.query<{ balance: bigint }>(
      "select balance from accounts where account_id = $1 for update",
      [accountId],
    ),
  );
  if (row === undefined) throw unknownAccount(accountId);
  return row;
}

/** The error for an account id that names none. */
export function unknownAccount(accountId: string): OperatorError {
  return new OperatorError("account-unknown", `There is no account ${accountId}.`);
}

function parseSetting(parse: () => unknown, what: string): void {
  try {
    parse();
  } catch (cause) {
    throw new OperatorError("setting-invalid", `${what}: ${(cause as Error).message}`, { cause });
  }
}
