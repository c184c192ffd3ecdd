/** Vectors of recovery after the sale. */
import {
  createRecoveryRequest,
  fromUtf8,
  LABELS,
  labelledHash,
  openRecoveryRequest,
  type RecoveryAnswer,
  toBase64url,
  utf8,
} from "@chit/protocol";
import { openReply, sealReply, unpad } from "../../src/sealed-message.ts";
import { transcript } from "../../src/transcript.ts";
import { NOW, SHOP } from "../fixture.ts";
import { hex, type PositiveVector, unhex, type VectorFile, writeMessage } from "./form.ts";
import type { SessionOnStage } from "./initiation.ts";
import { operate } from "./operations.ts";
import { replyNegatives, sealedNegatives } from "./sealed.ts";
import { replyIntermediate, type Stage, sealedIntermediate } from "./stage.ts";

const BLOCK = 512;

const ANSWERS: readonly (readonly [string, RecoveryAnswer])[] = [
  ["redelivery", { answer: "redelivery", sendGoodsUrl: `${SHOP}/chit/goods`, until: NOW + 86_400 }],
  ["the time is over", { answer: "refused", reason: "period-over" }],
  ["wished too often", { answer: "refused", reason: "too-often" }],
  ["nothing digital", { answer: "refused", reason: "nothing-to-send" }],
  ["nothing is given again", { answer: "refused", reason: "not-offered" }],
];

/** `recovery` and `recovery-acknowledgment`. */
export async function recoveryFiles(
  stage: Stage,
  { session }: SessionOnStage,
): Promise<Record<string, VectorFile>> {
  const { world, merchantKey } = stage;
  const ikmE = stage.bytes("ephemeral of recovery", 32);
  const crypto = stage.cryptoWith(ikmE);
  const { token } = session.key;
  const wish = { wish: "redelivery", token } as const;
  const pending = await createRecoveryRequest(crypto, merchantKey, world.quoteInput, wish);
  const context = {
    privateKey: hex(stage.privateKeys.merchantSealing),
    publicKey: hex(world.merchantKey.publicRaw),
  };
  const purpose = LABELS.recovery;
  const intermediate = await sealedIntermediate(stage, purpose, world.merchantKey, pending.body, [
    [LABELS.sendGoods, 32],
    [LABELS.goods, 32],
    [LABELS.recoveryAcknowledgment, 16],
  ]);
  const request: VectorFile = {
    kind: "recovery",
    describes: "Recovery after the sale, as the MTS opens it. It compares the token itself.",
    context,
    positive: [
      {
        name: "redelivery",
        inputs: { ikmE: hex(ikmE), token: hex(token) },
        intermediate,
        message: writeMessage(pending.body),
        result: await operate("recovery", world.crypto, context, pending.body),
      },
    ],
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
        "a token of 31 bytes": { token: toBase64url(new Uint8Array(31)) },
      },
    }),
  };
  return { recovery: request, "recovery-acknowledgment": await acknowledgments(stage, pending) };
}

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
  for (const [name, answer] of ANSWERS) {
    const nonce = stage.bytes(`nonce of ${name}`, 16);
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
    const nonce = stage.bytes(`nonce of ${hex(padded)}`, 16);
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
    }),
  };
}
