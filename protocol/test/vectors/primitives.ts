/** Vectors of what the messages are built from: transcripts, encodings, amounts, padding, PINs, pseudonyms. */
import {
  addModifiers,
  equalBytes,
  fromBase64url,
  LABELS,
  labelledHash,
  loyaltyPseudonym,
  modifyPin,
  parseAmount,
  parseDecimal,
  utf8,
} from "@chit/protocol";
import { pad } from "../../src/sealed-message.ts";
import { labelledMac, transcript } from "../../src/transcript.ts";
import {
  hex,
  type Json,
  type JsonObject,
  type NegativeVector,
  type PositiveVector,
  type VectorFile,
} from "./form.ts";
import type { Stage } from "./stage.ts";

const text = (value: string) => ({ text: value });
const bad = (error: string, values: readonly (readonly [string, string])[]): NegativeVector[] =>
  values.map(([name, value]) => ({ name, message: text(value), error }));
const good = (name: string, value: string, result: Json, context?: JsonObject): PositiveVector => ({
  name,
  message: text(value),
  result,
  ...(context === undefined ? {} : { context }),
});

function transcripts(stage: Stage): Json {
  const key = stage.bytes("mac key", 32);
  const lists: readonly (readonly (string | Uint8Array)[])[] = [
    [],
    [""],
    ["a", "bc"],
    ["ab", "c"],
    [Uint8Array.of(0, 1, 254, 255), "Müller €"],
  ];
  return {
    kind: "transcript",
    describes: "Section 3: transcripts, hashes and MACs. Parts are text, or hex of bytes.",
    vectors: lists.map((parts) => ({
      label: LABELS.quote,
      parts: parts.map((part) => (typeof part === "string" ? { text: part } : { hex: hex(part) })),
      transcript: hex(transcript(LABELS.quote, ...parts)),
      hash: hex(labelledHash(LABELS.quote, ...parts)),
      macKey: hex(key),
      mac: hex(labelledMac(key, LABELS.quote, ...parts)),
    })),
  };
}

function base64url(): VectorFile {
  return {
    kind: "base64url",
    describes: "Section 2: base64url without padding, strict.",
    context: {},
    positive: ["", "AA", "AAE", "AAEC", "-_-_", "AQ"].map((value) =>
      good(value === "" ? "empty" : value, value, hex(fromBase64url(value))),
    ),
    negative: bad("malformed-message", [
      ["a tail bit that is not zero, two characters", "AB"],
      ["a tail bit that is not zero, three characters", "AAF"],
      ["padding", "AA=="],
      ["one character", "A"],
      ["plus of the other alphabet", "A+AA"],
      ["slash of the other alphabet", "A/AA"],
      ["white space", "AA AA"],
      ["line feed", "AAAA\n"],
    ]),
  };
}

function amounts(): VectorFile {
  const values = ["0", "1", "-1", "135000", "9223372036854775807", "-9223372036854775807"];
  return {
    kind: "amount",
    describes: "Section 2: amounts on the wire. Fields of messages narrow them further.",
    context: {},
    positive: values.map((value) => good(value, value, parseAmount(value).toString())),
    negative: bad("amount-invalid", [
      ["empty", ""],
      ["minus zero", "-0"],
      ["a plus sign", "+1"],
      ["a leading zero", "01"],
      ["a fraction", "1.0"],
      ["an exponent", "1e3"],
      ["hexadecimal", "0x10"],
      ["white space", " 1"],
      ["line feed", "1\n"],
      ["an Arabic digit", "٣"],
      ["a full-width digit", "１"],
      ["one too large", "9223372036854775808"],
      ["one too small", "-9223372036854775808"],
      ["twenty digits", "10000000000000000000"],
      ["not a number", "NaN"],
    ]),
  };
}

function decimals(): VectorFile {
  const cases: readonly (readonly [string, number])[] = [
    ["12.5", 4],
    ["0.0005", 4],
    ["-3", 2],
    ["7", 0],
    ["0", 8],
  ];
  const invalid = (name: string, value: string, scale: number): NegativeVector => ({
    name,
    context: { scale },
    message: text(value),
    error: "amount-invalid",
  });
  return {
    kind: "decimal",
    describes: "What people write, as units at a scale. Not on the wire; nothing is ever rounded.",
    context: {},
    positive: cases.map(([value, scale]) =>
      good(`${value} at scale ${scale}`, value, parseDecimal(value, scale).toString(), { scale }),
    ),
    negative: [
      invalid("more decimals than the scale", "0.00005", 4),
      invalid("a comma", "12,50", 2),
      invalid("no digit before the point", ".5", 2),
      invalid("no digit behind the point", "5.", 2),
      invalid("an exponent", "1e3", 2),
      invalid("too large", "922337203685477.5808", 4),
      invalid("an Arabic digit", "٣", 2),
    ],
  };
}

