/** Vectors of recovery after the sale. */
import {
  createRecoveryRequest,
  fromUtf8,
  LABELS,
  labelledHash,
  openRecoveryRequest,
  type RecoveryAnswer,
  type RecoveryWish,
  toBase64url,
  utf8,
} from "@chit/protocol";
import { openReply, sealReply, unpad } from "../../src/sealed-message.ts";
import { transcript } from "../../src/transcript.ts";
import { NOW, SHOP } from "../fixture.ts";
import {
  hex,
  type JsonObject,
  type PositiveVector,
  unhex,
  type VectorFile,
  writeMessage,
} from "./form.ts";
import type { SessionOnStage } from "./initiation.ts";
import { operate } from "./operations.ts";
import { replyNegatives, sealedNegatives } from "./sealed.ts";
import { replyIntermediate, type Stage, sealedIntermediate, verdictOn } from "./stage.ts";

const BLOCK = 512;

/** Each with the token of the session. */
const wishes = (token: Uint8Array): readonly (readonly [string, RecoveryWish])[] => [
  ["redelivery", { wish: "redelivery", token }],
  ["a refund of all", { wish: "refund", token, reason: "not-received", text: null, amount: null }],
  [
    "a refund of a part",
    {
      wish: "refund",
      token,
      reason: "damaged",
      text: "Page 7 is missing – the best one.",
      amount: 45_000n,
    },
  ],
  ["how a refund stands", { wish: "refund-state", token }],
  ["whether anybody paid", { wish: "payment", token }],
  ["nobody else is to pay", { wish: "call-off", token }],
];

const refund = { answer: "refund", of: 135_000n, given: 0n, accepted: 0n, message: null } as const;

/** `proof`: a proof-of-payment of the sale. */
const answers = (proof: string): readonly (readonly [string, RecoveryAnswer])[] => [
  ["redelivery", { answer: "redelivery", sendGoodsUrl: `${SHOP}/chit/goods`, until: NOW + 86_400 }],
  ["the time is over", { answer: "refused", reason: "period-over" }],
  ["wished too often", { answer: "refused", reason: "too-often" }],
  ["nothing digital", { answer: "refused", reason: "nothing-to-send" }],
  ["nothing is given again", { answer: "refused", reason: "not-offered" }],
  ["all was given back", { answer: "refused", reason: "refunded" }],
  ["more than was paid", { answer: "refused", reason: "more-than-paid" }],
  ["no refund yet", { ...refund, decision: "none", at: null }],
  ["a refund is asked for", { ...refund, decision: "asked", at: NOW }],
  [
    "a refund is accepted",
    { ...refund, decision: "accepted", accepted: 45_000n, message: "Sorry!", at: NOW },
  ],
  [
    "the money is back",
    { ...refund, decision: "accepted", accepted: 135_000n, given: 135_000n, at: NOW },
  ],
  ["a refund is refused", { ...refund, decision: "refused", message: "Read already.", at: NOW }],
  ["paid", { answer: "payment", proof }],
  ["not paid", { answer: "payment", proof: null }],
];

/** `recovery` and `recovery-acknowledgment`. */
export async function recoveryFiles(
  stage: Stage,
  { session }: SessionOnStage,
): Promise<Record<string, VectorFile>> {
  const { world, merchantKey } = stage;
  const { token } = session.key;
  const [first, ...others] = await Promise.all(
    wishes(token).map(([name, wish]) => request(stage, name, wish)),
  );
  if (first === undefined) throw new Error("There are wishes.");
  const { pending } = first;
  const context = {
    privateKey: hex(stage.privateKeys.merchantSealing),
    publicKey: hex(world.merchantKey.publicRaw),
  };
  const purpose = LABELS.recovery;
  const positive = [];
  for (const { name, wish, ikmE, pending } of [first, ...others]) {
    const { amount, ...rest } = { amount: undefined, ...wish };
    const asked = amount === undefined ? {} : { amount: amount === null ? null : `$amount` };
    positive.push({
      name,
      inputs: { ikmE: hex(ikmE), ...rest, ...asked, token: hex(token) },
      intermediate: await sealedIntermediate(stage, purpose, world.merchantKey, pending.body, [
        [LABELS.sendGoods, 32],
        [LABELS.goods, 32],
        [LABELS.recoveryAcknowledgment, 16],
      ]),
      message: writeMessage(pending.body),
      result: await operate("recovery", world.crypto, context, pending.body),
    });
  }
  const refundOf = (part: object) => ({
    wish: "refund",
    reason: "other",
    text: null,
    amount: null,
    ...part,
  });
  const { intermediate } = positive[0] as PositiveVector & { intermediate: JsonObject };
  const file: VectorFile = {
    kind: "recovery",
    describes: "Recovery after the sale, as the MTS opens it. It compares the token itself.",
    context,
    positive,
    negative: await sealedNegatives(stage, {
      purpose,
      key: merchantKey,
      body: pending.body,
      plain: utf8(intermediate.plain as string),
      sealed: unpad(unhex(intermediate.paddedSealedPart as string), BLOCK),
      block: BLOCK,
      malformedPlain: { "another type": { type: "session-initiation" } },
      malformedSealed: {
        "another wish": { wish: "more" },
        "a redelivery with a reason": { reason: "damaged" },
        "a refund without a reason": refundOf({ reason: null }),
        "a refund with another reason": refundOf({ reason: "expensive" }),
        "a refund of nothing": refundOf({ amount: "0" }),
        "a refund of an amount as a number": refundOf({ amount: 45_000 }),
        "a refund with no words in its text": refundOf({ text: " " }),
        "a refund with a text of 501 characters": refundOf({ text: "x".repeat(501) }),
        "a refund with a direction override in its text": refundOf({ text: "a\u202eb" }),
        "a token of 31 bytes": { token: toBase64url(new Uint8Array(31)) },
      },
    }),
  };
  return { recovery: file, "recovery-acknowledgment": await acknowledgments(stage, pending) };
}

