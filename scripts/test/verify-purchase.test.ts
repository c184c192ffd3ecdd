// The second implementation (scripts/verify-purchase.mjs) on the purchase that the vectors tell of, on one of
// a browser, and on forgeries of both. It runs as its users run it: a process, a file.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

interface Message {
  step: number;
  from: string;
  to: string;
  method?: string;
  url?: string;
  status?: number;
  headers?: Record<string, string>;
  body: string;
}
interface Recording {
  description: string;
  now: number;
  pageOrigin: string;
  keys: Record<string, unknown>;
  keyList: string;
  messages: Message[];
}
interface Vector {
  name: string;
  message: { text?: string; hex?: string };
  inputs?: Record<string, string>;
  result?: unknown;
}
interface VectorFile {
  context: Record<string, string>;
  positive: Vector[];
}

const b64u = (data: string, encoding: "utf8" | "hex") =>
  Buffer.from(data, encoding).toString("base64url");

function vectorFile(kind: string): VectorFile {
  return JSON.parse(readFileSync(join(root, `protocol/test/vectors/${kind}.json`), "utf8"));
}

function vector(kind: string, name?: string): Vector {
  const found = vectorFile(kind).positive.find((one) => name === undefined || one.name === name);
  if (!found) throw new Error(`no vector ${kind}: ${name}`);
  return found;
}

function body(kind: string, name?: string): string {
  const { text, hex } = vector(kind, name).message;
  return hex === undefined ? b64u(text ?? "", "utf8") : b64u(hex, "hex");
}

function fromVectors(): Recording {
  const quote = vectorFile("quote").context;
  const request = vectorFile("request-for-payment").context;
  const session = vectorFile("session-initiation").context;
  const { pin, modifier } = vector("request-for-payment").inputs ?? {};
  const shop = "https://shop.example/chit";
  const headers = (type: string) => ({
    "Content-Type": type,
    "Cache-Control": "no-store",
    "Access-Control-Allow-Origin": "*",
  });
  const asked = (step: number, to: string, url: string, bytes: string): Message => {
    return { step, from: "CTS", to, method: "POST", url, headers: {}, body: bytes };
  };
  const answered = (step: number, from: string, bytes: string, type = "application/json") => {
    return { step, from, to: "CTS", status: 200, headers: headers(type), body: bytes };
  };
  return {
    description: "The purchase of the vectors",
    now: Number(quote.now),
    pageOrigin: quote.pageOrigin ?? "",
    keys: {
      root: b64u(quote.rootKey ?? "", "hex"),
      tpsSealing: [{ private: b64u(request.privateKey ?? "", "hex") }],
      merchantSealing: b64u(session.privateKey ?? "", "hex"),
      device: b64u(request.deviceKey ?? "", "hex"),
      modifiedPin: b64u(request.modifiedPin ?? "", "hex"),
      pin,
      modifier: b64u(modifier ?? "", "hex"),
      nextModifiedPin: b64u(String(vector("pin", "after one transaction").result), "hex"),
    },
    keyList: quote.keyList ?? "",
    messages: [
      answered(2, "MTS", body("quote")),
      asked(
        3,
        "MTS",
        `${shop}/session`,
        body("session-initiation", "with an address and a pseudonym"),
      ),
      answered(4, "MTS", body("quote-authentication")),
      asked(5, "TPS", "https://tps.example/v1/payments", body("request-for-payment")),
      answered(6, "TPS", body("payment-response", "paid")),
      asked(7, "MTS", `${shop}/proof`, body("advice-request", "with the key list")),
      answered(8, "MTS", body("shipping-advice")),
      asked(9, "MTS", `${shop}/goods`, body("send-goods")),
      answered(10, "MTS", body("goods", "a small text"), "application/vnd.chit.goods"),
    ],
  };
}

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "chit-verify-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function run(...args: string[]) {
  const script = join(root, "scripts/verify-purchase.mjs");
  return spawnSync(process.execPath, [script, ...args], { encoding: "utf8" });
}

function verify(recording: unknown, ...args: string[]) {
  const path = join(directory, "recording.json");
  writeFileSync(path, JSON.stringify(recording));
  return run(...args, path);
}

