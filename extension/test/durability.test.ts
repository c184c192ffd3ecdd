import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createWorld, offered, pay, reached, type World, withAccount } from "./support/world.ts";

let world: World;

beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.stop());

test("threat 2: every write of an activation and of a whole purchase waits for the medium (durability strict)", async () => {
  const original = IDBDatabase.prototype.transaction;
  const written: { stores: string[]; durability: unknown }[] = [];
  vi.spyOn(IDBDatabase.prototype, "transaction").mockImplementation(function (
    this: IDBDatabase,
    stores,
    mode,
    options,
  ) {
    if (mode === "readwrite") {
      const durability = (options as { durability?: unknown } | undefined)?.durability;
      written.push({ stores: [stores].flat() as string[], durability });
    }
    return original.call(this, stores, mode, options);
  });
  const life = await world.start();
  await withAccount(world, life);
  const purchase = await offered(world, life);
  await pay(life, purchase);
  await reached(life, purchase, "complete");

  const stores = new Set(written.flatMap((one) => one.stores));
  for (const store of ["accounts", "purchases", "deviceKeys"]) expect(stores).toContain(store);
  expect(written.filter(({ durability }) => durability !== "strict")).toEqual([]);
});
