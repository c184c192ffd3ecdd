/** Heads of files that somebody else made. */
import { concatBytes, LABELS, labelledHash, messageBytes, toBase64url } from "@chit/protocol";
import { expect, test } from "vitest";
import { readHead } from "../../src/cts/backup/head.ts";

/** A head with everything right but the header. */
function headWith(header: object): Uint8Array {
  const json = messageBytes(header);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, json.length);
  const first = concatBytes(new TextEncoder().encode("chit-backup\n"), length, json);
  const check = new Uint8Array(32);
  return concatBytes(first, check, labelledHash(LABELS.backupHead, first, check));
}
const header = { v: 1, type: "backup" };
const honest = {
  name: "argon2id",
  memory: 65_536,
  passes: 3,
  lanes: 4,
  salt: toBase64url(new Uint8Array(16)),
};

test("a head as it should be is taken; of a later version it is told as such", () => {
  expect(readHead(headWith({ ...header, kdf: honest })).kdf).toMatchObject({ memory: 65_536 });
  const newer = headWith({ v: 2, type: "backup", kdf: { name: "balloon" } });
  expect(() => readHead(newer)).toThrow(expect.objectContaining({ code: "backup-newer" }));
});

test("parameters that would exhaust memory or patience, or are weak, are refused before any work", () => {
  for (const change of [
    { memory: 4_194_304 },
    { memory: 1_024 },
    { memory: -1 },
    { passes: 1_000_000 },
    { passes: 0 },
    { lanes: 1_000 },
    { name: "none" },
    { salt: "AAAA" },
    { extra: true },
  ]) {
    const hostile = headWith({ ...header, kdf: { ...honest, ...change } });
    expect(() => readHead(hostile), JSON.stringify(change)).toThrow(
      expect.objectContaining({ code: "backup-damaged" }),
    );
  }
});
