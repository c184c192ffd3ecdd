/** Vectors of the account-records exchange. */
import {
  type AccountRecords,
  type AccountRecordsWish,
  createAccountRecordsRequest,
  decodeAccountRecordsRequest,
  fromUtf8,
  LABELS,
  openAccountRecordsRequest,
  utf8,
} from "@chit/protocol";
import { openSealedMessage, pad, unpad } from "../../src/sealed-message.ts";
import { ISSUER, NOW } from "../fixture.ts";
import { BLOCK, type Exchange, replyFile, requestFile } from "./exchange.ts";
import { hex, type VectorFile, writeMessage } from "./form.ts";
import { operate } from "./operations.ts";
import { type Stage, sealRaw } from "./stage.ts";

const REPLY_BLOCK = 2048;

function refundOf(stage: Stage) {
  return {
    kind: "refund",
    at: NOW - 60,
    amount: 45_000n,
    balanceAfter: 910_000n,
    paymentId: stage.id("payment"),
    orderId: stage.id("refund order"),
    merchantId: stage.world.quoteInput.merchantId,
    transactionNumber: stage.world.quoteInput.transactionNumber,
  } as const;
}

const FUNDING = {
  kind: "funding",
  at: NOW - 86_400,
  amount: 1_000_000n,
  balanceAfter: 1_000_000n,
  reference: "NTRF-2026-11-03-000417",
} as const;

const TRANSFER = {
  outcome: "funding",
  reference: "RF18123456789012",
  holder: "Example Pay",
  iban: "DE89370400440532013000",
  bic: "COBADEFFXXX",
  text: null,
} as const;

function resultsOf(stage: Stage): readonly (readonly [string, AccountRecords])[] {
  const movements = [FUNDING, refundOf(stage)];
  const statementId = stage.id("statement");
  return [
    ["movements", { outcome: "movements", movements, next: "2", more: false }],
    ["no movements", { outcome: "movements", movements: [], next: "2", more: false }],
    ["months", { outcome: "months", first: "2026-09", current: "2026-11" }],
    ["statement", { outcome: "statement", statementId, parts: 2 }],
    ["statement part", { outcome: "statement-part", text: "eyJ.eyJ.AA\neyJ" }],
    ["no statement", { outcome: "no-statement", reason: "under-review" }],
    ["funding", { ...TRANSFER, text: "Only from your own account." }],
    ["no funding", { outcome: "no-funding" }],
    ["awaiting PIN", { outcome: "awaiting-pin" }],
    ["device revoked", { outcome: "device-revoked" }],
    ["refused", { outcome: "refused" }],
  ];
}

/** A request for each wish. */
function wishesOf(stage: Stage): readonly (readonly [string, AccountRecordsWish])[] {
  const statementId = stage.id("statement");
  return [
    ["movements from the first", { wish: "movements", after: null }],
    ["movements behind a place", { wish: "movements", after: "2" }],
    ["months", { wish: "months" }],
    ["statement", { wish: "statement", month: "2026-11" }],
    ["statement part", { wish: "statement-part", statementId, part: 1 }],
    ["funding", { wish: "funding" }],
  ];
}

async function pendingFor(stage: Stage, name: string, wish: AccountRecordsWish) {
  const ikmE = stage.bytes(`ephemeral of account records ${name}`, 32);
  const subject = { issuer: ISSUER, accountId: stage.id("account"), deviceId: stage.id("device") };
  const { sign } = stage.world.device;
  const crypto = stage.cryptoWith(ikmE);
  const pending = await createAccountRecordsRequest(crypto, stage.tpsKey, subject, wish, sign);
  return { ikmE, pending };
}

/** The other wishes: accepted, with what the receiver makes of them. */
async function otherWishes(stage: Stage, context: Exchange["context"]) {
  const vectors: VectorFile["positive"][number][] = [];
  for (const [name, wish] of wishesOf(stage).slice(1)) {
    const { ikmE, pending } = await pendingFor(stage, name, wish);
    vectors.push({
      name,
      inputs: { ikmE: hex(ikmE), devicePrivateKey: hex(stage.privateKeys.device) },
      message: writeMessage(pending.body),
      result: await operate("account-records", stage.world.crypto, context, pending.body),
    });
  }
  return vectors;
}

