/** Steps 5 and 6 for one request whose facts were read: the judgement, and the sealed reply that says it. */
import {
  addModifiers,
  createPaymentResponse,
  createVerdict,
  LIMITS,
  MODIFIER_BYTES,
  type OpenedRequest,
  type PaymentOutcome,
  verifyPinTag,
} from "@chit/protocol";
import { openModifiedPin, sealModifiedPin } from "../accounts/pin-state.ts";
import { newIdentifier } from "../identifiers.ts";
import type { PayerRecord } from "./facts.ts";
import { type Judgement, judge, type PaymentFacts } from "./judge.ts";
import type { PaymentDeps } from "./process.ts";
import type { Change } from "./settle.ts";

/** What a reply says, for those who count: `repeated` is a stored one. */
export type Outcome = PaymentOutcome["outcome"] | "repeated";

/** A reply, and what must be committed before it leaves. */
export interface Answer {
  readonly outcome: Outcome;
  readonly reply: Uint8Array;
  readonly change: Change | undefined;
}

/**
 * Judges a request and seals its reply.
 *
 * @param payer undefined for a device that does not exist: the same work is done for the decoy
 * @param now seconds
 */
export async function answerRequest(
  deps: PaymentDeps,
  request: OpenedRequest,
  payer: PayerRecord | undefined,
  merchant: PaymentFacts["merchant"],
  now: number,
): Promise<Answer> {
  const modifiedPin = openPin(deps, request, payer);
  const { currency, scale } = deps.keyRings.current().issuer;
  const judgement = judge({
    requestHash: request.requestHash,
    count: request.payer.count,
    pinGeneration: request.payer.pinGeneration,
    amount: request.order.amount,
    device: payer?.device,
    account: payer?.account,
    merchant,
    currencySupported: request.order.currency === currency && request.order.scale === scale,
    pinTagVerifies: verifyPinTag(request.pinTag, modifiedPin, request.tagInput),
    signatureVerifies: deps.crypto.verifyEd25519(
      payer?.publicKey ?? deps.decoy.publicKey,
      request.signedBytes,
      request.signature,
    ),
  });
  return answerJudgement(deps, request, judgement, modifiedPin, now);
}

/** The modified PIN, or the decoy's, so that a tag is computed for every request. */
function openPin(
  deps: PaymentDeps,
  request: OpenedRequest,
  payer: PayerRecord | undefined,
): Uint8Array {
  return payer?.modifiedPin === undefined
    ? openModifiedPin(deps.decoy.pinVault, deps.decoy, deps.decoy.modifiedPin)
    : openModifiedPin(deps.pinVault, request.payer, payer.modifiedPin);
}

async function answerJudgement(
  deps: PaymentDeps,
  request: OpenedRequest,
  judgement: Judgement,
  modifiedPin: Uint8Array,
  now: number,
): Promise<Answer> {
  switch (judgement.kind) {
    case "stored":
      return { outcome: "repeated", reply: judgement.reply, change: undefined };
    case "told": {
      const outcome: PaymentOutcome =
        judgement.outcome === "pin-changed"
          ? { outcome: "pin-changed", pinGeneration: judgement.pinGeneration }
          : { outcome: judgement.outcome };
      const reply = await sealReply(deps, request, outcome);
      return { outcome: outcome.outcome, reply, change: undefined };
    }
    case "wrong-pin": {
      const { failures, locked } = judgement;
      const outcome: PaymentOutcome = locked
        ? { outcome: "pin-locked" }
        : { outcome: "wrong-pin", attemptsLeft: LIMITS.pinAttempts - failures };
      const reply = await sealReply(deps, request, outcome);
      const change = { kind: "wrong-pin", request, failures, locked, reply } as const;
      return { outcome: outcome.outcome, reply, change };
    }
    case "paid":
    case "denied":
      return advance(deps, request, judgement, modifiedPin, now);
  }
}

/** Authenticated: proof or denial, and both sides go one step on. */
async function advance(
  deps: PaymentDeps,
  request: OpenedRequest,
  judgement: Extract<Judgement, { kind: "paid" | "denied" }>,
  modifiedPin: Uint8Array,
  now: number,
): Promise<Answer> {
  const verdict = judgement.kind === "paid" ? "proof" : "denial";
  const paymentId = newIdentifier(deps.platform);
  const signer = deps.keyRings.current().signer(now);
  const document = await createVerdict(signer, verdict, request.order, paymentId, now);
  const component = deps.platform.randomBytes(MODIFIER_BYTES);
  const { balance } = judgement;
  const common = { component, nextCount: request.payer.count + 1, balance };
  const reply = await sealReply(
    deps,
    request,
    judgement.kind === "paid"
      ? { outcome: "paid", ...common, proof: document }
      : { outcome: "denied", ...common, denial: document, reason: judgement.reason },
  );
  const advanced = addModifiers(modifiedPin, request.component, component);
  return {
    outcome: judgement.kind,
    reply,
    change: {
      kind: "advance",
      request,
      verdict,
      denialReason: judgement.kind === "denied" ? judgement.reason : null,
      paymentId,
      document,
      balance,
      modifiedPin: sealModifiedPin(deps.pinVault, request.payer, advanced),
      reply,
    },
  };
}

function sealReply(
  deps: PaymentDeps,
  request: OpenedRequest,
  outcome: PaymentOutcome,
): Promise<Uint8Array> {
  return createPaymentResponse(deps.crypto, request, outcome, deps.platform.randomBytes(16));
}