/** One bit of the body, the lowest one of its middle byte. */
function flipped(message: Message): Message {
  const bytes = Buffer.from(message.body, "base64url");
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return { ...message, body: bytes.toString("base64url") };
}

/** Written by e2e/recording.spec.ts; the keys are those of servers that no longer exist. */
const fromBrowser = (): Recording =>
  JSON.parse(readFileSync(join(root, "e2e/recordings/purchase.json"), "utf8"));

const sources: [name: string, load: () => Recording][] = [
  ["of the vectors", fromVectors],
  ["of a browser", fromBrowser],
];

describe.each(sources)("a purchase %s", (_name, load) => {
  const recording = load();
  const index = recording.messages.map(({ step }, i) => [i, step] as const);
  const keysOf32Bytes = Object.keys(recording.keys).filter(
    (name) => name !== "tpsSealing" && name !== "pin",
  );
  const replaced = (i: number, message: Message) => ({
    ...recording,
    messages: recording.messages.with(i, message),
  });

  it("verifies", () => {
    const { stdout, stderr, status } = verify(recording);
    expect(stderr).toBe("");
    expect(stdout).not.toContain("FAILED");
    expect(stdout).toMatch(/\n(3[5-9]|[4-9]\d|\d{3,}) checks, 0 failed\n$/);
    expect(status).toBe(0);
  });

  it.each(index)("with one bit of message %i (step %i) flipped does not", (i, step) => {
    const message = recording.messages[i];
    if (!message) throw new Error("no message");
    const { stdout, status } = verify(replaced(i, flipped(message)), "--json");
    expect(status).toBe(1);
    const { checks } = JSON.parse(stdout);
    const failed = checks.filter((check: { ok: boolean }) => !check.ok);
    expect(failed.map((check: { step: number }) => check.step)).toContain(step);
  });

  it.each(index)("without message %i (step %i) does not", (i) => {
    const messages = recording.messages.toSpliced(i, 1);
    expect(verify({ ...recording, messages }).status).toBe(1);
  });

  it.each(keysOf32Bytes)("under another %s key does not", (name) => {
    const key = flipped({ step: 0, from: "", to: "", body: String(recording.keys[name]) }).body;
    expect(verify({ ...recording, keys: { ...recording.keys, [name]: key } }).status).toBe(1);
  });

  it("of another page or a year later does not", () => {
    expect(verify({ ...recording, pageOrigin: "https://other.example" }).status).toBe(1);
    expect(verify({ ...recording, now: recording.now + 31536000 }).status).toBe(1);
  });

  it("with a cookie, a redirect or a cached answer does not", () => {
    const message = recording.messages[1];
    const answer = recording.messages[2];
    if (!message || !answer) throw new Error("no message");
    const cookie = { ...message, headers: { ...message.headers, Cookie: "a=b" } };
    expect(verify(replaced(1, cookie)).stdout).toContain("FAILED: has a header cookie");
    expect(verify(replaced(2, { ...answer, status: 302 })).stdout).toContain("FAILED: status 302");
    const cached = { ...answer, headers: { "content-type": "application/json" } };
    expect(verify(replaced(2, cached)).stdout).toContain("FAILED: Cache-Control absent");
  });
});

describe("the second implementation", () => {
  it("accepts and refuses the vectors' messages as they say", () => {
    const script = join(root, "scripts/verify-vectors.mjs");
    const directoryOfVectors = join(root, "protocol/test/vectors");
    const { stdout, status } = spawnSync(process.execPath, [script, directoryOfVectors], {
      encoding: "utf8",
    });
    expect(stdout).not.toContain("FAILED");
    expect(stdout).toMatch(/\n\d{3,} vectors, 0 failed\n$/);
    expect(status).toBe(0);
  });

  it("says how it is used", () => {
    for (const args of [[], ["a", "b"], ["--what"], [join(directory, "nothing.json")]]) {
      const { stderr, status } = run(...args);
      expect(stderr).toContain("Usage:");
      expect(status).toBe(2);
    }
    expect(verify({ now: 1 }).stderr).toContain("`pageOrigin` is not an origin");
    expect(run("--help").stdout).toContain("Usage:");
  });
});
