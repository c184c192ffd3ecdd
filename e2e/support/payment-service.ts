/** A TPS with its VRU and a carrier, as one shopper's operator runs them; everything real, on free ports. */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Call, type Carrier, hearPin, identify, type PinCall, placeCall } from "@chit/demo";
import {
  type AccountOverview,
  createLog,
  fundAccount,
  type OpenedAccount,
  openAccount,
  type RunningTps,
  showAccount,
  startTps,
} from "@chit/tps-server";
import { startVru } from "@chit/tps-server/vru";
import { type Line, openLine } from "./line.ts";

/** Units of one euro at the TPS's scale of 4 decimals. */
const EURO = 10_000n;
export const OPERATOR = "Chit Test Bank";
export const TELEPHONE = "+49 30 23125 0000"; // of the numbers kept free for films and stories

/** What a shopper got from the operator. */
export interface Shopper extends OpenedAccount {
  /** Telephones for a (new) PIN, presses the keys that are asked for, and tells what was said. */
  telephone(): Promise<PinCall>;
  /** Telephones, and keys in who calls: at the main menu, in English. */
  call(): Promise<Call>;
  /** Pays in so many euros. */
  fund(euros: bigint): Promise<void>;
  /** The account as the ledger has it. */
  ledger(): Promise<AccountOverview>;
}

export interface PaymentService {
  readonly tps: RunningTps;
  /** Everything that goes to the TPS goes over it. */
  readonly line: Line;
  readonly log: readonly string[];
  /** Where the TPS keeps its keys and its database. */
  readonly dataDir: string;
  /** Opens an account with this many euros in it. */
  openShopper(euros?: bigint): Promise<Shopper>;
  /** Stops the TPS and starts it again on the same data. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function startPaymentService(): Promise<PaymentService> {
  const dataDir = await mkdtemp(join(tmpdir(), "chit-e2e-tps-"));
  const line = await openLine();
  const log: string[] = [];
  const running = createLog("debug", { write: (entry) => void log.push(entry) });
  const issuer = {
    origin: `http://localhost:${line.port}`,
    operator: OPERATOR,
    telephone: TELEPHONE,
  };
  let tps = await startTps({ dataDir, port: 0, log: running, issuer });
  line.connect(tps.address);
  const carrier = await startTelephone(dataDir, running);
  return {
    get tps() {
      return tps;
    },
    line,
    log,
    dataDir,
    async openShopper(euros = 25n) {
      const account = await openAccount(tps.deps);
      const { accountId, telephoneId, telephonePasscode } = account;
      const letter = { telephoneId, passcode: telephonePasscode };
      const shopper: Shopper = {
        ...account,
        telephone: async () => hearPin(await placeCall(carrier.carrier), letter, "en"),
        async call() {
          const call = await placeCall(carrier.carrier);
          await identify(call, letter, "en");
          return call;
        },
        async fund(amount) {
          await fundAccount(tps.deps, accountId, amount * EURO, randomUUID());
        },
        ledger: () => showAccount(tps.deps, accountId),
      };
      if (euros > 0n) await shopper.fund(euros);
      return shopper;
    },
    async restart() {
      await carrier.close();
      await tps.close();
      tps = await startTps({ dataDir, port: 0, log: running });
      line.connect(tps.address);
      Object.assign(carrier, await startTelephone(dataDir, running));
    },
    async close() {
      await carrier.close();
      await tps.close();
      await line.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The VRU, and a carrier that is connected with it. */
async function startTelephone(dataDir: string, log: ReturnType<typeof createLog>) {
  const webhookToken = randomUUID();
  const vru = await startVru({ dataDir, port: 0, webhookToken, log });
  const carrier: Carrier = {
    fetch,
    voiceUrl: vru.callsUrl,
    statusUrl: vru.callsUrl,
    authToken: webhookToken,
    newCallId: () => `CA${randomUUID().replaceAll("-", "")}`,
  };
  return { carrier, close: () => vru.close() };
}
