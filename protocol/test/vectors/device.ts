/** Vectors of a device's messages outside of purchases: activation and account status. */
import {
  createAccountStatusRequest,
  createActivation,
  formatActivationLink,
  fromUtf8,
  LABELS,
  type Label,
  labelledHash,
  openAccountStatusRequest,
  openActivation,
  type PendingExchange,
  toBase64url,
  utf8,
} from "@chit/protocol";
import { openReply, pad, sealReply, unpad } from "../../src/sealed-message.ts";
import { transcript } from "../../src/transcript.ts";
import { ISSUER } from "../fixture.ts";
import {
  hex,
  type NegativeVector,
  type PositiveVector,
  refused,
  unhex,
  type VectorFile,
  writeMessage,
} from "./form.ts";
import { operate } from "./operations.ts";
import { replyNegatives, sealedNegatives } from "./sealed.ts";
import { replyIntermediate, type Stage, sealedIntermediate, sealRaw } from "./stage.ts";

const BLOCK = 512;

function linkFile(stage: Stage): VectorFile {
  const link = {
    issuer: ISSUER,
    secret: stage.bytes("activation secret", 16),
    rootKey: stage.world.root.publicKey,
  };
  const text = formatActivationLink(link);
  const result = { issuer: ISSUER, secret: hex(link.secret), rootKey: hex(link.rootKey) };
  const spoiled: readonly (readonly [string, string])[] = [
    ["empty", ""],
    ["another page", text.replace("/activate#", "/login#")],
    ["no fragment", text.replace("#", "?")],
    ["two fragments", `${text}#x`],
    ["no root key", text.slice(0, text.indexOf("."))],
    ["a part more", `${text}.AAAA`],
    ["cut short", text.slice(0, -1)],
    ["a secret of 15 bytes", text.replace(toBase64url(link.secret), "A".repeat(20))],
    ["over http", text.replace("https:", "http:")],
    ["a user in it", text.replace("//", "//me@")],
  ];
  return {
    kind: "activation-link",
    describes: "Section 8: activation links.",
    context: {},
    positive: [
      { name: "as made", message: { text }, result },
      {
        name: "with line breaks",
        message: { text: ` ${text.slice(0, 30)}\n${text.slice(30)}\n` },
        result,
      },
    ],
    negative: refused(spoiled.map(([name, value]) => [name, utf8(value)] as const)),
  };
}

/** Everything about one of the two exchanges that the vectors need. */
interface Exchange {
  readonly kind: "activation" | "account-status";
  readonly purpose: Label;
  readonly response: Label;
  readonly pending: PendingExchange;
  readonly ikmE: Uint8Array;
  readonly context: Readonly<Record<string, string>>;
  readonly replies: readonly (readonly [string, Uint8Array, Uint8Array])[];
  readonly malformedSealed: Readonly<Record<string, object>>;
  readonly malformedReply: Readonly<Record<string, object>>;
}

async function requestFile(
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

async function replyFile(stage: Stage, exchange: Exchange): Promise<VectorFile> {
  const { kind, purpose, response, pending, replies, malformedReply } = exchange;
  const { crypto } = stage.world;
  const context = {
    request: fromUtf8(pending.body),
    enc: hex(pending.enc),
    responseSecret: hex(pending.responseSecret),
  };
  const aad = transcript(response, labelledHash(purpose, pending.body));
  const contentOf = async (body: Uint8Array) =>
    unpad(await openReply(crypto, pending.responseSecret, pending.enc, aad, body), BLOCK);
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
    negative: await replyNegatives(first, await contentOf(first), BLOCK, reseal, malformedReply),
  };
}

