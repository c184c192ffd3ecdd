/** The real TPS on the real database, dying and starting again as the course says; and its telephone. */

import { nodeCrypto } from "@chit/protocol/node";
import {
  createLog,
  fundAccount,
  initialiseIssuer,
  linkDevice,
  type OpenedAccount,
  openAccount,
  rotateKey,
  setAccountStatus,
  type TpsDeps,
} from "@chit/tps-server";
import {
  createApp,
  createDecoy,
  createVault,
  type Database,
  keepKeyRing,
  type PaymentDeps,
  type Queryable,
  setPin,
} from "@chit/tps-server/core";
import type { Bytes } from "./chance.ts";
import type { Answer, Letter, Server, TpsDeath } from "./post.ts";
import type { CourseDatabase } from "./postgres.ts";

export const ISSUER = "https://tps.example";

class Died extends Error {}

/** The operator's side of everything. */
export class Tps implements Server {
  readonly deps: TpsDeps;
  readonly #vru: Database;
  #running: { deps: PaymentDeps; app: ReturnType<typeof createApp> } | undefined;
  #death: TpsDeath | undefined;

  private constructor(database: CourseDatabase, bytes: Bytes, clock: () => number) {
    this.#vru = database.vru;
    this.deps = {
      database: this.#mortal(database.tps),
      crypto: nodeCrypto(bytes),
      platform: { nowSeconds: clock, randomBytes: bytes },
      masterVault: createVault("master", [bytes(32)], bytes),
      pinVault: createVault("pin", [bytes(32)], bytes),
      operatorName: "simulation",
    };
  }

  static async start(database: CourseDatabase, bytes: Bytes, clock: () => number): Promise<Tps> {
    const tps = new Tps(database, bytes, clock);
    await initialiseIssuer(tps.deps, {
      origin: ISSUER,
      operator: "Example Pay",
      telephone: "+49 30 123456",
      currency: "EUR",
      scale: 4,
    });
    await tps.restart();
    return tps;
  }

  /** Another process on the same database. */
  async restart(): Promise<void> {
    await this.#running?.app.close();
    const deps = {
      ...this.deps,
      keyRings: await keepKeyRing(this.deps),
      decoy: createDecoy(this.deps),
    };
    this.#running = { deps, app: createApp(deps, createLog("silent")) };
  }

  async stop(): Promise<void> {
    await this.#running?.app.close();
  }

  async answer(letter: Letter, death?: TpsDeath): Promise<Answer> {
    this.#death = death;
    const reply = await this.#now.app.inject({
      method: letter.method as "GET" | "POST",
      url: new URL(letter.url).pathname,
      ...(letter.body === undefined ? {} : { payload: Buffer.from(letter.body) }),
    });
    this.#death = undefined;
    if (death !== undefined) await this.restart();
    return { status: reply.statusCode, body: new Uint8Array(reply.rawPayload) };
  }

  /** What the running server does by itself every half minute. */
  async tend(): Promise<void> {
    await this.#now.deps.keyRings.reload();
  }

  /** The root key and the list that wallets and shops get. */
  get keys(): { rootKey: Uint8Array; keyList: string } {
    const { rootKey, keyList } = this.#now.deps.keyRings.current();
    return { rootKey, keyList: keyList.document };
  }

  openAccount(): Promise<OpenedAccount> {
    return openAccount(this.deps);
  }

  link(accountId: string): Promise<string> {
    return linkDevice(this.deps, accountId);
  }

  async fund(accountId: string, amount: bigint, reference: string): Promise<void> {
    await fundAccount(this.deps, accountId, amount, reference);
  }

  async hold(accountId: string, held: boolean): Promise<void> {
    await setAccountStatus(this.deps, accountId, held ? "held" : "active");
  }

  async rotate(purpose: "signing" | "sealing", leadSeconds: number): Promise<void> {
    await rotateKey(this.deps, purpose, leadSeconds);
    await this.tend();
  }

  /** The telephone service knows who calls and sets a PIN, in its own role. Undefined: no such active device. */
  setPin(accountId: string, deviceId: string, pin: string) {
    return this.#vru.transaction((tx) =>
      setPin(tx, this.deps.pinVault, { accountId, deviceId }, pin),
    );
  }

  get #now() {
    if (this.#running === undefined) throw new Error("The TPS does not run.");
    return this.#running;
  }

  /** The database as a process sees it that may die over it. */
  #mortal(database: Database): Database {
    const transaction: Database["transaction"] = async (work) => {
      const death = this.#death;
      this.#death = undefined;
      if (death === undefined) return database.transaction(work);
      const result = await database.transaction(async (tx) => {
        const worked = await work(death === "tps-dies-early" ? dyingAt(tx, 1) : tx);
        if (death === "tps-dies-late") throw new Died();
        if (death === "tps-connection-ends") {
          await tx.query("select pg_terminate_backend(pg_backend_pid())").catch(() => undefined);
        }
        return worked;
      });
      if (death === "tps-dies-after-commit") throw new Died();
      return result;
    };
    return { ...database, transaction };
  }
}

/** The process dies right after the statement of this number. */
function dyingAt(tx: Queryable, fatal: number): Queryable {
  let statement = 0;
  return {
    async query(sql, values) {
      const rows = await tx.query(sql, values);
      statement += 1;
      if (statement === fatal) throw new Died();
      return rows as never;
    },
  };
}
