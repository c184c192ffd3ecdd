/** Padding, transcripts, session keys, texts for people, URLs, and what errors say. */
import {
  addModifiers,
  bytes,
  ChitError,
  createProblem,
  displayText,
  fromBase64url,
  isSecureUrl,
  LABELS,
  LIMITS,
  message,
  PROBLEMS,
  type ProblemCode,
  parseMessage,
  parseValue,
  problemCodeFor,
  readProblem,
  secureUrl,
  toBase64url,
  utf8,
  webOrigin,
} from "@chit/protocol";
import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { equalBytes } from "../src/bytes.ts";
import { pad, unpad } from "../src/sealed-message.ts";
import { deriveSessionKey } from "../src/session-key.ts";
import { labelledKey, transcript } from "../src/transcript.ts";
import { hex } from "./vectors/form.ts";

const malformed = expect.objectContaining({ name: "ChitError", code: "malformed-message" });
const refuses = (schema: v.GenericSchema, value: unknown) =>
  expect(() => parseValue(schema, value), JSON.stringify(value)).toThrow(malformed);

describe("padding", () => {
  const block = fc.constantFrom(512, 768, 1_024, 2_560);
  test("comes off again, and content of like length looks alike", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3_000 }), block, (content, size) => {
        const padded = pad(content, size);
        expect(padded.length % size).toBe(0);
        expect(padded.length - content.length - 2).toBeLessThan(size);
        expect(hex(unpad(padded, size))).toBe(hex(content));
      }),
    );
  });

  test("any other filling, length or block is refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), fc.nat(), (content, where) => {
        const padded = pad(content, 768);
        const at = where % padded.length;
        const changed = Uint8Array.from(padded);
        changed[at] = (changed[at] as number) ^ 1;
        const inContent = at >= 2 && at < content.length + 2;
        if (!inContent && at >= 2) expect(() => unpad(changed, 768)).toThrow(malformed);
        expect(() => unpad(padded.subarray(0, -1), 768)).toThrow(malformed);
        const longer = new Uint8Array(padded.length + 768);
        longer.set(padded);
        expect(() => unpad(longer, 768)).toThrow(malformed);
      }),
    );
  });

  test("content that does not fit is refused", () => {
    expect(pad(new Uint8Array(LIMITS.sealedPartBytes), 1_024).length).toBe(8_192);
    expect(() => pad(new Uint8Array(LIMITS.sealedPartBytes + 1), 1_024)).toThrow(
      expect.objectContaining({ code: "message-too-large" }),
    );
  });
});

describe("transcripts", () => {
  test("different lists of parts give different bytes", () => {
    const parts = fc.array(fc.uint8Array({ maxLength: 4 }), { maxLength: 4 });
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const same = JSON.stringify(one.map(hex)) === JSON.stringify(other.map(hex));
        const [a, b] = [transcript(LABELS.quote, ...one), transcript(LABELS.quote, ...other)];
        expect(equalBytes(a, b)).toBe(same);
      }),
      { numRuns: 1_000 },
    );
  });

  test("no label begins like another with its length: all prefixes differ", () => {
    const starts = Object.values(LABELS).map((label) => hex(transcript(label)));
    for (const one of starts) {
      expect(starts.filter((other) => other.startsWith(one))).toEqual([one]);
    }
  });
});

test("the segments of a session are distinct, each of 32 bytes", async () => {
  const secret = utf8("an exporter secret");
  const key = await deriveSessionKey(async (label, length) =>
    labelledKey(secret, new Uint8Array(), length, label),
  );
  const segments = Object.values(key) as Uint8Array[];
  expect(segments).toHaveLength(5);
  expect(new Set(segments.map(hex)).size).toBe(5);
  for (const segment of segments) expect(segment).toHaveLength(32);
});

