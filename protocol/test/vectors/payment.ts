/** Vectors of the messages between CTS and TPS in a purchase, and of step 7. */
import {
  createForward,
  createPaymentResponse,
  createRequestForPayment,
  createVerdict,
  DENIAL_REASONS,
  decodeRequestForPayment,
  fromUtf8,
  INITIAL_MODIFIER,
  LABELS,
  modifyPin,
  openRequestForPayment,
  type PaymentOutcome,
  parseAmount,
  utf8,
} from "@chit/protocol";
import { openReply, sealReply, unpad } from "../../src/sealed-message.ts";
import { transcript } from "../../src/transcript.ts";
import { ISSUER, NOW } from "../fixture.ts";
import {
  hex,
  type NegativeVector,
  type PositiveVector,
  patched,
  refused,
  spoil,
  unhex,
  type VectorFile,
  writeMessage,
} from "./form.ts";
import { operate } from "./operations.ts";
import { replyNegatives, sealedNegatives } from "./sealed.ts";
import { replyIntermediate, type Stage, sealedIntermediate } from "./stage.ts";

const PIN = "314159";
const REQUEST_EXPORTS = [
  [LABELS.pinTagBinding, 32],
  [LABELS.paymentResponse, 16],
] as const;

async function prepare(stage: Stage) {
  const { world } = stage;
  const inputs = {
    component: stage.bytes("component of the CTS", 32),
    ikmE: stage.bytes("ephemeral of step 5", 32),
  };
  const payer = {
    accountId: stage.id("account"),
    deviceId: stage.id("device"),
    count: 0,
    pinGeneration: 1,
  };
  const { quoteInput } = world;
  const order = {
    ...quoteInput,
    issuer: ISSUER,
    amount: parseAmount(quoteInput.amount),
    quoteHash: stage.quoteHash,
  };
  const modifiedPin = modifyPin(PIN, INITIAL_MODIFIER);
  const request = await createRequestForPayment(
    stage.cryptoWith(inputs.component, inputs.ikmE),
    stage.tpsKey,
    order,
    payer,
    modifiedPin,
    world.device.sign,
  );
  const opened = await openRequestForPayment(
    world.crypto,
    world.tpsKey,
    decodeRequestForPayment(request.body),
  );
  return { inputs, payer, order, modifiedPin, request, opened };
}

type Prepared = Awaited<ReturnType<typeof prepare>>;

async function requestFile(stage: Stage, prepared: Prepared): Promise<VectorFile> {
  const { world, privateKeys } = stage;
  const { inputs, modifiedPin, request, opened } = prepared;
  const purpose = LABELS.requestForPayment;
  const context = {
    privateKey: hex(privateKeys.tpsSealing),
    publicKey: hex(world.tpsKey.publicRaw),
    deviceKey: hex(world.device.publicKey),
    modifiedPin: hex(modifiedPin),
  };
  const intermediate = await sealedIntermediate(
    stage,
    purpose,
    world.tpsKey,
    request.body,
    REQUEST_EXPORTS,
  );
  const { binding, accountId, deviceId, component } = opened.tagInput;
  const count = unhex("0000000000000000");
  const generation = unhex("0000000000000001");
  const plain = utf8(intermediate.plain as string);
  const tagInput = [binding, accountId, deviceId, count, generation, component, plain];
  const sealed = unpad(unhex(intermediate.paddedSealedPart as string), 768);
  return {
    kind: "request-for-payment",
    describes:
      "Step 5, as the TPS opens it. `expectedPinTag` is computed from the context's modified PIN.",
    context,
    positive: [
      {
        name: "the first request after a new PIN",
        inputs: {
          pin: PIN,
          modifier: hex(INITIAL_MODIFIER),
          ikmE: hex(inputs.ikmE),
          component: hex(inputs.component),
          devicePrivateKey: hex(privateKeys.device),
        },
        intermediate: {
          ...intermediate,
          pinTagTranscript: hex(transcript(LABELS.pinTag, ...tagInput)),
          signatureTranscript: hex(opened.signedBytes),
        },
        message: writeMessage(request.body),
        result: await operate("request-for-payment", world.crypto, context, request.body),
      },
    ],
    negative: await sealedNegatives(stage, {
      purpose,
      key: stage.tpsKey,
      body: request.body,
      plain,
      sealed,
      block: 768,
      malformedPlain: {
        "amount 0": { amount: "0" },
        "a negative amount": { amount: "-135000" },
        "an amount with an exponent": { amount: "1e5" },
        "an issuer with a path": { issuer: `${ISSUER}/` },
        "another suite": { suite: "0010-0001-0001" },
        "a quote hash of 31 bytes": { quoteHash: "A".repeat(42) },
      },
      malformedSealed: {
        "a negative count": { count: -1 },
        "a count as text": { count: "0" },
        "a count that is not exact": { count: 2 ** 53 },
        "a component of 33 bytes": { component: "A".repeat(44) },
      },
    }),
  };
}

