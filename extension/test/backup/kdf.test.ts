/** What a passphrase becomes, against another implementation of RFC 9106: that of the runtime which runs this test. */
import { argon2Sync } from "node:crypto";
import { expect, test } from "vitest";
import { deriveSecret } from "../../src/cts/backup/kdf.ts";
import { seededBytes } from "../support/world.ts";

const salt = seededBytes("salt")(16);

test.each([
  { memory: 19_456, passes: 1, lanes: 1 },
  { memory: 20_480, passes: 2, lanes: 3 },
])("it is Argon2id of the passphrase: $memory KiB, $passes passes, $lanes lanes", async (cost) => {
  const secret = await deriveSecret("  Grün  und Lila ", { ...cost, salt }, () => undefined);
  const { memory, passes, lanes: parallelism } = cost;
  const others = { message: "Grün und Lila", nonce: salt, memory, passes, parallelism };
  expect(Buffer.from(secret)).toEqual(argon2Sync("argon2id", { ...others, tagLength: 32 }));
});
