/** The whole call of a customer who wants a PIN, without a page: for the demonstration's driver and for tests. */
import { type Call, CallError } from "./call.ts";

/** Digits told one by one. */
const SPELLED = /^\d( … \d)+$/;
/** Four of them inside of a sentence. */
const CHECK_NUMBER = /\b\d(?: … \d){3}\b/;

/** The number of payments so far, in either language. */
const PAYMENTS = /(?:so far|bisher): (\d+)\./;

export interface PinCall {
  readonly pin: string;
  /** The wallet's transaction count as the voice told it; null for a wallet that never paid. */
  readonly payments: number | null;
  /** The device's check number as the voice told it; null when no new wallet was announced. */
  readonly checkNumber: string | null;
}

/**
 * Chooses a language, keys in id and passcode, answers the menus, and listens.
 *
 * @param checkNumber what the wallet shows; another one told ends the call
 * @throws {CallError} when no PIN is told, twice alike
 */
export async function hearPin(
  call: Call,
  keys: { readonly telephoneId: string; readonly passcode: string },
  language: "en" | "de",
  checkNumber: string | null = null,
): Promise<PinCall> {
  await pressAll(call, language === "en" ? "1" : "2");
  await pressAll(call, keys.telephoneId);
  await pressAll(call, keys.passcode);
  const announced = call.heard.map((text) => CHECK_NUMBER.exec(text)?.[0]).findLast(Boolean);
  const told = announced?.replace(/\D/g, "") ?? null;
  if (checkNumber !== null && told !== checkNumber) {
    await call.hangUp();
    throw new CallError(
      `The telephone told check number ${told}, the wallet shows ${checkNumber}.`,
    );
  }
  await pressAll(call, "1");
  const spelled = call.heard
    .filter((text) => SPELLED.test(text))
    .map((text) => text.replace(/\D/g, ""));
  await call.hangUp();
  const [pin, again] = spelled;
  if (pin === undefined || pin !== again) {
    throw new CallError(`No PIN was told, or not twice alike. Heard last: ${call.heard.at(-1)}`);
  }
  const payments = call.heard.map((text) => PAYMENTS.exec(text)?.[1]).findLast(Boolean);
  return { pin, checkNumber: told, payments: payments === undefined ? null : Number(payments) };
}

async function pressAll(call: Call, keys: string): Promise<void> {
  for (const key of keys) await call.press(key);
}
