/** Vectors of somebody else paying: the key of the link, the receipt, and who asks for the advice. */
import {
  adviceRequestMac,
  createForward,
  createProofReceipt,
  createVerdict,
  LABELS,
  payerKey,
  toBase64url,
  utf8,
} from "@chit/protocol";
import { transcript } from "../../src/transcript.ts";
import { ISSUER, NOW } from "../fixture.ts";
import {
  flipBit,
  hex,
  type JsonObject,
  patched,
  refused,
  spoil,
  type VectorFile,
  writeMessage,
} from "./form.ts";
import type { SessionOnStage } from "./initiation.ts";
import { operate } from "./operations.ts";
import type { Stage } from "./stage.ts";

export async function payerFiles(
  stage: Stage,
  on: SessionOnStage,
): Promise<Record<string, VectorFile>> {
  return {
    "payer-link": await linkFile(stage, on),
    "advice-request": await adviceRequestFile(stage, on),
    "proof-receipt": await receiptFile(stage),
  };
}

const subjectOf = (stage: Stage) => ({ ...stage.world.quoteInput, quoteHash: stage.quoteHash });

/** Contexts of other sessions and transactions, under which nothing of this one may pass. */
const others = (stage: Stage): readonly (readonly [string, JsonObject])[] => [
  ["another transaction", { transactionNumber: stage.id("other") }],
  ["another quote", { quoteHash: "00".repeat(32) }],
  ["another session", { sessionHash: "00".repeat(32) }],
];

async function linkFile(stage: Stage, { session, context }: SessionOnStage): Promise<VectorFile> {
  const subject = subjectOf(stage);
  const message = utf8(payerKey(session, subject));
  const { merchantId, transactionNumber, quoteHash } = subject;
  const macInput = [merchantId, transactionNumber, quoteHash, session.sessionHash] as const;
  const refusedAs = "authentication-failed";
  return {
    kind: "payer-link",
    describes: "Someone else pays: the key in the initiator's link, as the MTS compares it.",
    context,
    positive: [
      {
        name: "as the initiator makes it",
        intermediate: { transcript: hex(transcript(LABELS.payerLink, ...macInput)) },
        message: writeMessage(message),
        result: await operate("payer-link", stage.world.crypto, context, message),
      },
    ],
    negative: [
      { name: "another key", message: writeMessage(utf8(stage.id("other"))), error: refusedAs },
      { name: "no key", message: writeMessage(utf8("")), error: refusedAs },
      ...[...others(stage), noSegment("segmentQuoteAuthentication")].map(([name, other]) => ({
        name,
        context: other,
        message: writeMessage(message),
        error: refusedAs,
      })),
    ],
  };
}

const noSegment = (segment: string) =>
  ["another session's segment", { [segment]: "00".repeat(32) }] as const;

async function adviceRequestFile(
  stage: Stage,
  { session, context }: SessionOnStage,
): Promise<VectorFile> {
  const { world } = stage;
  const subject = subjectOf(stage);
  const order = { ...subject, amount: BigInt(subject.amount), issuer: ISSUER };
  const proof = await createVerdict(world.tpsSigner, "proof", order, stage.id("payment"), NOW);
  const other = await createVerdict(world.tpsSigner, "proof", order, stage.id("second"), NOW);
  const mac = adviceRequestMac(session, subject, proof);
  const body = createForward("proof", proof, { mac });
  const withList = createForward("proof", proof, { mac, keyList: world.keyListDocument });
  const { merchantId, transactionNumber, quoteHash } = subject;
  const macInput = [merchantId, transactionNumber, quoteHash, session.sessionHash, proof] as const;
  const error = "authentication-failed";
  const wrong: readonly (readonly [string, Uint8Array])[] = [
    ["no MAC", createForward("proof", proof)],
    ["another MAC", patched(body, { mac: toBase64url(flipBit(mac)) })],
    ["the MAC of another proof", createForward("proof", other, { mac })],
  ];
  return {
    kind: "advice-request",
    describes: "Step 7 by the session's initiator, as the MTS decides who gets the advice.",
    context,
    positive: [
      {
        name: "as the initiator makes it",
        intermediate: { transcript: hex(transcript(LABELS.adviceRequest, ...macInput)) },
        message: writeMessage(body),
        result: await operate("advice-request", world.crypto, context, body),
      },
      {
        name: "with the key list",
        message: writeMessage(withList),
        result: await operate("advice-request", world.crypto, context, withList),
      },
    ],
    negative: [
      ...refused(spoil(body, ["mac"])),
      ...wrong.map(([name, message]) => ({ name, message: writeMessage(message), error })),
      ...[...others(stage), noSegment("segmentShippingAdvice")].map(([name, context]) => ({
        name,
        context,
        message: writeMessage(body),
        error,
      })),
    ],
  };
}

async function receiptFile(stage: Stage): Promise<VectorFile> {
  const { transactionNumber } = stage.world.quoteInput;
  const of = (first: boolean) =>
    createProofReceipt({ transactionNumber, paymentId: stage.id("payment"), first });
  const receive = (body: Uint8Array) => operate("proof-receipt", stage.world.crypto, {}, body);
  const body = of(true);
  return {
    kind: "proof-receipt",
    describes: "Step 7 by anybody else: what the MTS answers.",
    context: {},
    positive: [
      { name: "the first payment", message: writeMessage(body), result: await receive(body) },
      {
        name: "a further one",
        message: writeMessage(of(false)),
        result: await receive(of(false)),
      },
    ],
    negative: refused([
      ...spoil(body),
      ["no payment id", patched(body, { paymentId: "x" })],
      ["how many came before", patched(body, { first: 1 })],
    ]),
  };
}
