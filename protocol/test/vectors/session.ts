/** Vectors of the messages between CTS and MTS: steps 2, 3, 4, 8, 9 and 10. */
import { createHash } from "node:crypto";
import {
  concatBytes,
  createQuoteAuthentication,
  createSendGoods,
  createSessionInitiation,
  createShippingAdvice,
  encryptGoods,
  fromUtf8,
  goodsKey,
  LABELS,
  type Session,
  toBase64url,
  utf8,
} from "@chit/protocol";
import { nodeGoodsCipher } from "@chit/protocol/node";
import { uint32, uint64 } from "../../src/bytes.ts";
import { pad } from "../../src/sealed-message.ts";
import { labelledMac, transcript } from "../../src/transcript.ts";
import { NOW, SHOP } from "../fixture.ts";
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
import { operate } from "./operations.ts";
import { sealedNegatives } from "./sealed.ts";
import { issuerContext, type Stage, sealedIntermediate, sealRaw, subjectContext } from "./stage.ts";

const ADDRESS = {
  name: "Zoë Müller",
  lines: ["Straße des 17. Juni 135"],
  postalCode: "10623",
  city: "Berlin",
  country: "DE",
};

/** What both sides of the vectors' session hold. */
export interface SessionOnStage {
  readonly body: Uint8Array;
  readonly session: Session;
  readonly context: JsonObject;
}

export async function initiateSession(stage: Stage): Promise<SessionOnStage> {
  const crypto = stage.cryptoWith(stage.bytes("ephemeral of step 3", 32));
  const subject = { ...stage.world.quoteInput, quoteHash: stage.quoteHash };
  const { body, session } = await createSessionInitiation(
    crypto,
    stage.merchantKey,
    subject,
    ADDRESS,
  );
  const { key } = session;
  const context = {
    ...subjectContext(stage),
    segmentQuoteAuthentication: hex(key.quoteAuthentication),
    segmentShippingAdvice: hex(key.shippingAdvice),
    segmentSendGoods: hex(key.sendGoods),
    segmentGoods: hex(key.goods),
    segmentToken: hex(key.token),
    sessionHash: hex(session.sessionHash),
    sealedHash: hex(session.sealedHash),
  };
  return { body, session, context };
}

async function quoteFile(stage: Stage): Promise<VectorFile> {
  const { world } = stage;
  const body = world.quoteBody;
  const context = { ...issuerContext(stage), pageOrigin: SHOP };
  const line = { description: "Mug", quantity: 1, amount: "135000" };
  const malformed: Readonly<Record<string, object>> = {
    "version 2": { v: 2 },
    "version as text": { v: "1" },
    "another type": { type: "invoice" },
    "amount 0": { amount: "0" },
    "a negative amount": { amount: "-1" },
    "an amount with a fraction": { amount: "135000.0" },
    "an amount with an exponent": { amount: "135e3" },
    "an amount in Arabic digits": { amount: "٣" },
    "an amount out of range": { amount: "9223372036854775808" },
    "a currency in small letters": { currency: "eur" },
    "scale -1": { scale: -1 },
    "scale 1.5": { scale: 1.5 },
    "no line": { lines: [] },
    "101 lines": { lines: Array(101).fill({ ...line, amount: "0" }) },
    "a line with an unknown field": { lines: [{ ...line, sku: "1" }] },
    "a line with quantity 0": { lines: [{ ...line, quantity: 0 }] },
    "a line with a direction override": { lines: [{ ...line, description: "a\u202eb" }] },
    "a line with a character of no width": { lines: [{ ...line, description: "a\u200bb" }] },
    "a line of 201 characters": { lines: [{ ...line, description: "x".repeat(201) }] },
    "another kind": { kind: "service" },
    "a session URL over http": { sessionUrl: "http://shop.example/chit/session" },
    "a session URL with a user": { sessionUrl: "https://me:you@shop.example/chit/session" },
    "a session URL with a fragment": { sessionUrl: `${SHOP}/chit/session#x` },
    "a session URL with a space": { sessionUrl: `${SHOP}/chit/ session` },
    "a javascript URL": { proofUrl: "javascript:alert(1)" },
    "11 issuers": { issuers: Array(11).fill("https://tps.example") },
  };
  const others: readonly (readonly [string, object, string])[] = [
    ["lines that add up to less", { amount: "135001" }, "quote-inconsistent"],
    ["expires before it begins", { expiresAt: NOW }, "quote-inconsistent"],
    ["lives longer than a day", { expiresAt: NOW + 86_401 }, "quote-inconsistent"],
    ["an address for digital goods", { kind: "digital" }, "quote-inconsistent"],
    ["another issuer", { issuers: ["https://other.example"] }, "issuer-not-accepted"],
    ["another merchant", { merchantId: stage.id("other") }, "merchant-mismatch"],
    ["another currency", { currency: "USD" }, "quote-inconsistent"],
    ["another scale", { scale: 2 }, "quote-inconsistent"],
    ["session elsewhere", { sessionUrl: "https://evil.example/session" }, "origin-not-certified"],
    ["proof elsewhere", { proofUrl: "https://evil.example/proof" }, "origin-not-certified"],
    ["a proof for a certificate", { certificate: changedType(stage) }, "document-type-wrong"],
    ["issued in the future", { issuedAt: NOW + 301 }, "not-yet-valid"],
  ];
  const at = (name: string, override: JsonObject, error: string) => ({
    name,
    context: override,
    message: writeMessage(body),
    error,
  });
  return {
    kind: "quote",
    describes: "Step 2: a quote, as the CTS verifies it.",
    context,
    positive: [
      {
        name: "a mug and something to download",
        message: writeMessage(body),
        result: await operate("quote", world.crypto, context, body),
      },
    ],
    negative: [
      ...refused(spoil(body)),
      ...refused(Object.entries(malformed).map(([name, patch]) => [name, patched(body, patch)])),
      ...others.map(([name, patch, error]) => ({
        name,
        message: writeMessage(patched(body, patch)),
        error,
      })),
      at("expired", { now: NOW + 901 }, "expired"),
      at("another page", { pageOrigin: "https://evil.example" }, "origin-not-certified"),
      at("a page of another port", { pageOrigin: `${SHOP}:8443` }, "origin-not-certified"),
      {
        name: "too large",
        message: writeMessage(concatBytes(body, utf8(" ".repeat(65_536)))),
        error: "message-too-large",
      },
    ],
  };
}

