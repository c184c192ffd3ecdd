/** The account's records at its TPS: money that came in, months' statements, how to pay in. */
import {
  ACCOUNT_RECORDS_PATH,
  type AccountRecords,
  type AccountRecordsWish,
  createAccountRecordsRequest,
  openAccountRecords,
} from "@chit/protocol";
import { keepRevoked } from "./account-store.ts";
import type { CtsDeps } from "./deps.ts";
import { WalletError } from "./errors.ts";
import { exchange } from "./http.ts";
import { askIssuer } from "./issuer.ts";

/** What the TPS answers to a device that it knows and that may know. */
export type ToldRecords = Exclude<
  AccountRecords,
  { outcome: "device-revoked" | "awaiting-pin" | "refused" }
>;

/** The kinds of answer that each wish may get. */
interface Answers {
  movements: "movements";
  months: "months";
  statement: "statement" | "no-statement";
  "statement-part": "statement-part" | "no-statement";
  funding: "funding" | "no-funding";
}
type AnswerTo<W extends AccountRecordsWish> = Extract<ToldRecords, { outcome: Answers[W["wish"]] }>;

const ANSWERS: { readonly [W in keyof Answers]: readonly Answers[W][] } = {
  movements: ["movements"],
  months: ["months"],
  statement: ["statement", "no-statement"],
  "statement-part": ["statement-part", "no-statement"],
  funding: ["funding", "no-funding"],
};

/**
 * Asks the account's TPS. Changes nothing there and may be repeated. An answer that this device was revoked is kept:
 * it pays no more.
 *
 * @throws {WalletError} `device-revoked`, `awaiting-pin`, `device-unknown`, `issuer-unreachable`, `unknown-account`,
 * `issuer-answer-forged` for an answer to another question; {RefusedError}; {ChitError} when the answer does not verify
 */
export async function askRecords<const W extends AccountRecordsWish>(
  deps: CtsDeps,
  accountKey: string,
  wish: W,
): Promise<AnswerTo<W>> {
  const answer = await askIssuer(deps, accountKey, {
    create: (key, account) =>
      createAccountRecordsRequest(deps.crypto, key, account, wish, (message) =>
        deps.deviceKeys.sign(account.deviceKeyId, message),
      ),
    post: (_deps, issuer, body) => exchange(deps, issuer + ACCOUNT_RECORDS_PATH, body),
    open: (pending, reply) => openAccountRecords(deps.crypto, pending, reply),
  });
  switch (answer.outcome) {
    case "device-revoked":
      await keepRevoked(deps, accountKey);
      throw new WalletError("device-revoked", "This device was revoked.");
    case "awaiting-pin":
      throw new WalletError("awaiting-pin", "Call the telephone service for the first PIN.");
    case "refused":
      throw new WalletError("device-unknown", "The operator does not know this device.");
    default:
      if (isAnswerTo(wish, answer)) return answer;
      throw new WalletError("issuer-answer-forged", "The operator answered another question.");
  }
}

function isAnswerTo<W extends AccountRecordsWish>(
  wish: W,
  answer: ToldRecords,
): answer is AnswerTo<W> {
  return ANSWERS[wish.wish].some((outcome) => outcome === answer.outcome);
}