function padding(): VectorFile {
  const block = 16;
  const contents = ["", "x", "fourteen bytes", "fifteen bytes !"];
  const malformed = (name: string, bytes: Uint8Array): NegativeVector => ({
    name,
    message: { hex: hex(bytes) },
    error: "malformed-message",
  });
  const padded = pad(utf8("hello"), block);
  const spoiled = Uint8Array.from(padded);
  spoiled[15] = 1;
  const lying = Uint8Array.from(padded);
  lying[1] = 15;
  return {
    kind: "padding",
    describes: "Section 4: padding, here to a block of 16 bytes.",
    context: { block },
    positive: contents.map((content) => ({
      name: content === "" ? "empty" : content,
      message: { hex: hex(pad(utf8(content), block)) },
      result: hex(utf8(content)),
    })),
    negative: [
      malformed("nothing", new Uint8Array()),
      malformed("one byte", new Uint8Array(1)),
      malformed("filling that is not zero", spoiled),
      malformed("a length that reaches behind the end", lying),
      malformed("a block too many", new Uint8Array(32)),
      malformed("not a whole block", padded.slice(0, 15)),
    ],
  };
}

function pins(stage: Stage): VectorFile {
  const zero = "00".repeat(32);
  const most = "ff".repeat(32);
  const cts = stage.bytes("component of the CTS", 32);
  const tps = stage.bytes("component of the TPS", 32);
  const advanced = addModifiers(new Uint8Array(32), cts, tps);
  const wallet = modifyPin("314159", advanced);
  const server = addModifiers(modifyPin("314159", new Uint8Array(32)), tps, cts);
  if (!equalBytes(wallet, server)) throw new Error("PIN arithmetic differs.");
  return {
    kind: "pin",
    describes: "Section 7: modified PIN = PIN + modifier mod 2^256. The message is the PIN.",
    context: { modifier: zero },
    positive: [
      good("a new PIN", "314159", hex(modifyPin("314159", new Uint8Array(32)))),
      good("leading zeros", "000000", zero),
      good("wraps around", "000001", zero, { modifier: most }),
      good("twelve digits, wraps around", "999999999999", hex(wrapped()), { modifier: most }),
      {
        ...good("after one transaction", "314159", hex(wallet), { modifier: hex(advanced) }),
        inputs: { componentOfCts: hex(cts), componentOfTps: hex(tps) },
      },
    ],
    negative: bad("pin-invalid", [
      ["empty", ""],
      ["five digits", "12345"],
      ["thirteen digits", "1234567890123"],
      ["a letter", "12345a"],
      ["Arabic digits", "٣٣٣٣٣٣"],
      ["a sign", "-123456"],
      ["white space", "123456 "],
    ]),
  };
}

function pseudonyms(stage: Stage): VectorFile {
  const secret = stage.bytes("loyalty secret", 32);
  const { merchantId } = stage.world;
  const other = stage.id("another merchant");
  const of = (name: string, shop: string, epoch: number) =>
    good(name, shop, loyaltyPseudonym(secret, shop, epoch), { epoch });
  return {
    kind: "loyalty",
    describes: "Step 3: the pseudonym for a shop. The message is the merchant id.",
    context: { secret: hex(secret), epoch: 0 },
    positive: [
      of("the first", merchantId, 0),
      of("after one was revoked", merchantId, 1),
      of("the largest epoch", merchantId, Number.MAX_SAFE_INTEGER),
      of("another shop", other, 0),
    ],
    negative: bad("malformed-message", [
      ["no merchant id", "shop"],
      ["a merchant id with a tail bit", `${"A".repeat(21)}B`],
    ]),
  };
}

const wrapped = () => modifyPin("999999999998", new Uint8Array(32));

export function primitiveFiles(stage: Stage): Record<string, VectorFile | Json> {
  return {
    transcript: transcripts(stage),
    base64url: base64url(),
    amount: amounts(),
    decimal: decimals(),
    padding: padding(),
    pin: pins(stage),
    loyalty: pseudonyms(stage),
  };
}