async function activation(stage: Stage): Promise<Record<string, VectorFile>> {
  const { world } = stage;
  const ikmE = stage.bytes("ephemeral of activation", 32);
  const secret = stage.bytes("activation secret", 16);
  const device = { ...world.device, name: "Chromium on Linux" };
  const link = { issuer: ISSUER, secret };
  const pending = await createActivation(stage.cryptoWith(ikmE), stage.tpsKey, link, device);
  const opened = await openActivation(world.crypto, world.tpsKey, pending.body);
  const nonce = (name: string) => stage.bytes(`nonce of activation ${name}`, 16);
  const ids = { accountId: stage.id("account"), deviceId: stage.id("device") };
  const activated = await opened.reply({ outcome: "activated", ...ids }, nonce("activated"));
  const refusal = await opened.reply({ outcome: "refused" }, nonce("refused"));
  const exchange: Exchange = {
    kind: "activation",
    purpose: LABELS.activation,
    response: LABELS.activationResponse,
    pending,
    ikmE,
    context: {
      privateKey: hex(stage.privateKeys.tpsSealing),
      publicKey: hex(world.tpsKey.publicRaw),
    },
    replies: [
      ["activated", nonce("activated"), activated],
      ["refused", nonce("refused"), refusal],
    ],
    malformedSealed: {
      "a blank name": { deviceName: "" },
      "a name with a control": { deviceName: "a\u0000" },
      "a secret of 15 bytes": { secret: "A".repeat(20) },
    },
    malformedReply: { "a device without id": { deviceId: "" } },
  };
  const intermediate = await sealedIntermediate(
    stage,
    LABELS.activation,
    world.tpsKey,
    pending.body,
    [],
  );
  const sealed = JSON.parse(
    fromUtf8(unpad(unhex(intermediate.paddedSealedPart as string), BLOCK)),
  ) as object;
  const withOther = async (name: string, patch: object): Promise<NegativeVector> => {
    const padded = pad(utf8(JSON.stringify({ ...sealed, ...patch })), BLOCK);
    const plain = utf8(intermediate.plain as string);
    const body = await sealRaw(stage, LABELS.activation, stage.tpsKey, plain, padded);
    return { name, message: writeMessage(body), error: "authentication-failed" };
  };
  const other = toBase64url(world.merchantSigner.publicKey);
  return {
    activation: await requestFile(stage, exchange, [
      await withOther("signed by another key", { deviceKey: other }),
      await withOther("signed for another name", { deviceName: "Firefox" }),
      await withOther("signed for another secret", { secret: "A".repeat(22) }),
    ]),
    "activation-response": await replyFile(stage, exchange),
  };
}

async function accountStatus(stage: Stage): Promise<Record<string, VectorFile>> {
  const { world } = stage;
  const ikmE = stage.bytes("ephemeral of account status", 32);
  const subject = {
    issuer: ISSUER,
    accountId: stage.id("account"),
    deviceId: stage.id("device"),
  };
  const pending = await createAccountStatusRequest(
    stage.cryptoWith(ikmE),
    stage.tpsKey,
    subject,
    world.device.sign,
  );
  const opened = await openAccountStatusRequest(world.crypto, world.tpsKey, pending.body);
  const results = [
    { outcome: "status", balance: 865_000n, account: "active", pin: "active", pinGeneration: 1 },
    { outcome: "device-revoked" },
    { outcome: "refused" },
  ] as const;
  const replies: [string, Uint8Array, Uint8Array][] = [];
  for (const result of results) {
    const nonce = stage.bytes(`nonce of status ${result.outcome}`, 16);
    replies.push([result.outcome, nonce, await opened.reply(result, nonce)]);
  }
  const exchange: Exchange = {
    kind: "account-status",
    purpose: LABELS.accountStatus,
    response: LABELS.accountStatusResponse,
    pending,
    ikmE,
    context: {
      privateKey: hex(stage.privateKeys.tpsSealing),
      publicKey: hex(world.tpsKey.publicRaw),
      deviceKey: hex(world.device.publicKey),
    },
    replies,
    malformedSealed: { "a signature of 63 bytes": { signature: "A".repeat(84) } },
    malformedReply: {
      "another state": { account: "closed" },
      "a negative balance": { balance: "-1" },
    },
  };
  return {
    "account-status": await requestFile(stage, exchange, []),
    "account-status-response": await replyFile(stage, exchange),
  };
}

export async function deviceFiles(stage: Stage): Promise<Record<string, VectorFile>> {
  return {
    "activation-link": linkFile(stage),
    ...(await activation(stage)),
    ...(await accountStatus(stage)),
  };
}
