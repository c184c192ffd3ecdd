/** Vectors of a device's messages outside of purchases: activation and account status. */
import {
  activationSecretHash,
  createAccountStatusRequest,
  createActivation,
  formatActivationLink,
  fromUtf8,
  LABELS,
  openAccountStatusRequest,
  openActivation,
  toBase64url,
  utf8,
} from "@chit/protocol";
import { pad, unpad } from "../../src/sealed-message.ts";
import { ISSUER } from "../fixture.ts";
import { devicesFiles } from "./devices.ts";
import { BLOCK, type Exchange, replyFile, requestFile } from "./exchange.ts";
import { hex, type NegativeVector, refused, unhex, type VectorFile, writeMessage } from "./form.ts";
import { type Stage, sealedIntermediate, sealRaw } from "./stage.ts";

function linkFile(stage: Stage): VectorFile {
  const link = {
    issuer: ISSUER,
    secret: stage.bytes("activation secret", 16),
    rootKey: stage.world.root.publicKey,
  };
  const text = formatActivationLink(link);
  const result = {
    issuer: ISSUER,
    secret: hex(link.secret),
    rootKey: hex(link.rootKey),
    secretHash: hex(activationSecretHash(link.secret)),
  };
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
  const crowded = await opened.reply({ outcome: "too-many-devices" }, nonce("too many"));
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
      ["too many devices", nonce("too many"), crowded],
      ["refused", nonce("refused"), refusal],
    ],
    malformedSealed: {
      "a blank name": { deviceName: "" },
      "a name with a control": { deviceName: "a\u0000" },
      "a secret of 15 bytes": { secret: "A".repeat(20) },
    },
    malformedReply: { "a device without id": { deviceId: "" } },
    replyBlock: BLOCK,
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
    replyBlock: BLOCK,
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
    ...(await devicesFiles(stage)),
  };
}