/** The certificate with its header naming it a proof; its signature is no longer right either. */
function changedType({ world }: Stage): string {
  const [, payload, signature] = world.certificate.split(".");
  const header = { alg: "EdDSA", typ: "chit-proof-of-payment+jwt", kid: world.tpsSigner.kid };
  return `${toBase64url(utf8(JSON.stringify(header)))}.${payload}.${signature}`;
}

async function initiationFile(stage: Stage, { body }: SessionOnStage): Promise<VectorFile> {
  const { world, privateKeys } = stage;
  const purpose = LABELS.sessionInitiation;
  const context = {
    privateKey: hex(privateKeys.merchantSealing),
    publicKey: hex(world.merchantKey.publicRaw),
  };
  const segments = [
    "quoteAuthentication",
    "shippingAdvice",
    "sendGoods",
    "goods",
    "token",
  ] as const;
  const plain = utf8((await intermediateOf()).plain as string);
  async function intermediateOf() {
    const exports = segments.map((segment) => [LABELS[segment], 32] as const);
    return sealedIntermediate(stage, purpose, world.merchantKey, body, exports);
  }
  const withoutAddress = await sealRaw(
    stage,
    purpose,
    stage.merchantKey,
    plain,
    pad(utf8('{"address":null}'), 1_024),
  );
  return {
    kind: "session-initiation",
    describes: "Step 3, as the MTS opens it.",
    context,
    positive: [
      {
        name: "with an address",
        inputs: { ikmE: hex(stage.bytes("ephemeral of step 3", 32)) },
        intermediate: await intermediateOf(),
        message: writeMessage(body),
        result: await operate("session-initiation", world.crypto, context, body),
      },
      {
        name: "without an address",
        message: writeMessage(withoutAddress),
        result: await operate("session-initiation", world.crypto, context, withoutAddress),
      },
    ],
    negative: await sealedNegatives(stage, {
      purpose,
      key: stage.merchantKey,
      body,
      plain,
      sealed: utf8(JSON.stringify({ address: ADDRESS })),
      block: 1_024,
      malformedSealed: {
        "a country in small letters": { address: { ...ADDRESS, country: "de" } },
        "no lines": { address: { ...ADDRESS, lines: [] } },
        "five lines": { address: { ...ADDRESS, lines: Array(5).fill("x") } },
        "an unknown field in the address": { address: { ...ADDRESS, email: "a@b" } },
        "a city with a line break": { address: { ...ADDRESS, city: "Ber\nlin" } },
      },
    }),
  };
}

