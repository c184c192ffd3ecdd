/** No bit of any message can be changed unnoticed, and no message is taken in another's place. */
import { ChitError, type ProtocolCrypto, utf8 } from "@chit/protocol";
import { nobleCrypto } from "@chit/protocol/noble";
import { nodeCrypto } from "@chit/protocol/node";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes } from "../src/bytes.ts";
import { KINDS, type Kind, type Specimen, specimen } from "./every-message.ts";
import { flipBit } from "./vectors/form.ts";

const node = nodeCrypto((length) => new Uint8Array(length));
const noble = nobleCrypto((length) => new Uint8Array(length));

/** The code of the refusal; fails where the message is accepted or something else is thrown. */
async function refusal(message: Specimen, crypto: ProtocolCrypto, bytes: Uint8Array) {
  const outcome = await message.receive(crypto, bytes).catch((thrown: unknown) => thrown);
  if (outcome instanceof ChitError) return outcome.code;
  throw new Error(`${message.kind}: ${outcome instanceof Error ? outcome.stack : "accepted"}`);
}

/**
 * Quote, step 7 and a request's tag and signature are authenticated by something outside of the message:
 * the quote by its hash, the forwarded document by its own signature. That a batch was received is not authenticated:
 * nothing hangs on it, and the MTS compares the id. Reports in an answer are documents, each with its own signature.
 */
const DEFERRED: readonly Kind[] = [
  "quote",
  "forwarded-verdict",
  "batch-received",
  "settlement-reports",
];

describe.each(KINDS.filter((kind) => !DEFERRED.includes(kind)))("%s", (kind) => {
  const message = specimen(kind);

  test("any bit flipped is noticed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(message.bytes.length * 8 - 1), async (bit) => {
        await refusal(message, node, flipBit(message.bytes, bit));
      }),
      { numRuns: 250 },
    );
  });

  test("any bit flipped is noticed by the other backend", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(message.bytes.length * 8 - 1), async (bit) => {
        await refusal(message, noble, flipBit(message.bytes, bit));
      }),
      { numRuns: 25 },
    );
  });

  test("cut short or extended anywhere is noticed", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(message.bytes.length - 1),
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
        async (length, more) => {
          await refusal(message, node, message.bytes.slice(0, length));
          await refusal(message, node, concatBytes(message.bytes, more));
          await refusal(message, node, concatBytes(more, message.bytes));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("what is authenticated from outside", () => {
  test("another quote has another hash, or is refused", async () => {
    const quote = specimen("quote");
    const { hash } = quote.result as { hash: string };
    await fc.assert(
      fc.asyncProperty(fc.nat(quote.bytes.length * 8 - 1), async (bit) => {
        const outcome = await quote
          .receive(node, flipBit(quote.bytes, bit))
          .catch((thrown: unknown) => thrown);
        if (outcome instanceof ChitError) return;
        expect((outcome as { hash: string }).hash).not.toBe(hash);
      }),
      { numRuns: 300 },
    );
  });

  test("a changed document in step 7 does not verify", async () => {
    const forward = specimen("forwarded-verdict");
    const proof = specimen("proof-of-payment");
    await fc.assert(
      fc.asyncProperty(fc.nat(forward.bytes.length * 8 - 1), async (bit) => {
        const outcome = await forward
          .receive(node, flipBit(forward.bytes, bit))
          .catch((thrown: unknown) => thrown);
        if (outcome instanceof ChitError) return;
        await refusal(proof, node, utf8((outcome as { proof: string }).proof));
      }),
      { numRuns: 300 },
    );
  });
});

describe.each([
  ["node", node],
  ["noble", noble],
] as const)("with %s", (_name, crypto) => {
  test.each(KINDS)("only a %s is taken for one", async (kind) => {
    const receiver = specimen(kind);
    expect(await receiver.receive(crypto, receiver.bytes)).toEqual(receiver.result);
    for (const other of KINDS) {
      if (other !== kind) await refusal(receiver, crypto, specimen(other).bytes);
    }
  });
});

describe("receivers throw nothing but ChitError", () => {
  const jsonish = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.json().map(utf8),
    fc.dictionary(fc.string(), fc.jsonValue()).map((value) => utf8(JSON.stringify(value))),
  );

  test.each(KINDS)("%s: of arbitrary bytes and JSON", async (kind) => {
    const receiver = specimen(kind);
    await fc.assert(
      fc.asyncProperty(jsonish, async (bytes) => {
        await refusal(receiver, node, bytes);
      }),
      { numRuns: 200 },
    );
  });

  test.each(KINDS)("%s: with any field replaced by any value", async (kind) => {
    const receiver = specimen(kind);
    const text = new TextDecoder().decode(receiver.bytes);
    if (!text.startsWith("{")) return;
    const value = JSON.parse(text) as Record<string, unknown>;
    const field = fc.constantFrom(...Object.keys(value), "__proto__", "constructor", "x");
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom("", "A", "-0", "1e3", 1e300, -1, 0.5, "__proto__", "\u0000"),
    );
    await fc.assert(
      fc.asyncProperty(field, anything, async (name, replacement) => {
        const changed = JSON.stringify({ ...value, [name]: replacement });
        fc.pre(changed !== text);
        const outcome = await receiver
          .receive(node, utf8(changed))
          .catch((thrown: unknown) => thrown);
        // A quote may well have another line; nothing but a ChitError is thrown.
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ChitError);
      }),
      { numRuns: 200 },
    );
  });

  test("of arrays nested deeper than the stack", async () => {
    const deep = utf8("[".repeat(32_000) + "]".repeat(32_000));
    for (const kind of KINDS) await refusal(specimen(kind), node, deep);
  });
});
