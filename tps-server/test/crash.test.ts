/** A TPS that is killed inside of its commit, or between the commit and the reply. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database, Queryable } from "../src/store/database.ts";
import { createWallet, recordOf, WRONG_PIN } from "./support/wallet.ts";
import { createWorld, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

class Killed extends Error {}

/** Dies after the commit is durable. */
function dyingAfterCommit(database: Database): Database {
  return {
    ...database,
    async transaction(work) {
      await database.transaction(work);
      throw new Killed();
    },
  };
}

/** Dies before or after the n-th statement of the transaction; the connection breaks with it. */
function dyingAt(database: Database, fatal: number, when: "before" | "after"): Database {
  return {
    ...database,
    transaction: (work) =>
      database.transaction((tx) => {
        let statement = 0;
        const dying: Queryable = {
          async query(sql, values) {
            statement += 1;
            if (statement === fatal && when === "before") throw new Killed();
            const rows = await tx.query(sql, values);
            if (statement === fatal) throw new Killed();
            return rows as never;
          },
        };
        return work(dying);
      }),
  };
}

describe("killed between commit and reply", () => {
  test("threat 3: a retry gets the reply that was stored, and nothing is debited twice", async () => {
    const wallet = await createWallet(world);
    const request = await wallet.request();
    const dying = world.withDatabase(dyingAfterCommit(world.database));
    await expect(wallet.send(request, dying)).rejects.toBeInstanceOf(Killed);
    expect(await recordOf(wallet)).toMatchObject({ payments: 1, balance: 987_500n });
    const reply = await wallet.send(request);
    expect(await wallet.receive(request, reply)).toMatchObject({ outcome: "paid", nextCount: 1 });
    expect(await recordOf(wallet)).toMatchObject({ payments: 1, balance: 987_500n });
    expect(await wallet.pay()).toMatchObject({ outcome: "paid", nextCount: 2 });
  });

  test("threat 6: a wrong PIN whose reply was lost counts once", async () => {
    const wallet = await createWallet(world);
    const request = await wallet.request({ pin: WRONG_PIN });
    const dying = world.withDatabase(dyingAfterCommit(world.database));
    await expect(wallet.send(request, dying)).rejects.toBeInstanceOf(Killed);
    const response = await wallet.receive(request, await wallet.send(request));
    expect(response).toMatchObject({ outcome: "wrong-pin", attemptsLeft: 4 });
    expect(await recordOf(wallet)).toMatchObject({ failures: 1 });
  });
});

describe("killed inside of the commit", () => {
  // 1 locks the payer, 2 and 3 read, 4 writes everything.
  test.each([
    [1, "before"],
    [1, "after"],
    [2, "after"],
    [3, "after"],
    [4, "before"],
    [4, "after"],
  ] as const)(
    "threat 4: at statement %i (%s it): nothing has happened, and a retry pays",
    async (fatal, when) => {
      const wallet = await createWallet(world);
      const before = await recordOf(wallet);
      const request = await wallet.request();
      const dying = world.withDatabase(dyingAt(world.database, fatal, when));
      await expect(wallet.send(request, dying)).rejects.toBeInstanceOf(Killed);
      expect(await recordOf(wallet)).toEqual(before);
      const response = await wallet.receive(request, await wallet.send(request));
      expect(response).toMatchObject({ outcome: "paid", nextCount: 1 });
      expect(await recordOf(wallet)).toMatchObject({ payments: 1, count: 1, balance: 987_500n });
    },
  );
});

test("threat 4: a server process of the database that dies under the commit leaves all or nothing", async () => {
  const wallet = await createWallet(world);
  const before = await recordOf(wallet);
  const request = await wallet.request();
  const broken = world.withDatabase({
    ...world.database,
    transaction: (work) =>
      world.database.transaction(async (tx) => {
        const result = await work(tx);
        // Ends this very connection before its commit.
        await tx.query("select pg_terminate_backend(pg_backend_pid())").catch(() => undefined);
        return result;
      }),
  });
  await expect(wallet.send(request, broken)).rejects.toThrow();
  expect(await recordOf(wallet)).toEqual(before);
  expect(await wallet.receive(request, await wallet.send(request))).toMatchObject({
    outcome: "paid",
  });
});
