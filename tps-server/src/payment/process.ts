/**
 * Steps 5 and 6 at the TPS: open → judge → seal and commit. The sealed reply is part of the commit, and leaves
 * only after the commit is on disk.
 */
import {
  addModifiers,
  createPaymentResponse,
  createVerdict,
  decodeRequestForPayment,
  LIMITS,
  MODIFIER_BYTES,
  type OpenedRequest,
  openRequestForPayment,
  type PaymentOutcome,
  verifyPinTag,
} from "@chit/protocol";
import { openModifiedPin, sealModifiedPin } from "../accounts/pin-state.ts";
import type { TpsDeps } from "../deps.ts";
import { newIdentifier } from "../identifiers.ts";
import { findOpeningKeyOrRefuse } from "../keys/find-opening-key.ts";
import type { KeyRings } from "../keys/key-ring.ts";
import type { Queryable } from "../store/database.ts";
import type { Decoy } from "./decoy.ts";
import { lockPayer, type PayerRecord, readMerchantStanding } from "./facts.ts";
import { type Judgement, judge } from "./judge.ts";
import { writeAdvance, writeWrongPin } from "./settle.ts";

/** What taking payments needs. */
export interface PaymentDeps extends TpsDeps {
  readonly keyRings: KeyRings;
  readonly decoy: Decoy;
}

/**
 * Answers one request-for-payment.
 *
 * @param body the exact bytes received
 * @returns the exact bytes of the payment response
 * @throws {ChitError} `message-too-large`, `malformed-message`, `authentication-failed`
 * @throws {HttpProblem} `issuer-mismatch`, `sealing-key-unknown`
 */
export async function processPayment(deps: PaymentDeps, body: Uint8Array): Promise<Uint8Array> {
  const request = await openRequest(deps, body);
  return deps.database.transaction(async (tx) => {
    const payer = await lockPayer(tx, request);
    const now = deps.platform.nowSeconds();
    const merchant = await readMerchantStanding(tx, request.order.merchantId, now);
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
    return settle(deps, tx, request, judgement, modifiedPin, now);
  });
}

async function openRequest(deps: PaymentDeps, body: Uint8Array): Promise<OpenedRequest> {
  const decoded = decodeRequestForPayment(body);
  const { issuer } = decoded.order;
  const key = await findOpeningKeyOrRefuse(deps.keyRings, { issuer, keyId: decoded.keyId });
  return openRequestForPayment(deps.crypto, key, decoded);
}

/** The modified PIN, or the decoy's, so that a tag is computed for every request. */
function openPin(
  deps: PaymentDeps,
  request: OpenedRequest,
  payer: PayerRecord | undefined,
): Uint8Array {
  return payer?.modifiedPin === undefined
    ? openModifiedPin(deps.pinVault, deps.decoy, deps.decoy.modifiedPin)
    : openModifiedPin(deps.pinVault, request.payer, payer.modifiedPin);
}

async function settle(
  deps: PaymentDeps,
  tx: Queryable,
  request: OpenedRequest,
  judgement: Judgement,
  modifiedPin: Uint8Array,
  now: number,
): Promise<Uint8Array> {
  switch (judgement.kind) {
    case "stored":
      return judgement.reply;
    case "told":
      return sealReply(
        deps,
        request,
        judgement.outcome === "pin-changed"
          ? { outcome: "pin-changed", pinGeneration: judgement.pinGeneration }
          : { outcome: judgement.outcome },
      );
    case "wrong-pin": {
      const outcome: PaymentOutcome = judgement.locked
        ? { outcome: "pin-locked" }
        : { outcome: "wrong-pin", attemptsLeft: LIMITS.pinAttempts - judgement.failures };
      const reply = await sealReply(deps, request, outcome);
      await writeWrongPin(tx, request, judgement, reply, now);
      return reply;
    }
    case "paid":
    case "denied":
      return advance(deps, tx, request, judgement, modifiedPin, now);
  }
}

/** Authenticated: proof or denial, and both sides go one step on. */
async function advance(
  deps: PaymentDeps,
  tx: Queryable,
  request: OpenedRequest,
  judgement: Extract<Judgement, { kind: "paid" | "denied" }>,
  modifiedPin: Uint8Array,
  now: number,
): Promise<Uint8Array> {
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
  await writeAdvance(tx, request, {
    verdict,
    denialReason: judgement.kind === "denied" ? judgement.reason : null,
    paymentId,
    document,
    balance,
    modifiedPin: sealModifiedPin(deps.pinVault, request.payer, advanced),
    reply,
    now,
  });
  return reply;
}

function sealReply(
  deps: PaymentDeps,
  request: OpenedRequest,
  outcome: PaymentOutcome,
): Promise<Uint8Array> {
  return createPaymentResponse(deps.crypto, request, outcome, deps.platform.randomBytes(16));
}