async function responseFile(stage: Stage, prepared: Prepared): Promise<VectorFile> {
  const { world } = stage;
  const { request, opened, order } = prepared;
  const component = stage.bytes("component of the TPS", 32);
  const authenticated = { component, nextCount: 1, balance: 865_000n };
  const document = (verdict: "proof" | "denial") =>
    createVerdict(world.tpsSigner, verdict, order, stage.id("payment"), NOW);
  const proof = await document("proof");
  const denial = await document("denial");
  const outcomes: PaymentOutcome[] = [
    { outcome: "paid", ...authenticated, proof },
    ...DENIAL_REASONS.map(
      (reason): PaymentOutcome => ({ outcome: "denied", ...authenticated, denial, reason }),
    ),
    { outcome: "wrong-pin", attemptsLeft: 4 },
    { outcome: "pin-locked" },
    { outcome: "awaiting-pin" },
    { outcome: "pin-changed", pinGeneration: 2 },
    { outcome: "out-of-sequence" },
    { outcome: "device-revoked" },
    { outcome: "refused" },
  ];
  const context = {
    request: fromUtf8(request.body),
    enc: hex(request.enc),
    responseSecret: hex(request.responseSecret),
  };
  const aad = transcript(LABELS.paymentResponse, request.requestHash);
  const content = (body: Uint8Array) =>
    openReply(world.crypto, request.responseSecret, request.enc, aad, body);
  const positive: PositiveVector[] = [];
  for (const outcome of outcomes) {
    const name = "reason" in outcome ? `denied: ${outcome.reason}` : outcome.outcome;
    const nonce = stage.bytes(`nonce of ${name}`, 16);
    const body = await createPaymentResponse(world.crypto, opened, outcome, nonce);
    positive.push({
      name,
      inputs: { nonce: hex(nonce) },
      intermediate: {
        requestHash: hex(request.requestHash),
        ...replyIntermediate(request.responseSecret, request.enc, nonce),
        aad: hex(aad),
        content: fromUtf8(unpad(await content(body), 2_560)),
      },
      message: writeMessage(body),
      result: await operate("payment-response", world.crypto, context, body),
    });
  }
  const paid = (positive[0] as PositiveVector).message as { text: string };
  const paidContent = utf8((positive[0] as PositiveVector).intermediate?.content as string);
  const reseal = (padded: Uint8Array) =>
    sealReply(
      world.crypto,
      request.responseSecret,
      request.enc,
      stage.bytes(`nonce of ${hex(padded)}`, 16),
      aad,
      padded,
    );
  return {
    kind: "payment-response",
    describes: "Step 6, as the CTS opens it. Proof and denial are verified besides (section 5).",
    context,
    positive,
    negative: await replyNegatives(utf8(paid.text), paidContent, 2_560, reseal, {
      "another type": { type: "activation-response" },
      "another outcome": { outcome: "accepted" },
      "fields of another outcome": { outcome: "wrong-pin" },
      "a denial without a reason": { outcome: "denied" },
      "a negative balance": { balance: "-1" },
      "a proof that is no JWS": { proof: "a.b" },
    }),
  };
}

async function forwardFile(stage: Stage, { order }: Prepared): Promise<VectorFile> {
  const { world } = stage;
  const proof = await createVerdict(world.tpsSigner, "proof", order, stage.id("payment"), NOW);
  const denial = await createVerdict(world.tpsSigner, "denial", order, stage.id("payment"), NOW);
  const bodies: readonly (readonly [string, Uint8Array])[] = [
    ["a proof", createForward("proof", proof)],
    [
      "a proof with the key list",
      createForward("proof", proof, { keyList: world.keyListDocument }),
    ],
    ["a denial", createForward("denial", denial)],
  ];
  const positive: PositiveVector[] = [];
  for (const [name, body] of bodies) {
    const result = await operate("forwarded-verdict", world.crypto, {}, body);
    positive.push({ name, message: writeMessage(body), result });
  }
  const body = createForward("proof", proof);
  const negative: NegativeVector[] = [
    ...refused(spoil(body)),
    ...refused([
      [
        "a denial called a proof",
        patched(createForward("denial", denial), { type: "proof-of-payment" }),
      ],
      ["a proof called a denial", patched(body, { type: "denial-of-payment" })],
      ["both", patched(body, { denial })],
      ["a proof without signature", patched(body, { proof: "e30.e30." })],
    ]),
    {
      name: "too large",
      message: writeMessage(utf8(fromUtf8(body) + " ".repeat(81_920))),
      error: "message-too-large",
    },
  ];
  return {
    kind: "forwarded-verdict",
    describes: "Step 7, as the MTS reads it; the document in it is verified besides (section 5).",
    context: {},
    positive,
    negative,
  };
}

export async function paymentFiles(stage: Stage): Promise<Record<string, VectorFile>> {
  const prepared = await prepare(stage);
  return {
    "request-for-payment": await requestFile(stage, prepared),
    "payment-response": await responseFile(stage, prepared),
    "forwarded-verdict": await forwardFile(stage, prepared),
  };
}
