/** The whole call of a customer who wants a PIN. */
import { type Call, CallError } from "./call.ts";
import { choose, identify, keyFor, type Letter, numberTold } from "./driver.ts";

/** Four digits told one by one inside of a sentence. */
const CHECK_NUMBER = /\b\d(?: … \d){3}\b/;
const NEW_WALLET = /^(?:A new wallet waits|Eine neue Geldbörse wartet)/;
/** What leads to a PIN: the menus, and the wallet's own number that is the same. */
const NEW_PIN = /^(?:For a new PIN|Für eine neue PIN|If it is the same|Ist sie gleich)/;
/** The number of payments so far, in either language. */
const PAYMENTS = /(?:so far|bisher): (\d+)\./;
/** Main menu, list of wallets, the wallet, and one more. */
const MOST_MENUS = 4;

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
 * @param checkNumber what the wallet shows. A new wallet with another one told ends the call; among several
 *   wallets of one name it finds the wallet
 * @throws {CallError} when no PIN is told, twice alike
 */
export async function hearPin(
  call: Call,
  letter: Letter,
  language: "en" | "de",
  checkNumber: string | null = null,
): Promise<PinCall> {
  await identify(call, letter, language);
  let told: string | null = null;
  let pin: string | undefined;
  for (let menus = 0; menus < MOST_MENUS && pin === undefined; menus++) {
    told = announced(call) ?? told;
    if (told !== null && checkNumber !== null && told !== checkNumber) {
      await call.hangUp();
      throw new CallError(
        `The telephone told check number ${told}, the wallet shows ${checkNumber}.`,
      );
    }
    pin = numberTold(await choose(call, nextOf(call, checkNumber)));
  }
  await call.hangUp();
  if (pin === undefined) {
    throw new CallError(`No PIN was told, or not twice alike. Heard last: ${call.heard.at(-1)}`);
  }
  const payments = call.heard.map((text) => PAYMENTS.exec(text)?.[1]).findLast(Boolean);
  return { pin, checkNumber: told, payments: payments === undefined ? null : Number(payments) };
}

/** The check number of a new wallet, if that is what the last words are about. */
function announced(call: Call): string | null {
  for (const sound of call.turn.sounds) {
    if (sound.type === "speech" && NEW_WALLET.test(sound.text)) {
      return CHECK_NUMBER.exec(sound.text)?.[0].replace(/\D/g, "") ?? null;
    }
  }
  return null;
}

/** What to choose: a new PIN, or in a list of wallets the one of this check number, or the first. */
function nextOf(call: Call, checkNumber: string | null): RegExp {
  if (keyFor(call, NEW_PIN) !== undefined) return NEW_PIN;
  const spelled = [...(checkNumber ?? "")].join(" … ");
  return checkNumber !== null && keyFor(call, new RegExp(spelled)) !== undefined
    ? new RegExp(spelled)
    : /./;
}
