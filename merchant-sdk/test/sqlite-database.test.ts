import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { sqliteOf } from "../src/mts/sqlite-database.ts";
import { temporaryDirectory } from "./temporary.ts";

/** A database whose groups are written when the test says so, with a second connection that sees what is committed. */
function open() {
  const path = join(temporaryDirectory(), "group.db");
  const connection = new DatabaseSync(path);
  connection.exec("PRAGMA journal_mode = WAL; CREATE TABLE notes (id INTEGER PRIMARY KEY) STRICT");
  const observer = new DatabaseSync(path);
  const due: (() => void)[] = [];
  const sqlite = sqliteOf(connection, (work) => due.push(work));
  onTestFinished(() => observer.close());
  return {
    sqlite,
    due,
    note: (id: number) => sqlite.together(() => sqlite.run("INSERT INTO notes VALUES (?)", id)),
    write() {
      for (const work of due.splice(0)) work();
    },
    committed: () =>
      observer
        .prepare("SELECT id FROM notes ORDER BY id")
        .all()
        .map((row) => Number(row.id)),
  };
}

/** Whether a promise is settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = () => {
    settled = true;
  };
  promise.then(note, note);
  await new Promise(setImmediate);
  return settled;
}

test("what comes at the same moment is one transaction, and answered only when it is durable", async () => {
  const { sqlite, note, write, committed, due } = open();
  const writes = [note(1), note(2), note(3)];
  expect(due).toHaveLength(1);
  expect(await Promise.all(writes.map(isSettled))).toEqual([false, false, false]);
  expect(committed()).toEqual([]);
  write();
  await Promise.all(writes);
  expect(committed()).toEqual([1, 2, 3]);
  sqlite.close();
});

test("one that fails takes nothing of the others with it", async () => {
  const { sqlite, note, write, committed } = open();
  const writes = [note(1), note(1), note(2)];
  const halfway = sqlite.together(() => {
    sqlite.run("INSERT INTO notes VALUES (7)");
    throw new RangeError("no");
  });
  const settled = Promise.allSettled([...writes, halfway]);
  write();
  const states = (await settled).map(({ status }) => status);
  expect(states).toEqual(["fulfilled", "rejected", "fulfilled", "rejected"]);
  expect(committed()).toEqual([1, 2]);
  sqlite.close();
});

test("when the transaction cannot be kept nobody is told that it was", async () => {
  const { sqlite, note, write, committed } = open();
  const broken = sqlite.together(() => sqlite.run("ROLLBACK"));
  const settled = Promise.allSettled([note(1), broken, note(2)]);
  write();
  expect((await settled).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(committed()).toEqual([]);
  const later = note(3);
  write();
  await later;
  expect(committed()).toEqual([3]);
  sqlite.close();
});

test("when the disk is full all of the group hear of it, and what comes later is written", async () => {
  const { sqlite, note, write, committed } = open();
  sqlite.run("CREATE TABLE files (body BLOB) STRICT");
  sqlite.all("PRAGMA max_page_count = 20");
  const large = sqlite.together(() =>
    sqlite.run("INSERT INTO files VALUES (?)", new Uint8Array(1_000_000)),
  );
  const settled = Promise.allSettled([note(1), large, note(2)]);
  write();
  for (const one of await settled) {
    expect(one).toMatchObject({
      status: "rejected",
      reason: { errstr: "database or disk is full" },
    });
  }
  expect(committed()).toEqual([]);
  const later = note(3);
  write();
  await later;
  expect(committed()).toEqual([3]);
  sqlite.close();
});

test("closing writes what waits", async () => {
  const { sqlite, note, write, committed } = open();
  const waits = note(1);
  sqlite.close();
  await waits;
  expect(committed()).toEqual([1]);
  expect(write).not.toThrow();
});
