import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Chore, doChores, type Occasion } from "../../src/chores/chores.ts";
import { keepHouse } from "../../src/chores/keep-house.ts";
import { openDatabase } from "../../src/store/database.ts";
import { createTestDatabase, databaseUrl, type TestDatabase } from "../support/database.ts";

let store: TestDatabase;
let now = 1_800_000_000;
let failures: [string, unknown][];
beforeAll(async () => {
  store = await createTestDatabase();
});
beforeEach(async () => {
  failures = [];
  now += 1_000;
  await store.database.query("delete from chores");
});
afterAll(() => store.drop());

const deps = () => ({
  database: store.database,
  platform: { nowSeconds: () => now },
  onFailure: (chore: string, error: unknown) => void failures.push([chore, error]),
});
const never = new AbortController().signal;
const due: Occasion = { due: 10 };

/** A chore that waits until it is let go on. */
function gatedChore(name: string) {
  const begun = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  let runs = 0;
  const chore: Chore = {
    name,
    async run() {
      runs += 1;
      begun.resolve();
      await gate.promise;
    },
  };
  return { chore, begun: begun.promise, open: gate.resolve, runs: () => runs };
}

describe("chores", () => {
  test("are done in their order, and one that fails keeps back no other", async () => {
    const order: string[] = [];
    const error = new Error("broken");
    const chores: Chore[] = [
      { name: "a", run: async () => order.push("a") },
      { name: "b", run: () => Promise.reject(error) },
      { name: "c", run: async () => order.push("c") },
    ];
    expect(await doChores(deps(), chores, due, never)).toEqual(["a", "c"]);
    expect(order).toEqual(["a", "c"]);
    expect(failures).toEqual([["b", error]]);
    expect(await store.database.query("select name, ended_at from chores order by name")).toEqual([
      { name: "a", ended_at: BigInt(now) },
      { name: "b", ended_at: null },
      { name: "c", ended_at: BigInt(now) },
    ]);
  });

  test("are done by one process at a time", async () => {
    const elsewhere = openDatabase(databaseUrl(store.name), () => undefined);
    const { chore, begun, open, runs } = gatedChore("a");
    const first = doChores({ ...deps(), database: elsewhere }, [chore], due, never);
    await begun;
    now += 100;
    expect(await doChores(deps(), [chore], due, never)).toEqual([]);
    const inTurn = doChores(deps(), [chore], "now", never);
    open();
    expect(await first).toEqual(["a"]);
    expect(await inTurn).toEqual(["a"]);
    expect(runs()).toBe(2);
    await elsewhere.close();
  });

  test("that were begun not long ago are not due, and are done when somebody asks", async () => {
    let runs = 0;
    const chores: Chore[] = [{ name: "a", run: async () => ++runs }];
    await doChores(deps(), chores, due, never);
    now += 9;
    expect(await doChores(deps(), chores, due, never)).toEqual([]);
    expect(await doChores(deps(), chores, "now", never)).toEqual(["a"]);
    now += 10;
    expect(await doChores(deps(), chores, due, never)).toEqual(["a"]);
    expect(runs).toBe(3);
  });

  test("of a process whose connection breaks are done by another", async () => {
    const { chore, begun, open } = gatedChore("a");
    const elsewhere = openDatabase(databaseUrl(store.name), () => undefined);
    const broken = doChores({ ...deps(), database: elsewhere }, [chore], due, never);
    await begun;
    await store.database.query(
      `select pg_terminate_backend(pid) from pg_locks
       where locktype = 'advisory' and database = (select oid from pg_database where datname = $1)`,
      [store.name],
    );
    now += 100;
    const mine: Chore = { name: "a", run: async () => undefined };
    await expect.poll(() => doChores(deps(), [mine], due, never)).toEqual(["a"]);
    open();
    await expect(broken).rejects.toThrow();
    await elsewhere.close();
  });
});

describe("a server's chores", () => {
  /** Turns come when a test says so. */
  function house(chores: readonly Chore[]) {
    let turn: () => void = () => undefined;
    let stopped = false;
    const kept = keepHouse({
      deps: deps(),
      chores,
      every: (_milliseconds, work) => {
        turn = work;
        return () => {
          stopped = true;
        };
      },
      everyMilliseconds: 20_000,
    });
    return { ...kept, turn: () => turn(), stopped: () => stopped };
  }

  test("are done each turn; a turn that comes during another is left out", async () => {
    const { chore, begun, open, runs } = gatedChore("a");
    const { turn, doNow, stop } = house([chore]);
    turn();
    await begun;
    now += 100;
    turn();
    open();
    await doNow();
    expect(runs()).toBe(2);
    await stop();
  });

  test("tell whoever asked of a failure", async () => {
    const error = new Error("broken");
    const { doNow, stop } = house([{ name: "a", run: () => Promise.reject(error) }]);
    await expect(doNow()).rejects.toBe(error);
    expect(failures).toEqual([["a", error]]);
    await stop();
  });

  test("stop when the server drains: what is under way is told, and nothing else is begun", async () => {
    let second = 0;
    const begun = Promise.withResolvers<void>();
    const { turn, stop, stopped, doNow } = house([
      {
        name: "a",
        run: (signal) =>
          new Promise<void>((resolve) => {
            signal.addEventListener("abort", () => resolve());
            begun.resolve();
          }),
      },
      { name: "b", run: async () => ++second },
    ]);
    turn();
    await begun.promise;
    await stop();
    expect(stopped()).toBe(true);
    await doNow();
    expect(second).toBe(0);
    expect(await store.database.query("select name, ended_at from chores")).toEqual([
      { name: "a", ended_at: null },
    ]);
  });
});
