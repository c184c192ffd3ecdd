import { execFile } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { createCertificate, fromUtf8, SUITE, toBase64url, verifyApplication } from "@chit/protocol";
import { describe, expect, onTestFinished, test } from "vitest";
import { createMerchant, memoryStore } from "../src/index.ts";
import { temporaryDirectory } from "./temporary.ts";
import { crypto, newId, TestIssuer } from "./world.ts";

const CLI = join(import.meta.dirname, "../src/cli.ts");

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [CLI, ...args]);
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The part of a TPS that the command speaks to, with real signatures; approves the second time it is asked. */
function tps(issuer: TestIssuer, clockOff = 0): RequestListener {
  const applicationId = newId();
  let asked = 0;
  let application = "";
  return async (request, response) => {
    const origin = `http://${request.headers.host}`;
    response.setHeader("date", new Date((issuer.now + clockOff) * 1_000).toUTCString());
    if (request.method === "POST") {
      const pieces: Uint8Array[] = [];
      for await (const piece of request) pieces.push(piece as Uint8Array);
      application = fromUtf8(Buffer.concat(pieces)).trim();
      response.end(JSON.stringify({ applicationId, state: "pending" }));
    } else if (request.url === `/v1/merchant-applications/${applicationId}`) {
      if (asked++ === 0) return void response.end(JSON.stringify({ state: "pending" }));
      const { name, origins, sealingKey, signingKey } = verifyApplication(crypto, application);
      const certificate = await createCertificate(issuer.signer, {
        v: 1,
        iss: origin,
        jti: newId(),
        iat: issuer.now,
        nbf: issuer.now,
        exp: issuer.now + 90 * 86_400,
        merchantId: newId(),
        name,
        origins,
        suite: SUITE,
        sealingKey: toBase64url(sealingKey),
        signingKey: toBase64url(signingKey),
        currency: "EUR",
        scale: 4,
      });
      const keyList = await issuer.keyList(undefined, undefined, origin);
      const rootKey = toBase64url(issuer.root.publicKey);
      const bundle = { v: 1, issuer: origin, rootKey, certificate, keyList };
      response.end(JSON.stringify({ state: "approved", bundle }));
    } else {
      response.end(await issuer.keyList(undefined, undefined, origin));
    }
  };
}

const now = () => Math.floor(Date.now() / 1_000);

describe("chit-merchant", () => {
  test("leads from new keys to a shop that starts", { timeout: 60_000 }, async () => {
    const dir = temporaryDirectory();
    const url = await serve(tps(new TestIssuer(now())));
    const apply = await run(
      ...["apply", "--name", "Paper & Ink", "--origin", "https://shop.example"],
      ...["--contact", "ink@shop.example", "--tps", url, "--dir", dir],
    );
    expect(apply.err).toBe("");
    const id = /Id +(\S+) \(pending\)/.exec(apply.out)?.[1] ?? "";
    const keysPath = join(dir, "chit-merchant-keys.json");
    expect(statSync(keysPath).mode & 0o777).toBe(0o600);
    expect(apply.out).not.toContain(JSON.parse(readFileSync(keysPath, "utf8")).sealingKey);

    const early = await run("fetch", "--tps", url, "--id", id, "--dir", dir);
    expect(early).toMatchObject({ code: 1, err: expect.stringContaining("not approved") });
    const fetched = await run("fetch", "--tps", url, "--id", id, "--dir", dir);
    expect(fetched).toMatchObject({ code: 0, err: "" });

    const check = await run("check", "--dir", dir, "--origin", "https://shop.example");
    expect(check.out).not.toMatch(/^(wrong|look)/m);
    expect(check).toMatchObject({ code: 0, out: expect.stringContaining("Paper & Ink") });

    const merchant = createMerchant({
      keys: keysPath,
      bundle: join(dir, "chit-merchant-bundle.json"),
      store: memoryStore(),
      background: false,
    });
    await merchant.close();
  });

  test("fetch says in words that the operator rejected the application", {
    timeout: 60_000,
  }, async () => {
    const dir = temporaryDirectory();
    const url = await serve((_request, response) => void response.end('{"state":"rejected"}'));
    const fetched = await run("fetch", "--tps", url, "--id", newId(), "--dir", dir);
    expect(fetched).toMatchObject({ code: 1, out: "" });
    expect(fetched.err).toMatch(/The operator has rejected the application \S{22}\. .*apply again/);
    expect(readdirSync(dir)).toEqual([]);
  });

  test("apply says so too, where the operator knows the application and rejected it", {
    timeout: 60_000,
  }, async () => {
    const known = JSON.stringify({ applicationId: newId(), state: "rejected" });
    const url = await serve((_request, response) => void response.end(known));
    const apply = await run(
      ...["apply", "--name", "Shop", "--origin", "https://shop.example", "--contact", "me"],
      ...["--tps", url, "--dir", temporaryDirectory()],
    );
    expect(apply).toMatchObject({ code: 1, err: expect.stringContaining("rejected") });
    expect(apply.out).not.toContain("chit-merchant fetch");
  });

  test("check says what is wrong: rights, origin, clock", { timeout: 60_000 }, async () => {
    const dir = temporaryDirectory();
    const issuer = new TestIssuer(now());
    const url = await serve(tps(issuer, 3_600));
    const apply = await run(
      ...["apply", "--name", "Shop", "--origin", "https://shop.example", "--contact", "me"],
      ...["--tps", url, "--dir", dir],
    );
    const id = /Id +(\S+)/.exec(apply.out)?.[1] ?? "";
    await run("fetch", "--tps", url, "--id", id, "--dir", dir);
    await run("fetch", "--tps", url, "--id", id, "--dir", dir);
    const keysPath = join(dir, "chit-merchant-keys.json");
    const keys = readFileSync(keysPath, "utf8");
    writeFileSync(keysPath, keys, { mode: 0o644 });
    await promisify(execFile)("chmod", ["644", keysPath]);
    const check = await run("check", "--dir", dir, "--origin", "https://other.example");
    expect(check.code).toBe(1);
    expect(check.out).toMatch(/^wrong +keys' rights +.*chmod 600/m);
    expect(check.out).toMatch(/^wrong +origins +https:\/\/other.example is not certified/m);
    expect(check.out).toMatch(/^wrong +issuer, clock +this clock is 3[56]\d\d s behind/m);

    writeFileSync(keysPath, JSON.stringify({ ...JSON.parse(keys), sealingKey: newKey() }));
    const mismatch = await run("check", "--dir", dir);
    expect(mismatch.out).toMatch(/^wrong +certificate +.*other keys/m);
    writeFileSync(keysPath, "secret-canary {");
    const unreadable = await run("check", "--dir", dir);
    expect(unreadable.out).toMatch(/^wrong +keys +.*not JSON/m);
    expect(unreadable.out).not.toContain("secret-canary");
  });

  test("refuses an origin with a path and an unreachable issuer, and says how", {
    timeout: 60_000,
  }, async () => {
    const base = ["apply", "--name", "Shop", "--contact", "me", "--dir", temporaryDirectory()];
    const path = await run(...base, "--origin", "https://shop.example/");
    expect(path).toMatchObject({ code: 1, err: expect.stringContaining("no path") });
    const dead = await run(
      ...base,
      "--origin",
      "https://shop.example",
      "--tps",
      "http://127.0.0.1:9",
    );
    expect(dead).toMatchObject({ code: 1, err: expect.stringContaining("cannot be reached") });
  });
});

const newKey = () => toBase64url(crypto.randomBytes(32));
