/** The operator's commands for the log, on a real database. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LIMITS } from "@chit/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemPlatform } from "../../src/platform.ts";
import { cliOf } from "../support/cli.ts";
import { createWallet } from "../support/wallet.ts";
import { createWorld, type World } from "../support/world.ts";
import { payAndCollect } from "./support.ts";

let world: World;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "chit-log-"));
  // Commands run by the real clock.
  world = await createWorld(systemPlatform.nowSeconds());
  await payAndCollect(await createWallet(world), 2);
});
afterAll(async () => {
  await world.close();
  await rm(directory, { recursive: true, force: true });
});

const chitTps = cliOf(() => world);
const run = (...args: string[]) => chitTps("log", ...args);

async function saved(text: string): Promise<string> {
  const path = join(directory, "checkpoint");
  await writeFile(path, text);
  return path;
}

describe("chit-tps log", () => {
  test("takes up what was collected, shows the checkpoint, finds nothing wrong", async () => {
    expect(await run("show")).toMatchObject({ code: 0, out: expect.stringContaining("no check") });
    const appended = await run("append", "--json");
    expect(JSON.parse(appended.out)).toEqual({ appended: 2, size: 2 });
    expect((await run("append")).out).toMatch(/taken up now +0\nin the log +2/);
    const shown = await run("show");
    expect(shown.out).toMatch(/log +tps\.example\/log\nproofs +2\nsigned +20/);
    const { checkpoint, size } = JSON.parse((await run("show", "--json")).out);
    expect(size).toBe(2);
    expect(shown.out).toContain(checkpoint.trimEnd());
    const checked = await run("check", "--checkpoint", await saved(checkpoint));
    expect(checked).toMatchObject({ code: 0, said: "" });
    expect(checked.out).toMatch(/proofs in the log +2\ncheckpoints compared +1\n/);
  });

  test("tells what is wrong, with a code and an exit code", async () => {
    const { checkpoint } = JSON.parse((await run("show", "--json")).out);
    const forged = await run("check", "--checkpoint", await saved(checkpoint.replace("2", "1")));
    expect(forged).toMatchObject({ code: 1, said: expect.stringContaining("(log-damaged)") });
    const none = await run("check", "--checkpoint", join(directory, "none"));
    expect(none).toMatchObject({ code: 1, said: expect.stringContaining("(file-unreadable)") });
    const long = await run(
      "check",
      "--checkpoint",
      await saved(" ".repeat(LIMITS.checkpointBytes + 1)),
    );
    expect(long).toMatchObject({ code: 1, said: expect.stringContaining("too long") });
    await world.database.query("update payments set document = 'x' where count = 0");
    const damaged = await run("check", "--json");
    expect(damaged.code).toBe(1);
    expect(JSON.parse(damaged.out).faults).toHaveLength(1);
  });
});
