/** Everything that is stored, as text to search through. Bytes become one character each. */

import type { TpsDeps } from "@chit/tps-server";
import type { Page } from "@playwright/test";

/** All records of all databases of the wallet. */
export function walletText(walletPage: Page): Promise<string> {
  return walletPage.evaluate(async () => {
    const texts: string[] = [];
    const read = (value: unknown): void => {
      if (value instanceof Uint8Array) {
        for (let at = 0; at < value.length; at += 8_192) {
          texts.push(String.fromCharCode(...value.subarray(at, at + 8_192)));
        }
      } else if (typeof value === "object" && value !== null) {
        for (const member of Object.values(value)) read(member);
      } else texts.push(String(value));
    };
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    for (const { name } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name ?? ""));
      for (const store of database.objectStoreNames) {
        read(await done(database.transaction(store).objectStore(store).getAll()));
      }
      database.close();
    }
    return texts.join("\n");
  });
}

/** All rows of all tables of the TPS. */
export async function databaseText(database: TpsDeps["database"]): Promise<string> {
  const tables = await database.query<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = 'public'",
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    for (const row of await database.query<Record<string, unknown>>(`select * from "${name}"`)) {
      for (const value of Object.values(row)) {
        if (Buffer.isBuffer(value)) texts.push(value.toString("latin1"));
        else if (typeof value === "object") texts.push(JSON.stringify(value));
        else texts.push(String(value));
      }
    }
  }
  return texts.join("\n");
}
