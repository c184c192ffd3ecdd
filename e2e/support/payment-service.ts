/** A TPS with its VRU and a carrier, as one shopper's operator runs them; everything real, on free ports. */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Call, type Carrier, placeCall } from "@chit/demo";
import {
  fundAccount,
  type OpenedAccount,
  openAccount,
  type RunningTps,
  startTps,
} from "@chit/tps-server";
import { type RunningVru, startVru } from "@chit/tps-server/vru";

/** Units of one euro at the TPS's scale of 4 decimals. */
export const EURO = 10_000n;

/** What a shopper got from the operator. */
export interface Shopper extends OpenedAccount {
  /** Telephones for a (new) PIN, presses the keys that are asked for, and tells the PIN. */
  telephoneForPin(): Promise<string>;
}

export interface PaymentService {
  readonly tps: RunningTps;
  readonly vru: RunningVru;
  readonly dataDir: string;
  /** Opens an account with this many euros in it. */
  openShopper(euros?: bigint): Promise<Shopper>;
  call(): Promise<Call>;
  close(): Promise<void>;
}

export async function startPaymentService(): Promise<PaymentService> {
  const dataDir = await mkdtemp(join(tmpdir(), "chit-e2e-tps-"));
  const tps = await startTps({ dataDir, port: 0, logLevel: "silent", issuer: {} });
  const webhookToken = randomUUID();
  const vru = await startVru({ dataDir, port: 0, webhookToken, logLevel: "silent" });
  const carrier: Carrier = {
    fetch,
    voiceUrl: vru.callsUrl,
    statusUrl: vru.callsUrl,
    authToken: webhookToken,
    newCallId: () => `CA${randomUUID().replaceAll("-", "")}`,
  };
  const call = () => placeCall(carrier);
  return {
    tps,
    vru,
    dataDir,
    call,
    async openShopper(euros = 25n) {
      const account = await openAccount(tps.deps);
      if (euros > 0n) {
        await fundAccount(tps.deps, account.accountId, euros * EURO, "first");
      }
      return { ...account, telephoneForPin: () => telephoneForPin(call, account) };
    },
    async close() {
      await vru.close();
      await tps.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function telephoneForPin(
  placeCallNow: () => Promise<Call>,
  account: Pick<OpenedAccount, "telephoneId" | "telephonePasscode">,
): Promise<string> {
  const call = await placeCallNow();
  const press = async (keys: string) => {
    for (const key of keys) await call.press(key);
  };
  await press("1"); // English
  await press(account.telephoneId);
  await press(account.telephonePasscode);
  await press("1"); // the check number is the same, or: a new PIN
  const spoken = call.turn.sounds.map((sound) => (sound.type === "speech" ? sound.text : " "));
  const digits =
    spoken
      .join(" ")
      .replace(/^.*?PIN is:?/s, "")
      .match(/[0-9]/g) ?? [];
  await call.hangUp();
  if (digits.length < 12) throw new Error(`No PIN was said: ${spoken.join(" ")}`);
  const pin = digits.slice(0, 6).join("");
  if (digits.slice(6, 12).join("") !== pin) throw new Error("The PIN was not said twice alike.");
  return pin;
}