function macFile(
  stage: Stage,
  kind: string,
  describes: string,
  { context }: SessionOnStage,
  body: Uint8Array,
  more: Partial<Pick<VectorFile, "negative">> & {
    readonly segment: string;
    readonly transcript: Uint8Array;
  },
): Promise<VectorFile> {
  const { mac } = JSON.parse(fromUtf8(body)) as { mac: string };
  const changedMac = toBase64url(flipBit(new Uint8Array(Buffer.from(mac, "base64url"))));
  const wrong = (name: string, override: JsonObject) => ({
    name,
    context: override,
    message: writeMessage(body),
    error: "authentication-failed",
  });
  return operate(kind, stage.world.crypto, context, body).then((result) => ({
    kind,
    describes,
    context,
    positive: [
      {
        name: "as the sender makes it",
        intermediate: { transcript: hex(more.transcript) },
        message: writeMessage(body),
        result,
      },
    ],
    negative: [
      ...refused(spoil(body)),
      {
        name: "another MAC",
        message: writeMessage(patched(body, { mac: changedMac })),
        error: "authentication-failed",
      },
      wrong("another session's key", { [more.segment]: "00".repeat(32) }),
      ...(more.negative ?? []),
    ],
  }));
}

export async function sessionFiles(
  stage: Stage,
  on: SessionOnStage,
): Promise<Record<string, VectorFile>> {
  const subject = { ...stage.world.quoteInput, quoteHash: stage.quoteHash };
  const authentication = createQuoteAuthentication(on.session, subject);
  const elsewhere = (name: string, body: Uint8Array, context: JsonObject) => ({
    name,
    context,
    message: writeMessage(body),
    error: "authentication-failed",
  });
  const other = { transactionNumber: stage.id("other") };
  const named = [subject.merchantId, subject.transactionNumber] as const;
  const goods = utf8("The chit is the pickup slip.\n");
  const goodsId = stage.id("goods");
  const advice = {
    goods: [
      {
        goodsId,
        name: "On chits",
        filename: "on-chits.txt",
        mediaType: "text/plain; charset=utf-8",
        size: goods.length,
        digest: toBase64url(createHash("sha256").update(goods).digest()),
        presentation: "save" as const,
      },
    ],
    sendGoodsUrl: `${SHOP}/chit/goods`,
    delivery: { text: "The mug leaves tomorrow.", carrier: "Post", expectedFrom: NOW + 86_400 },
  };
  const adviceBody = createShippingAdvice(on.session, subject, advice);
  const sendGoods = createSendGoods(on.session.key, {
    ...subject,
    goodsId,
    firstChunk: 0,
    time: NOW,
  });
  const item = advice.goods[0];
  const badAdvice: Readonly<Record<string, object>> = {
    "a file name with a path": { goods: [{ ...item, filename: "../x" }] },
    "a file name ..": { goods: [{ ...item, filename: ".." }] },
    "a media type that is none": { goods: [{ ...item, mediaType: "text" }] },
    "a size that is negative": { goods: [{ ...item, size: -1 }] },
    "another presentation": { goods: [{ ...item, presentation: "open" }] },
    "51 goods": { goods: Array(51).fill(item) },
    "send goods over http": { sendGoodsUrl: "http://shop.example/chit/goods" },
    "an unknown field": { note: "x" },
  };
  return {
    quote: await quoteFile(stage),
    "session-initiation": await initiationFile(stage, on),
    "quote-authentication": await macFile(
      stage,
      "quote-authentication",
      "Step 4, as the CTS verifies it.",
      on,
      authentication,
      {
        segment: "segmentQuoteAuthentication",
        transcript: transcript(
          LABELS.quoteAuthentication,
          ...named,
          stage.quoteHash,
          on.session.sealedHash,
          on.session.sessionHash,
        ),
        negative: [
          elsewhere("another transaction", authentication, other),
          elsewhere("another quote", authentication, { quoteHash: "00".repeat(32) }),
          elsewhere("another address", authentication, { sealedHash: "00".repeat(32) }),
          elsewhere("another session", authentication, { sessionHash: "00".repeat(32) }),
        ],
      },
    ),
    "shipping-advice": await macFile(
      stage,
      "shipping-advice",
      "Step 8, as the CTS verifies it.",
      on,
      adviceBody,
      {
        segment: "segmentShippingAdvice",
        transcript: transcript(
          LABELS.shippingAdvice,
          ...named,
          stage.quoteHash,
          on.session.sessionHash,
          utf8(JSON.stringify(advice)),
        ),
        negative: [
          elsewhere("another transaction", adviceBody, other),
          elsewhere("another session", adviceBody, { sessionHash: "00".repeat(32) }),
          ...refused(
            Object.entries(badAdvice).map(([name, patch]) => {
              const content = utf8(JSON.stringify({ ...advice, ...patch }));
              return [`advice: ${name}`, adviceMessage(on, subject, content)] as const;
            }),
          ),
        ],
      },
    ),
    "send-goods": await macFile(
      stage,
      "send-goods",
      "Step 9, as the MTS verifies it.",
      on,
      sendGoods,
      {
        segment: "segmentSendGoods",
        transcript: transcript(LABELS.sendGoods, ...named, goodsId, uint32(0), uint64(NOW)),
        negative: [
          elsewhere("another chunk", patched(sendGoods, { firstChunk: 1 }), {}),
          elsewhere("another time", patched(sendGoods, { time: NOW + 1 }), {}),
          elsewhere("other goods", patched(sendGoods, { goodsId: stage.id("other") }), {}),
          ...refused([["chunk 2^32", patched(sendGoods, { firstChunk: 2 ** 32 })]]),
        ],
      },
    ),
    goods: await goodsFile(stage, on, goodsId, goods),
  };
}

