/** Vectors of the messages under a session's MACs: steps 4, 8 and 9. */
import { createHash } from "node:crypto";
import {
  createQuoteAuthentication,
  createSendGoods,
  createShippingAdvice,
  fromUtf8,
  LABELS,
  toBase64url,
  utf8,
} from "@chit/protocol";
import { uint32, uint64 } from "../../src/bytes.ts";
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
import { goodsFile } from "./goods.ts";
import { initiationFile, type SessionOnStage } from "./initiation.ts";
import { operate } from "./operations.ts";
import { quoteFile } from "./quote.ts";
import type { Stage } from "./stage.ts";

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
