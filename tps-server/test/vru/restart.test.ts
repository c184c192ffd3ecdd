/** The VRU ends in mid-call, in order or not, and another process goes on. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openAccount } from "../../src/accounts/accounts.ts";
import { initialiseIssuer } from "../../src/issuer/issuer.ts";
import { type OpenedTps, openStorage } from "../../src/open.ts";
import { systemPlatform } from "../../src/platform.ts";
import { sweepCalls } from "../../src/vru/call-store.ts";
import { VRU_LIMITS } from "../../src/vru/limits.ts";
import { Call, speltDigits } from "./support/phone.ts";
import { createWorld, identify, PUBLIC_URL, WEBHOOK_TOKEN, type World } from "./support/world.ts";

describe("a VRU that is restarted in mid-call", () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  });
  afterAll(() => world.close());

  it("goes on after every key", async () => {
    const account = await world.openAccount();
    const wallet = await world.addWallet(account);
    const call = await world.dial();
    for (const keys of ["2", account.telephoneId, account.telephonePasscode, "1"]) {
      await world.restartVru();
      await call.press(keys);
    }
    expect(speltDigits(call.heard, 6)).toHaveLength(2);
    expect((await world.device(wallet)).pin_generation).toBe(1n);
  });

  it("has forgotten the PIN, and gives out another one instead of repeating it", async () => {
    const account = await world.openAccount();
    const wallet = await world.addWallet(account);
    const call = await identify(await world.dial(), account);
    await call.press("1");
    const [lost] = speltDigits(call.heard, 6);
    await world.restartVru();
    await call.press("1");
    const [fresh] = speltDigits(call.heard, 6);
    expect(call.heard[0]).toContain("no longer valid");
    expect(fresh).not.toBe(lost);
    expect(await world.device(wallet)).toMatchObject({
      pin_generation: 2n,
      modifiedPin: BigInt(fresh ?? ""),
    });
    await call.press("1");
    expect(speltDigits(call.heard, 6)).toEqual([fresh, fresh]);
  });

  it("offers another PIN when the carrier never got the document that told it", async () => {
    const account = await world.openAccount();
    await world.addWallet(account);
    const call = await identify(await world.dial(), account);
    const { action } = call;
    await call.press("1");
    await world.restartVru();
    const { body } = await call.post(action, { Digits: "1" });
    expect(speltDigits([body], 6)).toEqual([]);
    expect(body).toContain("cannot be said again");
  });

  it("repeats no PIN after some minutes", async () => {
    const account = await world.openAccount();
    const wallet = await world.addWallet(account);
    const call = await identify(await world.dial(), account);
    await call.press("1");
    world.clock.seconds += VRU_LIMITS.pinMemorySeconds;
    await call.press("1");
    expect(call.heard[0]).toContain("no longer valid");
    expect((await world.device(wallet)).pin_generation).toBe(2n);
  });

  it("ends a call that has lasted too long, and writes down the one that nobody finished", async () => {
    const account = await world.openAccount();
    await world.addWallet(account);
    const call = await identify(await world.dial(), account);
    world.clock.seconds += VRU_LIMITS.callSeconds;
    await call.press("1");
    expect(call.heard.join()).toContain("lasted too long");
    expect(call.over).toBe(true);
    await world.database.transaction((tx) => sweepCalls(tx, world.clock.seconds));
    expect(await world.eventsOf(call)).toEqual(["call-began", "caller-known", "call-lost"]);
    const left = await world.database.query("select * from vru_calls where call_id = $1", [
      call.callId,
    ]);
    expect(left).toEqual([]);
  });
});

describe("the process src/vru/main.ts", () => {
  const main = fileURLToPath(new URL("../../src/vru/main.ts", import.meta.url));
  let dataDir: string;
  let tps: OpenedTps;
  const running: ChildProcess[] = [];

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "chit-vru-"));
    tps = await openStorage(systemPlatform, { dataDir }, () => undefined);
    await initialiseIssuer(tps.deps, {
      origin: "https://tps.example",
      operator: "Chit",
      telephone: "+49 30 000000",
      currency: "EUR",
      scale: 4,
    });
  });
  afterAll(async () => {
    for (const child of running) child.kill("SIGKILL");
    await tps.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  function spawnVru(environment: Record<string, string>): ChildProcess {
    const child = spawn(process.execPath, [main], {
      env: { PATH: process.env.PATH, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    running.push(child);
    return child;
  }

  async function startProcess(): Promise<{ child: ChildProcess; url: string }> {
    const child = spawnVru({
      CHIT_DATA_DIR: dataDir,
      CHIT_VRU_WEBHOOK_TOKEN: WEBHOOK_TOKEN,
      CHIT_VRU_PUBLIC_URL: PUBLIC_URL,
      CHIT_VRU_PORT: "0",
    });
    for await (const line of createInterface({ input: child.stdout ?? process.stdin })) {
      return { child, url: (JSON.parse(line) as { url: string }).url };
    }
    throw new Error("The process ended before it took calls.");
  }

  it("takes over the call of one that was killed", async () => {
    const account = await openAccount(tps.deps);
    let { child, url } = await startProcess();
    const call = new Call({ publicUrl: PUBLIC_URL, token: WEBHOOK_TOKEN, address: () => url });
    await call.dial();
    await call.press("1");
    await call.press(account.telephoneId);
    child.kill("SIGKILL");
    await once(child, "exit");
    ({ child, url } = await startProcess());
    await call.press(account.telephonePasscode);
    expect(call.heard.join()).toContain("has no wallet");
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it("is a command of the operator's as well", async () => {
    const account = await openAccount(tps.deps);
    const command = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
    const child = spawn(process.execPath, [command, "vru", "--data-dir", dataDir], {
      env: {
        PATH: process.env.PATH,
        CHIT_VRU_WEBHOOK_TOKEN: WEBHOOK_TOKEN,
        CHIT_VRU_PORT: "0",
        CHIT_LOG_LEVEL: "error",
      },
      stdio: ["ignore", "ignore", "pipe"],
    });
    running.push(child);
    let publicUrl = "";
    for await (const line of createInterface({ input: child.stderr })) {
      publicUrl = /takes calls at (\S+)\/v1\/calls\./.exec(line)?.[1] ?? "";
      if (publicUrl !== "") break;
    }
    const carrier = { publicUrl, token: WEBHOOK_TOKEN, address: () => publicUrl };
    const call = await identify(await new Call(carrier).dial(), account);
    expect(call.heard.join()).toContain("has no wallet");
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it("says what is missing in its environment, and not what is there", async () => {
    const child = spawnVru({ CHIT_VRU_WEBHOOK_TOKEN: "short-token" });
    let said = "";
    child.stderr?.on("data", (chunk) => {
      said += chunk;
    });
    expect(await once(child, "exit")).toEqual([1, null]);
    expect(said).toContain("CHIT_VRU_WEBHOOK_TOKEN");
    expect(said).not.toContain("short-token");
  });
});
