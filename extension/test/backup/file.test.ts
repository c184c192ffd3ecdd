/** The backup file as bytes: what was written is read, and whatever happened to it on the way is noticed. */
import { concatBytes, toBase64url } from "@chit/protocol";
import { nodeGoodsCipher } from "@chit/protocol/node";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { inspectBackup } from "../../src/cts/backup/apply.ts";
import {
  type BackupSource,
  type Entry,
  type OpenedBackup,
  openBackup,
  writeBackup,
} from "../../src/cts/backup/file.ts";
import { readHead } from "../../src/cts/backup/head.ts";
import type { RecordJson } from "../../src/cts/backup/records.ts";
import { WALLET_LIMITS } from "../../src/cts/limits.ts";
import { seededBytes } from "../support/world.ts";

const PASSPHRASE = "four words and a comma, really";
const MIB = 1_048_576;
const random = seededBytes("backup");
const id = () => toBase64url(random(16));
/** The weakest that a reader takes, for speed. */
const kdf = { memory: WALLET_LIMITS.backupKdfMemoryLeast, passes: 1, lanes: 1 };
const deps = { randomBytes: random, cipher: nodeGoodsCipher, kdf };
const about: RecordJson = { kind: "about", createdAt: 1_800_000_000 };
const address = (name: string): RecordJson => ({
  kind: "address",
  addressId: id(),
  address: { name, lines: ["1 Quay Street"], city: "Galway", country: "IE" },
});
const goodsOf = (size: number): RecordJson => ({
  kind: "goods",
  purchaseId: id(),
  goodsId: id(),
  size,
});

async function* listed(entries: readonly Entry[]): AsyncGenerator<Entry> {
  yield* entries;
}
const nothing = () => undefined;

async function written(entries: readonly Entry[]): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of writeBackup(deps, PASSPHRASE, listed(entries), nothing)) {
    pieces.push(piece);
  }
  return concatBytes(...pieces);
}

function sourceOf(file: Uint8Array, pieceBytes = 100_000): BackupSource {
  return {
    front: async (most) => file.subarray(0, most),
    async *from(offset) {
      for (let at = offset; at < file.length; at += pieceBytes) {
        yield file.subarray(at, at + pieceBytes);
      }
    },
  };
}

const opened = (file: Uint8Array, passphrase = PASSPHRASE) =>
  openBackup(nodeGoodsCipher, sourceOf(file), passphrase, nothing);

/** Everything in a file, runs joined. */
async function contents(backup: OpenedBackup): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const entry of backup.entries()) {
    if ("record" in entry) {
      found.push(entry.record);
      continue;
    }
    const runs: Uint8Array[] = [];
    for await (const run of entry.runs) runs.push(run);
    found.push(entry.goods, concatBytes(...runs));
  }
  return found;
}

test("whatever was written is read again, in pieces of any size, with goods of any size", async () => {
  const size = fc.oneof(fc.nat(300), fc.constantFrom(0, 65_531, 65_536, 200_000, MIB));
  const name = fc.stringMatching(/^[A-Za-zÄÖÜ][a-zäöü ]{0,30}[a-z]$/);
  await fc.assert(
    fc.asyncProperty(
      fc.array(name, { maxLength: 4 }),
      fc.array(size, { maxLength: 3 }),
      fc.integer({ min: 1, max: 90_000 }),
      async (names, sizes, pieceBytes) => {
        const records = names.map(address);
        const goods = sizes.map((one) => ({ record: goodsOf(one), run: random(one) }));
        const entries: Entry[] = [about, ...records].map((record) => ({ record }));
        for (const { record, run } of goods) {
          entries.push({ record });
          if (run.length > 0) entries.push({ run });
        }
        const file = await written(entries);
        const source = sourceOf(file, Math.max(pieceBytes, Math.ceil(file.length / 2_000)));
        const backup = await openBackup(nodeGoodsCipher, source, PASSPHRASE, nothing);
        const expected = [about, ...records, ...goods.flatMap(({ record, run }) => [record, run])];
        expect(await contents(backup)).toEqual(expected);
        // As often as asked.
        expect((await inspectBackup(backup)).goods).toBe(goods.length);
      },
    ),
    { numRuns: 6 },
  );
});