/** Requests that open, but whose signature was made for something else: `signatureVerifies` is false. */
async function forgeries(stage: Stage, context: Exchange["context"], first: Uint8Array) {
  const { world } = stage;
  const decoded = decodeAccountRecordsRequest(first).sealed;
  const label = LABELS.accountRecords;
  const opened = await openSealedMessage(world.crypto, label, world.tpsKey, decoded);
  const content = JSON.parse(fromUtf8(unpad(opened.sealed, BLOCK))) as object;
  const other = stage.id("another device");
  const patches: readonly (readonly [string, object])[] = [
    ["the signature of another message", {}],
    ["signed for another place", { wish: { wish: "movements", after: "1" } }],
    ["signed for another wish", { wish: { wish: "funding" } }],
    ["signed for another device", { deviceId: other }],
    ["signed for another account", { accountId: other }],
  ];
  const vectors: VectorFile["positive"][number][] = [];
  for (const [name, patch] of patches) {
    const padded = pad(utf8(JSON.stringify({ ...content, ...patch })), BLOCK);
    const body = await sealRaw(stage, label, stage.tpsKey, decoded.plain, padded);
    const result = await operate("account-records", world.crypto, context, body);
    vectors.push({ name, message: writeMessage(body), result });
  }
  return vectors;
}

/** `account-records` and `account-records-response`. */
export async function recordsFiles(stage: Stage): Promise<Record<string, VectorFile>> {
  const { world } = stage;
  const first = wishesOf(stage)[0] as readonly [string, AccountRecordsWish];
  const { ikmE, pending } = await pendingFor(stage, ...first);
  const opened = await openAccountRecordsRequest(world.crypto, world.tpsKey, pending.body);
  const replies: [string, Uint8Array, Uint8Array][] = [];
  for (const [name, result] of resultsOf(stage)) {
    const nonce = stage.bytes(`nonce of account records ${name}`, 16);
    replies.push([name, nonce, await opened.reply(result, nonce)]);
  }
  const refund = { ...refundOf(stage), amount: "45000", balanceAfter: "910000" };
  const { outcome: _outcome, ...transfer } = TRANSFER;
  const exchange: Exchange = {
    kind: "account-records",
    purpose: LABELS.accountRecords,
    response: LABELS.accountRecordsResponse,
    pending,
    ikmE,
    context: {
      privateKey: hex(stage.privateKeys.tpsSealing),
      publicKey: hex(world.tpsKey.publicRaw),
      deviceKey: hex(world.device.publicKey),
    },
    replies,
    malformedSealed: {
      "another wish": { wish: { wish: "payments", after: null } },
      "a wish with another's field": { wish: { wish: "months", after: null } },
      "a place that is no cursor": { wish: { wish: "movements", after: "1,2" } },
      "month 13": { wish: { wish: "statement", month: "2026-13" } },
      "part 8192": {
        wish: { wish: "statement-part", statementId: stage.id("statement"), part: 8_192 },
      },
      "a signature of 63 bytes": { signature: "A".repeat(84) },
    },
    malformedReply: {
      "17 movements": { movements: Array.from({ length: 17 }, () => refund) },
      "nothing given back": { movements: [{ ...refund, amount: "0" }] },
      "a refund of no payment": { movements: [{ ...refund, paymentId: "" }] },
      "a movement of another kind": { movements: [{ ...refund, kind: "fee" }] },
      "another outcome's field": { ...transfer },
      "no place to go on from": { next: "" },
    },
    replyBlock: REPLY_BLOCK,
  };
  const requests = await requestFile(stage, exchange, []);
  const more = await otherWishes(stage, exchange.context);
  const forged = await forgeries(stage, exchange.context, pending.body);
  return {
    "account-records": { ...requests, positive: [...requests.positive, ...more, ...forged] },
    "account-records-response": await replyFile(stage, exchange),
  };
}
