import { readdirSync, readFileSync } from "node:fs";
import {
  ChitError,
  LABELS,
  type Label,
  labelledHash,
  type ProtocolCrypto,
  utf8,
} from "@chit/protocol";
import { nobleCrypto } from "@chit/protocol/noble";
import { nodeCrypto } from "@chit/protocol/node";
import { describe, expect, test } from "vitest";
import { labelledMac, transcript } from "../src/transcript.ts";
import { hex, readMessage, unhex, type VectorFile, type VectorMessage } from "./vectors/form.ts";
import { OPERATIONS, operate } from "./vectors/operations.ts";
import { makeVectors, vectorText } from "./vectors/vectors.ts";

const folder = new URL("./vectors/", import.meta.url);
const names = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => name.slice(0, -".json".length));
const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"));

const noRandomness = () => {
  throw new Error("Receivers need no randomness.");
};
const BACKENDS: readonly (readonly [string, ProtocolCrypto])[] = [
  ["node:crypto", nodeCrypto(noRandomness)],
  ["noble", nobleCrypto(noRandomness)],
];

test("the checked-in vectors are what the code makes", async () => {
  const made = await makeVectors();
  expect(Object.keys(made).sort()).toEqual([...names].sort());
  for (const [name, content] of Object.entries(made)) {
    const text = readFileSync(new URL(`${name}.json`, folder), "utf8");
    expect(text === vectorText(content), `${name}.json is out of date`).toBe(true);
  }
});

test("every kind of message has vectors", () => {
  expect(names).toEqual(expect.arrayContaining(Object.keys(OPERATIONS)));
});

describe.each(BACKENDS)("with %s", (_backend, crypto) => {
  test.each(Object.keys(OPERATIONS))("%s: the positive ones are accepted", async (kind) => {
    const file = read(kind) as VectorFile;
    expect(file.positive.length).toBeGreaterThan(0);
    for (const { name, context, message, result } of file.positive) {
      const got = await operate(
        kind,
        crypto,
        { ...file.context, ...context },
        readMessage(message),
      );
      expect(got, name).toEqual(result);
    }
  });

  test.each(Object.keys(OPERATIONS))("%s: the negative ones are refused", async (kind) => {
    const file = read(kind) as VectorFile;
    expect(file.negative.length).toBeGreaterThan(0);
    for (const { name, context, message, error } of file.negative) {
      const all = { ...file.context, ...context };
      const outcome = await operate(kind, crypto, all, readMessage(message)).catch(
        (thrown: unknown) => thrown,
      );
      expect(outcome, `${name} was accepted`).toBeInstanceOf(ChitError);
      expect((outcome as ChitError).code, name).toBe(error);
    }
  });
});

test("a request's tag and signature are the ones that its vector expects", () => {
  const { positive } = read("request-for-payment") as VectorFile;
  for (const { result } of positive) {
    expect(result).toMatchObject({ signatureVerifies: true });
    const { pinTag, expectedPinTag } = result as Record<string, string>;
    expect(pinTag).toBe(expectedPinTag);
  }
});

test("transcripts, hashes and MACs are the vectors'", () => {
  const { vectors } = read("transcript") as {
    vectors: {
      label: Label;
      parts: VectorMessage[];
      transcript: string;
      hash: string;
      macKey: string;
      mac: string;
    }[];
  };
  for (const vector of vectors) {
    const parts = vector.parts.map(readMessage);
    expect(hex(transcript(vector.label, ...parts))).toBe(vector.transcript);
    expect(hex(labelledHash(vector.label, ...parts))).toBe(vector.hash);
    expect(hex(labelledMac(unhex(vector.macKey), vector.label, ...parts))).toBe(vector.mac);
  }
  expect(new Set(Object.values(LABELS)).size).toBe(Object.keys(LABELS).length);
  expect(utf8(LABELS.quote).length).toBe(LABELS.quote.length);
});