describe("a file that something happened to", () => {
  let file: Uint8Array;
  let headLength: number;
  beforeAll(async () => {
    file = await written([
      { record: about },
      { record: address("A") },
      { record: goodsOf(40) },
      { run: random(40) },
    ]);
    headLength = readHead(file).length;
  });

  test("a flipped bit anywhere in the head is noticed, without the passphrase", () => {
    for (let at = 0; at < headLength; at++) {
      const changed = Uint8Array.from(file);
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      const code = at < 12 ? "backup-unknown" : "backup-damaged";
      expect(() => readHead(changed), `byte ${at}`).toThrow(expect.objectContaining({ code }));
    }
  });

  test("a flipped bit anywhere behind the head is noticed", async () => {
    const changing = Uint8Array.from(file);
    const backup = await opened(changing);
    for (let at = headLength; at < file.length; at++) {
      changing.set(file);
      changing[at] = (changing[at] as number) ^ (1 << (at % 8));
      await expect(inspectBackup(backup), `byte ${at}`).rejects.toMatchObject({
        code: "backup-damaged",
      });
    }
    changing.set(file);
    await inspectBackup(backup);
  });

  test("a file that ends too early is noticed, wherever it ends", async () => {
    for (let length = 12; length < headLength; length++) {
      expect(() => readHead(file.subarray(0, length)), `${length} bytes`).toThrow(
        expect.objectContaining({ code: "backup-damaged" }),
      );
    }
    let end = file.length;
    const source: BackupSource = {
      front: async (most) => file.subarray(0, most),
      async *from(offset) {
        yield file.subarray(offset, end);
      },
    };
    const backup = await openBackup(nodeGoodsCipher, source, PASSPHRASE, nothing);
    for (end = headLength; end < file.length; end++) {
      await expect(inspectBackup(backup), `${end} bytes`).rejects.toMatchObject({
        code: "backup-damaged",
      });
    }
  });

  test("bytes behind the end are noticed", async () => {
    const longer = concatBytes(file, Uint8Array.of(0));
    await expect(inspectBackup(await opened(longer))).rejects.toMatchObject({
      code: "backup-damaged",
    });
  });

  test("another passphrase is told as such, before anything of the rest is read", async () => {
    const source: BackupSource = {
      ...sourceOf(file),
      from: () => {
        throw new Error("read on");
      },
    };
    await expect(
      openBackup(nodeGoodsCipher, source, "four words and a comma", nothing),
    ).rejects.toMatchObject({ code: "backup-passphrase" });
  });

  test("a file that is something else, or nothing, is no backup", async () => {
    for (const other of [new Uint8Array(), random(5), random(5_000), file.subarray(1)]) {
      await expect(opened(other)).rejects.toMatchObject({ code: "backup-unknown" });
    }
  });
});

test("whole chunks that changed places, or that are missing, are noticed", async () => {
  const file = await written([{ record: about }, { record: goodsOf(MIB) }, { run: random(MIB) }]);
  const { length } = readHead(file);
  const chunk = 65_536 + 16;
  const part = (index: number) =>
    file.subarray(length + index * chunk, length + (index + 1) * chunk);
  const head = file.subarray(0, length);
  const rest = file.subarray(length + 2 * chunk);
  for (const changed of [
    concatBytes(head, part(1), part(0), rest),
    concatBytes(head, part(0), rest),
    concatBytes(head, part(0), part(0), rest),
    concatBytes(head, part(0), part(1)),
  ]) {
    await expect(inspectBackup(await opened(changed))).rejects.toMatchObject({
      code: "backup-damaged",
    });
  }
});

const forged = (record: object) => ({ record: record as RecordJson });
const REFUSED: Record<string, Entry[]> = {
  "with an unknown field": [forged({ ...about, modifier: "AAAA" })],
  "of an unknown kind": [{ record: about }, forged({ kind: "device", count: 3 })],
  "with more than its fields": [
    { record: about },
    forged({ kind: "settings", keepGoods: true, openWindow: true, pin: "1" }),
  ],
  "without the first one": [{ record: address("A") }],
  "with the first one twice": [{ record: about }, { record: about }],
  "with goods of nobody": [{ record: about }, { run: random(5) }],
  "with more goods than announced": [
    { record: about },
    { record: goodsOf(10) },
    { run: random(11) },
  ],
  "with less goods than announced": [
    { record: about },
    { record: goodsOf(10) },
    { run: random(9) },
  ],
  "with a record among goods": [
    { record: about },
    { record: goodsOf(10) },
    { record: address("A") },
  ],
  "without any": [],
};
test.each(Object.entries(REFUSED))("records %s are refused", async (_, entries) => {
  const file = await written(entries);
  await expect(inspectBackup(await opened(file))).rejects.toMatchObject({
    code: "backup-damaged",
  });
});

test("a record or run beyond its bound is refused before it is gathered", async () => {
  const file = await written([{ record: about }, { run: new Uint8Array(MIB + 1) }]);
  await expect(inspectBackup(await opened(file))).rejects.toMatchObject({ code: "backup-damaged" });
});

test("goods much larger than what is held pass through: writer and reader stay close together", async () => {
  const size = 96 * MIB;
  let made = 0;
  let mostAhead = 0;
  let read = 0;
  async function* entries(): AsyncGenerator<Entry> {
    yield { record: about };
    yield { record: goodsOf(size) };
    for (; made < size; made += MIB) {
      mostAhead = Math.max(mostAhead, made - read);
      yield { run: new Uint8Array(MIB) };
    }
  }
  const pieces = writeBackup(deps, PASSPHRASE, entries(), nothing);
  const { value: head } = await pieces.next();
  const source: BackupSource = { front: async () => head as Uint8Array, from: () => pieces };
  const backup = await openBackup(nodeGoodsCipher, source, PASSPHRASE, nothing);
  for await (const entry of backup.entries()) {
    if (!("goods" in entry)) continue;
    for await (const run of entry.runs) read += run.length;
  }
  expect(read).toBe(size);
  expect(mostAhead).toBeLessThanOrEqual(3 * MIB);
});
