/** The account-records exchange as a wallet uses it, without HTTP; and money that comes in. */
import {
  type AccountRecords,
  type AccountRecordsWish,
  createAccountRecordsRequest,
  currentSealingKey,
  openAccountRecords,
  type PendingExchange,
} from "@chit/protocol";
import { answerAccountRecords } from "../../src/statements/records.ts";
import type { Wallet } from "./wallet.ts";
import { ISSUER, id, type World } from "./world.ts";

export type Reader = Pick<Wallet, "world" | "accountId" | "deviceId" | "signer">;

/** A request as it travels. */
export function prepareRecords(reader: Reader, wish: AccountRecordsWish): Promise<PendingExchange> {
  const { world, accountId, deviceId, signer } = reader;
  const tpsKey = currentSealingKey(world.keyList(), world.now);
  const subject = { issuer: ISSUER, accountId, deviceId };
  return createAccountRecordsRequest(world.deps.crypto, tpsKey, subject, wish, signer.sign);
}

/** Sends a request, perhaps once more. */
export async function sendRecords(
  { world }: Pick<Reader, "world">,
  pending: PendingExchange,
): Promise<AccountRecords & { bytes: number }> {
  const reply = await answerAccountRecords(world.deps, pending.body);
  const answer = await openAccountRecords(world.deps.crypto, pending, reply);
  return { ...answer, bytes: reply.length };
}

export async function askRecords(
  reader: Reader,
  wish: AccountRecordsWish,
): Promise<AccountRecords & { bytes: number }> {
  return sendRecords(reader, await prepareRecords(reader, wish));
}

/** Gives `amount` of an account's payment back, as an executed order does; `orderId` is a fresh one unless told. */
export async function giveBack(
  world: World,
  accountId: string,
  paymentId: string,
  amount: bigint,
  orderId = id(),
): Promise<string> {
  await world.database.query(
    `with credited as (
       update accounts set balance = balance + $4 where account_id = $1 returning balance
     )
     insert into refunds (account_id, payment_id, order_id, merchant_id, transaction_number, amount,
                          balance_after, refunded_at)
     select $1, $2, $3, p.merchant_id, p.transaction_number, $4, credited.balance, $5
       from credited, payments p where p.account_id = $1 and p.payment_id = $2`,
    [accountId, paymentId, orderId, amount, world.now],
  );
  return orderId;
}

/** Has a statement made. */
export async function fetchStatement(
  reader: Reader,
  month: string,
): Promise<{ statementId: string; parts: number }> {
  const answer = await askRecords(reader, { wish: "statement", month });
  if (answer.outcome !== "statement") throw new Error(`The answer is ${JSON.stringify(answer)}.`);
  const { statementId, parts } = answer;
  return { statementId, parts };
}

/** The whole text of a month's statement, fetched in its parts. */
export async function statementText(reader: Reader, month: string): Promise<string> {
  const { statementId, parts } = await fetchStatement(reader, month);
  const texts: string[] = [];
  for (let part = 0; part < parts; part++) {
    const answer = await askRecords(reader, { wish: "statement-part", statementId, part });
    if (answer.outcome !== "statement-part") throw new Error(`Part ${part}: ${answer.outcome}.`);
    texts.push(answer.text);
  }
  return texts.join("");
}