async function request(stage: Stage, name: string, wish: RecoveryWish) {
  const { world, merchantKey } = stage;
  // The first one's as it was when there was but one wish.
  const ikmE = stage.bytes(
    name === "redelivery" ? "ephemeral of recovery" : `ephemeral of recovery: $name`,
    32,
  );
  const crypto = stage.cryptoWith(ikmE);
  const pending = await createRecoveryRequest(crypto, merchantKey, world.quoteInput, wish);
  return { name, wish, ikmE, pending };
}

/** A refund's answer in place of the redelivery's fields. */
const refundAnswer = (change: object) => ({
  answer: "refund",
  sendGoodsUrl: undefined,
  until: undefined,
  decision: "accepted",
  accepted: "45000",
  of: "135000",
  given: "0",
  message: null,
  at: NOW,
  ...change,
});

async function acknowledgments(
  stage: Stage,
  pending: Awaited<ReturnType<typeof createRecoveryRequest>>,
): Promise<VectorFile> {
  const { crypto, merchantKey } = stage.world;
  const { body: request, enc, responseSecret } = pending;
  const context = {
    request: fromUtf8(request),
    enc: hex(enc),
    responseSecret: hex(responseSecret),
  };
  const opened = await openRecoveryRequest(crypto, merchantKey, request);
  const aad = transcript(LABELS.recoveryAcknowledgment, labelledHash(LABELS.recovery, request));
  const kind = "recovery-acknowledgment";
  const bodies: Uint8Array[] = [];
  const positive: PositiveVector[] = [];
  for (const [name, answer] of answers(await verdictOn(stage, "proof"))) {
    const nonce = stage.bytes(`nonce of $name`, 16);
    const body = await opened.acknowledge(answer, nonce);
    bodies.push(body);
    const content = unpad(await openReply(crypto, responseSecret, enc, aad, body), BLOCK);
    positive.push({
      name,
      inputs: { nonce: hex(nonce) },
      intermediate: {
        ...replyIntermediate(responseSecret, enc, nonce),
        aad: hex(aad),
        content: fromUtf8(content),
      },
      message: writeMessage(body),
      result: await operate(kind, crypto, context, body),
    });
  }
  const first = bodies[0] as Uint8Array;
  const content = unpad(await openReply(crypto, responseSecret, enc, aad, first), BLOCK);
  const reseal = (padded: Uint8Array) => {
    const nonce = stage.bytes(`nonce of $hex(padded)`, 16);
    return sealReply(crypto, responseSecret, enc, nonce, aad, padded);
  };
  return {
    kind,
    describes: "The acknowledgment of a recovery request, as the CTS opens it.",
    context,
    positive,
    negative: await replyNegatives(first, content, BLOCK, reseal, {
      "another answer": { answer: "later" },
      "another answer's field": { reason: "period-over" },
      "send goods over http": { sendGoodsUrl: "http://shop.example/chit/goods" },
      "a time that is none": { until: -1 },
      "more accepted than was paid": refundAnswer({ accepted: "135001" }),
      "more given than was accepted": refundAnswer({ given: "45001" }),
      "a refund of a price of 0": refundAnswer({ accepted: "0", of: "0" }),
      "another decision": refundAnswer({ decision: "perhaps" }),
      "a payment without a proof": { answer: "payment", sendGoodsUrl: undefined, until: undefined },
    }),
  };
}
