import { connect } from "node:net";
import {
  createAccountStatusRequest,
  createActivation,
  currentSealingKey,
  openAccountStatus,
  openActivationResponse,
  openDevices,
  parseActivationLink,
  readProblem,
  toBase64url,
  verifyKeyList,
} from "@chit/protocol";
import { nodeSigner } from "@chit/protocol/node";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openAccount } from "../src/accounts/accounts.ts";
import { createApp } from "../src/app.ts";
import { createLog } from "../src/http/log.ts";
import { approveMerchant, rejectApplication } from "../src/merchants/applications.ts";
import type { Database } from "../src/store/database.ts";
import { prepareDevices } from "./support/devices.ts";
import { createWallet, recordOf } from "./support/wallet.ts";
import { createWorld, ISSUER, id, random, signedApplication, type World } from "./support/world.ts";

let world: World;
let app: FastifyInstance;
let origin: string;
const logged: string[] = [];
const log = createLog("debug", { write: (line) => void logged.push(line) });
beforeAll(async () => {
  world = await createWorld();
  app = createApp(world.deps, log);
  origin = await app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(async () => {
  await app.close();
  await world.close();
});

const bytesOf = async (response: Response) => new Uint8Array(await response.arrayBuffer());
const problemOf = async (response: Response) => {
  expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  expect(response.headers.get("access-control-allow-origin")).toBe("*");
  return { status: response.status, code: readProblem(await bytesOf(response))?.code };
};
const post = (path: string, body: Uint8Array | string, headers: Record<string, string> = {}) =>
  fetch(`${origin}${path}`, {
    method: "POST",
    body: typeof body === "string" ? body : Buffer.from(body),
    headers,
  });

describe("POST /v1/payments", () => {
  test.each([
    ["none", {}],
    ["text/plain", { "content-type": "text/plain;charset=UTF-8" }],
    ["application/json", { "content-type": "application/json" }],
    ["application/octet-stream", { "content-type": "application/octet-stream" }],
    ["form", { "content-type": "application/x-www-form-urlencoded" }],
  ])("reads the exact bytes whatever they are called (%s)", async (_name, headers) => {
    const wallet = await createWallet(world);
    const request = await wallet.request();
    const response = await post("/v1/payments", request.body, headers);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("access-control-allow-credentials")).toBeNull();
    const reply = await bytesOf(response);
    expect(await wallet.receive(request, reply)).toMatchObject({ outcome: "paid" });
    expect(await bytesOf(await post("/v1/payments", request.body, headers))).toEqual(reply);
  });

  test("threat 23: refuses what is no message, too large, for another issuer or another key, each by its code", async () => {
    const wallet = await createWallet(world);
    const codes = [
      await problemOf(await post("/v1/payments", "{}")),
      await problemOf(await post("/v1/payments", "")),
      await problemOf(await post("/v1/payments", new Uint8Array(20_000))),
      await problemOf(
        await post(
          "/v1/payments",
          (await wallet.request({ issuer: "https://other.example" })).body,
        ),
      ),
      await problemOf(
        await post(
          "/v1/payments",
          (
            await wallet.request({
              tpsKey: {
                kid: "A".repeat(43),
                publicKey: world.keyList().sealingKeys[0]?.publicKey ?? random(32),
              },
            })
          ).body,
        ),
      ),
    ];
    expect(codes).toEqual([
      { status: 400, code: "malformed-message" },
      { status: 400, code: "malformed-message" },
      { status: 413, code: "message-too-large" },
      { status: 421, code: "issuer-mismatch" },
      { status: 409, code: "sealing-key-unknown" },
    ]);
    expect(await recordOf(wallet)).toMatchObject({ payments: 0 });
  });

  test("says that it is unavailable while the database is, and pays once it is back", async () => {
    const wallet = await createWallet(world);
    const request = await wallet.request();
    const gone: Database = {
      ...world.database,
      transaction: () => Promise.reject(Object.assign(new Error("no"), { code: "ECONNREFUSED" })),
    };
    const broken = createApp(world.withDatabase(gone), log);
    const response = await broken.inject({
      method: "POST",
      url: "/v1/payments",
      payload: Buffer.from(request.body),
    });
    expect(response.statusCode).toBe(503);
    expect(response.json()).toMatchObject({ code: "unavailable" });
    await broken.close();
    const reply = await bytesOf(await post("/v1/payments", request.body));
    expect(await wallet.receive(request, reply)).toMatchObject({ outcome: "paid" });
  });

  test("tells nothing of an unexpected error", async () => {
    const wallet = await createWallet(world);
    const broken = createApp(
      world.withDatabase({
        ...world.database,
        transaction: () => Promise.reject(new Error("canary of the inside")),
      }),
      log,
    );
    const response = await broken.inject({
      method: "POST",
      url: "/v1/payments",
      payload: Buffer.from((await wallet.request()).body),
    });
    expect(response.statusCode).toBe(500);
    expect(response.body).not.toContain("canary");
    await broken.close();
  });
});

describe("the other protocol endpoints", () => {
  test("activate a device and tell its status", async () => {
    const { crypto } = world.deps;
    const { activationLink } = await openAccount(world.deps);
    const tpsKey = currentSealingKey(world.keyList(), world.now);
    const { publicKey, sign } = nodeSigner(random(32));
    const pending = await createActivation(crypto, tpsKey, parseActivationLink(activationLink), {
      publicKey,
      name: "Chromium",
      sign,
    });
    const reply = await bytesOf(await post("/v1/activations", pending.body));
    const activated = await openActivationResponse(crypto, pending, reply);
    if (activated.outcome !== "activated") throw new Error(activated.outcome);
    const subject = { issuer: ISSUER, ...activated };
    const question = await createAccountStatusRequest(crypto, tpsKey, subject, sign);
    const answer = await bytesOf(await post("/v1/account-status", question.body));
    expect(await openAccountStatus(crypto, question, answer)).toMatchObject({
      outcome: "awaiting-pin",
    });
  });

  test("tell a device of the account's devices", async () => {
    const wallet = await createWallet(world);
    const question = await prepareDevices(wallet, { action: "list" });
    const response = await post("/v1/devices", question.body);
    expect(response.headers.get("content-type")).toBe("application/json");
    const answer = await openDevices(world.deps.crypto, question, await bytesOf(response));
    expect(answer).toMatchObject({ devices: [{ deviceId: wallet.deviceId, state: "active" }] });
    expect(await problemOf(await post("/v1/devices", "{}"))).toEqual({
      status: 400,
      code: "malformed-message",
    });
  });

  test("answer a preflight, and name the right method for a wrong one", async () => {
    const preflight = await fetch(`${origin}/v1/payments`, {
      method: "OPTIONS",
      headers: { origin: "https://shop.example", "access-control-request-method": "POST" },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
    expect(preflight.headers.get("access-control-allow-methods")).toContain("POST");
    const wrong = await fetch(`${origin}/v1/payments`);
    expect(wrong.headers.get("allow")).toBe("POST, OPTIONS");
    expect(await problemOf(wrong)).toEqual({ status: 405, code: "method-not-allowed" });
    expect(await problemOf(await post("/.well-known/chit/keys", "x"))).toMatchObject({
      status: 405,
    });
    expect(await problemOf(await fetch(`${origin}/nothing?x=1`))).toEqual({
      status: 404,
      code: "not-found",
    });
    expect(await problemOf(await fetch(`${origin}/%zz`))).toMatchObject({ status: 400 });
    const long = `${origin}/v1/merchant-applications/${"a".repeat(200)}`;
    expect(await problemOf(await fetch(long))).toMatchObject({ status: 404 });
  });

  test("answer bytes that are no HTTP with a problem, and hang up", async () => {
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    socket.write("NONSENSE\r\n\r\n");
    const parts: Buffer[] = [];
    for await (const part of socket) parts.push(part);
    const text = Buffer.concat(parts).toString();
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toContain("application/problem+json");
    expect(text).toContain('"code":"malformed-message"');
  });
});

describe("what is public", () => {
  test("the key list, signed by the root key, and the same signing keys as a JWKS", async () => {
    const response = await fetch(`${origin}/.well-known/chit/keys`);
    expect(response.headers.get("content-type")).toBe("application/jwt");
    const { rootKey } = world.deps.keyRings.current();
    const list = verifyKeyList(world.deps.crypto, rootKey, await response.text(), world.now);
    const jwks = await (await fetch(`${origin}/.well-known/jwks.json`)).json();
    expect(jwks).toMatchObject({ keys: list.signingKeys.map(({ kid }) => ({ kid, use: "sig" })) });
  });

  test("health, which tells that the process lives, and readiness, which asks the database", async () => {
    const ask = async (path: string) => {
      const response = await fetch(`${origin}${path}`);
      return [response.status, await response.json()];
    };
    expect(await ask("/health")).toEqual([200, { status: "ok" }]);
    expect(await ask("/ready")).toEqual([200, { status: "ready" }]);
  });

  test("no readiness while the database is away or the server stops, and when to ask again", async () => {
    let draining = false;
    let away = true;
    const database: Database = {
      ...world.database,
      query: (statement, values) =>
        away
          ? Promise.reject(Object.assign(new Error("no"), { code: "ECONNREFUSED" }))
          : world.database.query(statement, values),
    };
    const deps = world.withDatabase(database);
    const server = createApp(deps, log, { isDraining: () => draining });
    const ask = async (url: string) => {
      const { statusCode, headers } = await server.inject({ method: "GET", url });
      return [statusCode, headers["retry-after"]];
    };
    expect(await ask("/ready")).toEqual([503, "1"]);
    expect(await ask("/health")).toEqual([200, undefined]);
    away = false;
    expect(await ask("/ready")).toEqual([200, undefined]);
    draining = true;
    expect(await ask("/ready")).toEqual([503, "1"]);
    await server.close();
  });

  test("the activation page, in the browser's language, under a strict policy", async () => {
    const get = (language: string) =>
      fetch(`${origin}/activate`, { headers: { "accept-language": language } });
    const english = await get("en-GB,en;q=0.9,de;q=0.8");
    const html = await english.text();
    expect(html).toContain('<link rel="chit-activation" href="/activate">');
    expect(html).toContain("Activate your wallet");
    expect(html).toContain("+49 30 123456");
    const policy = english.headers.get("content-security-policy") ?? "";
    for (const part of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]) {
      expect(policy).toContain(part);
    }
    expect(html).not.toMatch(/<script(?! src="\/activate\/)|<style|style=|onclick|https?:/);
    expect(await (await get("de-AT,de;q=0.9,en;q=0.5")).text()).toContain("Geldbörse aktivieren");
    expect(await (await get("fr")).text()).toContain("Activate your wallet");
    for (const path of ["/activate/activate.js", "/activate/activate.css"]) {
      expect((await fetch(`${origin}${path}`)).status).toBe(200);
    }
  });

  test("a page at the origin, for visitors whom a shop sends to get the wallet", async () => {
    const get = (language: string) =>
      fetch(`${origin}/`, { headers: { "accept-language": language } });
    const english = await get("en");
    expect([english.status, english.headers.get("content-type")]).toEqual([
      200,
      "text/html; charset=utf-8",
    ]);
    expect(english.headers.get("content-security-policy")).toContain("default-src 'none'");
    const html = await english.text();
    expect(html).toContain("Pay with Chit");
    expect(html).toContain(toBase64url(world.deps.keyRings.current().rootKey));
    expect(html).toContain("+49 30 123456");
    // The wallet takes no page but the activation page for one.
    expect(html).not.toMatch(/chit-activation|<script|style=/);
    expect(await (await get("de")).text()).toContain("Mit Chit bezahlen");
  });

  test("a merchant application, from sending to the bundle", async () => {
    const document = await signedApplication("HTTP Shop");
    const sent = await post("/v1/merchant-applications", document);
    expect(sent.status).toBe(201);
    const { applicationId, state } = (await sent.json()) as Record<string, string>;
    expect(state).toBe("pending");
    expect((await post("/v1/merchant-applications", `${document}\n`)).status).toBe(200);
    const look = async () =>
      (await fetch(`${origin}/v1/merchant-applications/${applicationId}`)).json();
    expect(await look()).toEqual({ state: "pending" });
    const { bundle } = await approveMerchant(world.deps, applicationId ?? "");
    expect(await look()).toEqual({ state: "approved", bundle });
    const unwelcome = await post("/v1/merchant-applications", await signedApplication("Unwelcome"));
    const { applicationId: rejected = "" } = (await unwelcome.json()) as Record<string, string>;
    await rejectApplication(world.deps, rejected);
    const answer = await fetch(`${origin}/v1/merchant-applications/${rejected}`);
    expect(await answer.json()).toEqual({ state: "rejected" });
    expect(await problemOf(await fetch(`${origin}/v1/merchant-applications/${id()}`))).toEqual({
      status: 404,
      code: "application-unknown",
    });
    expect(await problemOf(await post("/v1/merchant-applications", "x.y.z"))).toEqual({
      status: 422,
      code: "application-invalid",
    });
  });
});

describe("the log", () => {
  test("tells method, route, status and time, and no canary of a secret, body, header or address", async () => {
    const canaries = {
      pin: "739182640571",
      header: "canary-in-a-header",
      query: "canary-in-a-query",
      path: "canary-in-a-path",
      body: "canary-in-a-body",
      name: "canary-in-an-error",
    };
    const wallet = await createWallet(world);
    await wallet.setPinByTelephone(canaries.pin);
    wallet.adoptPin(2, canaries.pin);
    const request = await wallet.request();
    await post("/v1/payments", request.body, { authorization: canaries.header });
    await post(`/v1/payments?pin=${canaries.query}`, canaries.body);
    await fetch(`${origin}/${canaries.path}`);
    await fetch(`${origin}/v1/merchant-applications/${canaries.path}`);
    const broken = createApp(
      world.withDatabase({
        ...world.database,
        transaction: () =>
          Promise.reject(Object.assign(new Error("fault"), { detail: canaries.name })),
      }),
      log,
    );
    await broken.inject({
      method: "POST",
      url: "/v1/payments",
      payload: Buffer.from((await wallet.request()).body),
    });
    await broken.close();
    const text = logged.join("");
    expect(text).toContain('"route":"/v1/payments","status":200');
    expect(text).toContain('"message":"fault"');
    for (const canary of Object.values(canaries)) expect(text).not.toContain(canary);
    for (const secret of [wallet.accountId, wallet.deviceId, request.order.transactionNumber]) {
      expect(text).not.toContain(secret);
    }
    expect(text).not.toMatch(/remoteAddress|"body"|"headers"/);
  });
});
