/** Vectors of a device's sealed exchanges with the TPS outside of purchases: what they have in common. */
import { fromUtf8, type Label, labelledHash, type PendingExchange, utf8 } from "@chit/protocol";
import { openReply, sealReply, unpad } from "../../src/sealed-message.ts";
import { transcript } from "../../src/transcript.ts";
import { ISSUER } from "../fixture.ts";
import {
  hex,
  type NegativeVector,
  type PositiveVector,
  unhex,
  type VectorFile,
  writeMessage,
} from "./form.ts";
import { operate } from "./operations.ts";
import { replyNegatives, sealedNegatives } from "./sealed.ts";
import { replyIntermediate, type Stage, sealedIntermediate } from "./stage.ts";

/** Block of the requests. */
export const BLOCK = 512;

/** Everything about one of the exchanges that the vectors need. */
export interface Exchange {
  readonly kind: "activation" | "account-status" | "devices" | "account-records";
  readonly purpose: Label;
  readonly response: Label;
  readonly pending: PendingExchange;
  readonly ikmE: Uint8Array;
  readonly context: Readonly<Record<string, string>>;
  readonly replies: readonly (readonly [string, Uint8Array, Uint8Array])[];
  readonly malformedSealed: Readonly<Record<string, object>>;
  readonly malformedReply: Readonly<Record<string, object>>;
  readonly replyBlock: number;
}

/** Vectors of the request: `more` are refused too. */
export async function requestFile(
  stage: Stage,
  exchange: Exchange,
  more: readonly NegativeVector[],
): Promise<VectorFile> {
  const { kind, purpose, response, pending, ikmE, context, malformedSealed } = exchange;
  const { world } = stage;
  const intermediate = await sealedIntermediate(stage, purpose, world.tpsKey, pending.body, [
    [response, 16],
  ]);
  const negatives = await sealedNegatives(stage, {
    purpose,
    key: stage.tpsKey,
    body: pending.body,
    plain: utf8(intermediate.plain as string),
    sealed: unpad(unhex(intermediate.paddedSealedPart as string), BLOCK),
    block: BLOCK,
    malformedPlain: { "an issuer with a path": { issuer: `${ISSUER}/` } },
    malformedSealed,
  });
  return {
    kind,
    describes: "Section 8, as the TPS opens it.",
    context,
    positive: [
      {
        name: "as a wallet makes it",
        inputs: { ikmE: hex(ikmE), devicePrivateKey: hex(stage.privateKeys.device) },
        intermediate,
        message: writeMessage(pending.body),
        result: await operate(kind, world.crypto, context, pending.body),
      },
    ],
    negative: [...negatives, ...more],
  };
}

/** Vectors of the replies. */
export async function replyFile(stage: Stage, exchange: Exchange): Promise<VectorFile> {
  const { kind, purpose, response, pending, replies, malformedReply, replyBlock } = exchange;
  const { crypto } = stage.world;
  const context = {
    request: fromUtf8(pending.body),
    enc: hex(pending.enc),
    responseSecret: hex(pending.responseSecret),
  };
  const aad = transcript(response, labelledHash(purpose, pending.body));
  const contentOf = async (body: Uint8Array) =>
    unpad(await openReply(crypto, pending.responseSecret, pending.enc, aad, body), replyBlock);
  const positive: PositiveVector[] = [];
  for (const [name, nonce, body] of replies) {
    positive.push({
      name,
      inputs: { nonce: hex(nonce) },
      intermediate: {
        ...replyIntermediate(pending.responseSecret, pending.enc, nonce),
        aad: hex(aad),
        content: fromUtf8(await contentOf(body)),
      },
      message: writeMessage(body),
      result: await operate(`${kind}-response`, crypto, context, body),
    });
  }
  const first = replies[0]?.[2] as Uint8Array;
  const reseal = (padded: Uint8Array) => {
    const nonce = stage.bytes(`nonce of ${hex(padded)}`, 16);
    return sealReply(crypto, pending.responseSecret, pending.enc, nonce, aad, padded);
  };
  return {
    kind: `${kind}-response`,
    describes: "Section 8, as the CTS opens it.",
    context,
    positive,
    negative: await replyNegatives(
      first,
      await contentOf(first),
      replyBlock,
      reseal,
      malformedReply,
    ),
  };
}
