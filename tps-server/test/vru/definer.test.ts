import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../src/store/database.ts";
import { createWorld, type World } from "./support/world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

describe("functions that read for the VRU's role with their owner's rights", () => {
  it("run nothing of the role's own: a temporary type does not take the place of one that they name", async () => {
    const { accountId } = await world.openAccount();
    const asVru = openDatabase(world.vruDatabaseUrl, () => undefined);
    try {
      await asVru.query(
        "insert into vru_log (at, call_id, account_id, event) values (1, 'a call', $1, 'caller-known')",
        [accountId],
      );
      await asVru.transaction(async (tx) => {
        await tx.query(
          `create function pg_temp.take(pg_catalog.text) returns boolean language plpgsql as $$
           begin
             update public.accounts set balance = 999999;
             return true;
           end $$`,
        );
        await tx.query(
          `create domain pg_temp.text as pg_catalog.text
           check (value is null or pg_temp.take(value))`,
        );
        await tx.query("select public.vru_balance('a call', 1)");
        await tx.query("select * from public.vru_payments('a call', 1)");
      });
    } finally {
      await asVru.close();
    }
    const balance = "select balance from accounts where account_id = $1";
    expect(await world.database.query(balance, [accountId])).toEqual([{ balance: 0n }]);
  });

  it("all look for names in the system's schema first, in a temporary one last", async () => {
    const functions = await world.database.query<{ name: string; path: string }>(
      `select proname as name, array_to_string(proconfig, '; ') as path
       from pg_proc where prosecdef and pronamespace = 'public'::regnamespace order by proname`,
    );
    const path = "search_path=pg_catalog, pg_temp";
    expect(functions).toEqual([
      { name: "vru_balance", path },
      { name: "vru_payments", path },
      { name: "vru_reading", path },
    ]);
  });
});