/** A shipping advice of any content under a right MAC. */
function adviceMessage(
  { session }: SessionOnStage,
  subject: { merchantId: string; transactionNumber: string; quoteHash: Uint8Array },
  content: Uint8Array,
): Uint8Array {
  const mac = labelledMac(
    session.key.shippingAdvice,
    LABELS.shippingAdvice,
    subject.merchantId,
    subject.transactionNumber,
    subject.quoteHash,
    session.sessionHash,
    content,
  );
  const message = {
    v: 1,
    type: "shipping-advice",
    advice: toBase64url(content),
    mac: toBase64url(mac),
  };
  return utf8(JSON.stringify(message));
}

async function goodsFile(
  stage: Stage,
  { session, context: base }: SessionOnStage,
  goodsId: string,
  goods: Uint8Array,
): Promise<VectorFile> {
  const context = { ...base, goodsId, firstChunk: 0 };
  const about = { ...stage.world.quoteInput, goodsId };
  const deliver = async (source: Uint8Array, salt: Uint8Array, first = 0) => {
    const pieces: Uint8Array[] = [];
    const delivery = encryptGoods(nodeGoodsCipher, session.key, about, [source], first, salt);
    for await (const piece of delivery) pieces.push(piece);
    return concatBytes(...pieces);
  };
  const positive = async (name: string, source: Uint8Array, first: number) => {
    const salt = stage.bytes(`salt of ${name}`, 32);
    const body = await deliver(source, salt, first);
    const own = { ...context, firstChunk: first };
    return {
      name,
      context: { firstChunk: first },
      inputs: { salt: hex(salt), goods: hex(source) },
      intermediate: { key: hex(goodsKey(session.key, salt, about)) },
      message: { hex: hex(body) },
      result: await operate("goods", stage.world.crypto, own, body),
    };
  };
  const body = await deliver(goods, stage.bytes("salt of a small text", 32));
  const damaged = (name: string, bytes: Uint8Array, override: JsonObject = {}) => ({
    name,
    context: override,
    message: { hex: hex(bytes) },
    error: "goods-damaged",
  });
  const pattern = Uint8Array.from({ length: 65_600 }, (_, i) => i % 251);
  const long = await deliver(pattern, stage.bytes("salt of two chunks", 32));
  return {
    kind: "goods",
    describes: "Step 10, as the CTS decrypts it. The long ones are bytes i mod 251.",
    context,
    positive: [
      await positive("a small text", goods, 0),
      await positive("nothing", new Uint8Array(), 0),
      await positive("resumed at chunk 3", goods, 3),
      await positive("two chunks", pattern, 0),
    ],
    negative: [
      damaged("nothing", new Uint8Array()),
      damaged("a salt that is cut", body.slice(0, 31)),
      damaged("a salt and no chunk", body.slice(0, 32)),
      damaged("a tag that is cut", body.slice(0, -1)),
      damaged("a byte more", concatBytes(body, Uint8Array.of(0))),
      damaged("a bit of the salt", flipBit(body, 0)),
      damaged("a bit of the goods", flipBit(body, 32 * 8)),
      damaged("a bit of the tag", flipBit(body)),
      damaged("another chunk than asked for", body, { firstChunk: 1 }),
      damaged("other goods", body, { goodsId: stage.id("other") }),
      damaged("another session", body, { segmentGoods: "00".repeat(32) }),
      damaged("cut behind the first chunk", long.slice(0, 32 + 65_552)),
      damaged("without the first chunk", concatBytes(long.slice(0, 32), long.slice(32 + 65_552))),
    ],
  };
}
