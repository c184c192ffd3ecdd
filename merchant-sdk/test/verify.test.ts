/** The command `chit-verify`, as people run it. */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  createCertificate,
  createNotarization,
  createVerdict,
  leafHash,
  logEntry,
  logOrigin,
  nodeHash,
  SUITE,
  signCheckpoint,
  toBase64url,
} from "@chit/protocol";
import { nodeSigner } from "@chit/protocol/node";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryDirectory } from "./temporary.ts";
import { newId, TestIssuer } from "./world.ts";

const COMMAND = join(import.meta.dirname, "../src/verify.ts");
const NOW = 1_800_000_000;

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [COMMAND, ...args]);
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

const issuer = new TestIssuer(NOW);
const rootKey = toBase64url(issuer.root.publicKey);
let file: string;

function saved(text: string): string {
  const path = join(temporaryDirectory(), "payment.tlog-proof");
  writeFileSync(path, text);
  return path;
}

beforeAll(async () => {
  const keyList = await issuer.keyList();
  const { iss } = JSON.parse(Buffer.from(keyList.split(".")[1] ?? "", "base64url").toString());
  const merchantId = newId();
  const keys = toBase64url(nodeSigner(new Uint8Array(32).fill(7)).publicKey);
  const certificate = await createCertificate(issuer.signer, {
    v: 1,
    iss,
    jti: newId(),
    iat: NOW,
    nbf: NOW,
    exp: NOW + 86_400,
    merchantId,
    name: "Bücher & Tee",
    origins: ["https://shop.example"],
    suite: SUITE,
    sealingKey: keys,
    signingKey: keys,
    currency: "EUR",
    scale: 4,
  });
  const order = {
    issuer: iss,
    merchantId,
    transactionNumber: newId(),
    amount: 49_900n,
    currency: "EUR",
    scale: 4,
    quoteHash: new Uint8Array(32),
  };
  const proof = await createVerdict(issuer.signer, "proof", order, newId(), NOW + 60);
  const other = leafHash(new Uint8Array(32));
  const root = nodeHash(other, leafHash(logEntry(proof)));
  const state = { origin: logOrigin(iss), size: 2, root };
  const checkpoint = await signCheckpoint(issuer.signer, state, NOW + 120);
  file = createNotarization(
    { proof, certificate, keyList },
    { index: 1, path: [other], checkpoint },
  );
});

describe("chit-verify", () => {
  test("says what was paid, to whom, and when it was notarized", async () => {
    const { code, out, err } = await run("--root-key", rootKey, saved(file));
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("4.99 EUR");
    expect(out).toContain("Bücher & Tee (https://shop.example)");
    expect(out).toContain("2027-01-15 08:01 UTC");
    expect(out).toContain("2027-01-15 08:02 UTC, as number 2 of 2 payments");
    const json = await run("--json", "--root-key", rootKey, saved(file));
    expect(JSON.parse(json.out)).toMatchObject({
      amount: "49900",
      merchant: "Bücher & Tee",
      notarizedAt: NOW + 120,
      entry: 1,
      logSize: 2,
    });
  });

  test("refuses a file with any line changed, and another root key", async () => {
    const lines = file.split("\n");
    for (const [number, line] of lines.entries()) {
      if (line === "" || line.startsWith("index")) continue;
      const middle = Math.floor(line.length / 2);
      const letter = line[middle] === "A" ? "B" : "A";
      const changed = line.slice(0, middle) + letter + line.slice(middle + 1);
      const text = lines.with(number, changed).join("\n");
      const { code, out, err } = await run("--root-key", rootKey, saved(text));
      expect([number, code, out]).toEqual([number, 1, ""]);
      expect(err).toMatch(/does not prove a payment: .+ \([a-z-]+\)/);
    }
    const index = await run("--root-key", rootKey, saved(file.replace("index 1", "index 0")));
    expect([index.code, index.err]).toEqual([1, expect.stringContaining("not in the log's tree")]);
    const stranger = toBase64url(nodeSigner(new Uint8Array(32).fill(9)).publicKey);
    const other = await run("--root-key", stranger, saved(file));
    expect([other.code, other.err]).toEqual([1, expect.stringContaining("signing-key-unknown")]);
  });

  test("says how it is used where it is not used so", async () => {
    for (const args of [[], ["--root-key", rootKey], [saved(file)], ["--root", "x", "y"]]) {
      const { code, err } = await run(...args);
      expect([code, err.length > 0]).toEqual([1, true]);
    }
    const wrong = await run("--root-key", "short", saved(file));
    expect(wrong.err).toContain("43 characters");
    const none = await run("--root-key", rootKey, join(temporaryDirectory(), "none"));
    expect(none.err).toContain("cannot be read");
    const long = await run("--root-key", rootKey, saved(file.padEnd(600_000)));
    expect(long.err).toContain("longer than any notarization");
    expect((await run("--help")).code).toBe(0);
  });
});