describe("base64url", () => {
  test("one byte string has one text", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (value) => {
        expect(hex(fromBase64url(toBase64url(value)))).toBe(hex(value));
        expect(Buffer.from(value).toString("base64url")).toBe(toBase64url(value));
      }),
    );
    const letters = fc.constantFrom(..."ABQgwz019-_+/= \n");
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 9 }), (text) => {
        try {
          expect(toBase64url(fromBase64url(text.join("")))).toBe(text.join(""));
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(ChitError);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("texts for people", () => {
  const text = displayText(20);
  test.each(["Müller", "日本語", "שלום", "👩‍👩‍👧", "می‌خواهم", "<b>&amp;", "__proto__", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"])(
    "%s is shown",
    (value) => expect(parseValue(text, value)).toBe(value),
  );

  test("threat 20: controls, direction marks and characters without width are refused anywhere", () => {
    const codes = [
      ...Array.from({ length: 32 }, (_, i) => i),
      ...[0x7f, 0x80, 0x85, 0x9f, 0x61c, 0x200b, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e],
      ...[0xad, 0x34f, 0x115f, 0x1160, 0x180e, 0x2800, 0x3164, 0xffa0],
      ...[0x2060, 0x2066, 0x2069, 0x206f, 0xfeff, 0xfff9, 0xfffb, 0xd800, 0xdfff],
    ];
    for (const code of codes) {
      const odd = String.fromCharCode(code);
      for (const value of [`a${odd}b`, `${odd}b`, `a${odd}`]) refuses(text, value);
    }
  });

  test("blank, too long and other things are refused", () => {
    for (const value of ["", " ", "\u00a0\u3000", "x".repeat(21), 5, null, {}, ["a"]]) {
      refuses(text, value);
    }
  });
});

describe("URLs", () => {
  test.each([
    "https://a.example/x?y=1",
    "http://localhost:8080/",
    "http://a.localhost/",
    "http://127.0.0.1:1",
    "http://[::1]/",
  ])("%s is secure", (url) => expect(parseValue(secureUrl, url)).toBe(url));
  test.each([
    "http://a.example/",
    "http://127.0.0.1.example/",
    "http://localhost.example/",
    "ftp://a.example/",
    "javascript:alert(1)",
    "data:text/html,x",
    "https://me@a.example/",
    "https://:pw@a.example/",
    "https://a.example/#x",
    "https://a.example/ x",
    " https://a.example/",
    "https://a.example/\n",
    "https://exämple.example/",
    "//a.example/",
    "/x",
    "",
    `https://a.example/${"x".repeat(2_048)}`,
  ])("%s is refused", (url) => refuses(secureUrl, url));
  test.each([
    "https://a.example/",
    "https://A.example",
    "https://a.example:443",
    "https://a.example/x",
    "a.example",
    "null",
  ])("%s is no origin", (url) => refuses(webOrigin, url));
  test("isSecureUrl takes any text without throwing", () => {
    fc.assert(fc.property(fc.string(), (url) => void isSecureUrl(url)));
  });
});

describe("errors", () => {
  const schema = message({
    address: message({ lines: v.array(v.string()), country: v.picklist(["DE"]) }),
    key: bytes(32),
  });
  test("never repeat the value that they refuse", () => {
    const secret = "Secret Street 1";
    const good = { address: { lines: ["x"], country: "DE" }, key: "A".repeat(43) };
    for (const bad of [
      { ...good, address: secret },
      { ...good, address: { ...good.address, lines: secret } },
      { ...good, address: { ...good.address, country: secret } },
      { ...good, address: { ...good.address, lines: [{ secret }] } },
      { ...good, key: secret },
      { ...good, extra: secret },
      secret,
    ]) {
      for (const act of [
        () => parseValue(schema, bad),
        () => parseMessage(schema, utf8(JSON.stringify(bad))),
      ]) {
        expect(act).toThrow(malformed);
        expect(act).not.toThrow(secret);
      }
    }
  });

  test("say where: the path of the first wrong field, of bounded length", () => {
    const bad = { address: { lines: ["x"], country: "FR" }, key: "" };
    expect(() => parseValue(schema, bad)).toThrow(/^address\.country: /);
    const long = {
      address: { lines: [], country: "DE" },
      key: "A".repeat(43),
      ["x".repeat(9_999)]: 1,
    };
    try {
      parseValue(schema, long);
      expect.unreachable();
    } catch (thrown) {
      expect((thrown as Error).message.length).toBeLessThan(200);
    }
  });

  test("problems travel and come back, however long their detail", () => {
    for (const code of Object.keys(PROBLEMS) as ProblemCode[]) {
      const problem = createProblem(code, "x".repeat(5_000));
      expect(readProblem(utf8(JSON.stringify(problem)))).toEqual({ code, detail: problem.detail });
      expect(problem.status).toBe(PROBLEMS[code].status);
    }
    expect(problemCodeFor("goods-damaged")).toBe("malformed-message");
    expect(problemCodeFor("sealing-key-unknown")).toBe("sealing-key-unknown");
  });

  test("what is no problem is none, without throwing", () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map(utf8)), (body) => {
        expect(readProblem(body)).toBeUndefined();
      }),
    );
    expect(readProblem(utf8('{"code":"toString","detail":"x"}'))).toBeUndefined();
  });

  test("a wrong length is an error of ours", () => {
    expect(() => addModifiers(new Uint8Array(1))).toThrow(malformed);
  });
});
