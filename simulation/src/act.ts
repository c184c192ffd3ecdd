/** Makes a step of a course happen. A step for which there is nothing to do does nothing. */
import {
  isConfirmable,
  type Purchase,
  RefusedError,
  refreshStatus,
  setTransactionCount,
  UnreachableError,
  WalletError,
} from "@chit/extension/core";
import { MerchantError } from "@chit/merchant";
import { ChitError, decodeQuote } from "@chit/protocol";
import { revokeDevice, revokeMerchant } from "@chit/tps-server";
import { forge, intrude, replay } from "./adversary.ts";
import { type Computer, callForPin, clone, fund, type Stage, start } from "./stage.ts";
import type { Step } from "./step.ts";

/** Copies of disks in one course: each is a wallet more, and two show all there is. */
const MOST_COPIES = 2;
/** A course stays within the life of a retired sealing key, after which a judged request may be lost for good. */
const MOST_SECONDS = 20 * 86_400;

export async function perform(stage: Stage, step: Step): Promise<void> {
  const { effects, tps, shops } = stage;
  switch (step.do) {
    case "happen": {
      const effect = effects.waiting[step.pick % Math.max(1, effects.waiting.length)];
      if (effect !== undefined) await effects.release(effect, step.fate);
      return;
    }
    case "run":
      return run(stage, step.pick, step.effects);
    case "visit": {
      const computer = computerOf(stage, step);
      const offered = await visit(stage, computer, step.shop, step.offer);
      if (offered !== undefined && step.pays) await pressPay(stage, computer, offered, false);
      return;
    }
    case "pay": {
      const computer = computerOf(stage, step);
      const [purchase] = await payable(stage, computer, step.pick);
      if (purchase !== undefined) await pressPay(stage, computer, purchase, step.wrong);
      return;
    }
    case "pay-two": {
      const computer = computerOf(stage, step);
      const two = (await payable(stage, computer, step.pick)).slice(0, 2);
      for (const purchase of two) await pressPay(stage, computer, purchase, false);
      return;
    }
    case "decline": {
      const computer = computerOf(stage, step);
      const [purchase] = await payable(stage, computer, step.pick);
      const life = await start(stage, computer);
      if (purchase !== undefined) shopperDoes(stage, life.wallet.decline(purchase.purchaseId));
      return;
    }
    case "kill":
      return busyComputer(stage, step).life?.kill();
    case "start":
      await start(stage, computerOf(stage, step));
      return;
    case "look-at-account": {
      const computer = computerOf(stage, step);
      const life = await start(stage, computer);
      return shopperDoes(stage, refreshStatus(life.deps, computer.accountKey));
    }
    case "call":
      return call(stage, busyComputer(stage, step));
    case "hold": {
      const { accountId } = busyComputer(stage, step);
      await tps.hold(accountId, step.held);
      stage.held.set(accountId, step.held);
      return;
    }
    case "fund":
      return fund(stage, computerOf(stage, step).accountId, BigInt(step.amount));
    case "revoke-device": {
      // Only the second device of an account: the others go on.
      const { accountId, deviceId, name } = computerOf(stage, step);
      if (name.startsWith("alice-2")) await revokeDevice(tps.deps, accountId, deviceId);
      return;
    }
    case "revoke-shop": {
      const second = shops[1];
      if (second !== undefined) await revokeMerchant(tps.deps, second.merchantId);
      return;
    }
    case "rotate":
      return tps.rotate(step.purpose, step.leadSeconds);
    case "restart-tps":
      return tps.restart();
    case "restart-shop":
      return shops[step.shop % shops.length]?.restart(tps.keys.keyList);
    case "time":
      return pass(stage, step.seconds);
    case "clock": {
      if (step.whose === "tps") stage.skews.tps = step.seconds;
      else if (step.whose === "shop") stage.skews.shops[step.pick % shops.length] = step.seconds;
      else computerOf(stage, { computer: step.pick }).skew = step.seconds;
      return;
    }
    case "copy-disk": {
      const victim = busyComputer(stage, step);
      const copies = stage.computers.filter(({ role }) => role === "copy").length;
      if (victim.role !== "honest" || copies >= MOST_COPIES) return;
      await clone(stage, victim, step.knowsPin);
      return;
    }
    case "replay":
      return replay(stage, step.pick, step.elsewhere);
    case "forge":
      return forge(stage, computerOf(stage, step));
    case "intrude":
      return intrude(stage, step.pick);
  }
}

function computerOf({ computers }: Stage, { computer }: { computer: number }): Computer {
  const found = computers[computer % computers.length];
  if (found === undefined) throw new Error("There is no computer.");
  return found;
}

/** One that is in the middle of something, where there is one: what happens then is worth more. */
function busyComputer(stage: Stage, { computer }: { computer: number }): Computer {
  const busy = stage.computers.filter(
    ({ life }) => life?.alive === true && life.wallet.runner.busy(),
  );
  return busy[computer % Math.max(1, busy.length)] ?? computerOf(stage, { computer });
}

/** Lets so many effects of one wallet go well. */
async function run({ effects }: Stage, pick: number, most: number): Promise<void> {
  const whose = effects.waiting[pick % Math.max(1, effects.waiting.length)]?.owner;
  for (let done = 0; done < most; done += 1) {
    const next = effects.waiting.find(({ owner }) => owner === whose);
    if (next === undefined) return;
    await effects.release(next, "done");
  }
}

/** Time passes; the servers tend their keys as they do in the background. */
async function pass({ time, effects, tps, shops }: Stage, seconds: number): Promise<void> {
  const left = 1_800_000_000 + MOST_SECONDS - time.now;
  time.pass(seconds < left ? seconds : 1);
  await effects.settle();
  await tps.tend();
  if (seconds > 3_600) for (const shop of shops) await shop.restart(tps.keys.keyList);
}

/** The wallet takes the quote of a page. Steps 1 and 2 move no money; nothing goes wrong here. */
export async function visit(
  stage: Stage,
  computer: Computer,
  shopNumber: number,
  offer: number,
): Promise<Purchase | undefined> {
  const shop = stage.shops[shopNumber % stage.shops.length];
  const life = await start(stage, computer);
  const quoteUrl = await shop?.offer(offer).catch((error: unknown) => {
    // The shop's clock is behind its certificate, say: it sells nothing.
    if (!(error instanceof MerchantError)) throw error;
  });
  if (shop === undefined || quoteUrl === undefined) return undefined;
  const pointer = { quoteUrl, pageOrigin: shop.origin, tabId: 1 };
  const taken = await stage.effects.undisturbed(() => life.wallet.takeQuote(pointer));
  return taken.kind === "offered" ? taken.purchase : undefined;
}

/** What could be paid, beginning with the `pick`th. */
async function payable(stage: Stage, computer: Computer, pick: number): Promise<Purchase[]> {
  const life = await start(stage, computer);
  const states = ["quoted", "session-initiated", "quote-authenticated"] as const;
  const list = (await life.deps.store.purchasesIn(states)).filter(isConfirmable);
  list.sort((a, b) => (a.purchaseId < b.purchaseId ? -1 : 1));
  const from = pick % Math.max(1, list.length);
  return [...list.slice(from), ...list.slice(0, from)];
}

/** The shopper types a PIN and presses Pay. */
export async function pressPay(
  stage: Stage,
  computer: Computer,
  purchase: Purchase,
  wrong: boolean,
): Promise<void> {
  const right =
    computer.role === "copy" ? computer.knownPin : stage.book.pins.get(computer.deviceId);
  const pin = wrong || right === undefined ? wrongPin(stage, computer.deviceId) : right;
  const { purchaseId } = purchase;
  computer.typed.set(purchaseId, (computer.typed.get(purchaseId) ?? new Set()).add(pin));
  const { transactionNumber } = decodeQuote(purchase.quote);
  stage.book.confirm(computer.deviceId, transactionNumber, computer.name, pin);
  const { wallet } = await start(stage, computer);
  const { accountKey } = computer;
  shopperDoes(stage, wallet.pay({ purchaseId, accountKey, pin, address: null, recognise: false }));
  await stage.effects.settle();
}

function wrongPin({ bytes, book }: Stage, deviceId: string): string {
  const guess = [...bytes(6)].map((byte) => byte % 10).join("");
  return guess === book.pins.get(deviceId) ? "000000" : guess;
}

/** A new PIN; where the wallet says that it fell behind, the shopper types the count that the telephone told. */
export async function call(stage: Stage, computer: Computer): Promise<void> {
  if (computer.role === "copy") return;
  const told = await callForPin(stage, computer);
  const life = await start(stage, computer);
  const account = await life.deps.store.account(computer.accountKey);
  if (told === undefined || account?.condition !== "out-of-sequence") return;
  shopperDoes(stage, setTransactionCount(life.deps, computer.accountKey, told.count));
}

/** What the shopper began goes on by itself. That the wallet refuses is no surprise, that it stumbles is. */
function shopperDoes({ book }: Stage, work: Promise<unknown>): void {
  work.catch((error: unknown) => {
    const told = [WalletError, ChitError, RefusedError, UnreachableError];
    if (told.some((kind) => error instanceof kind)) return;
    book.surprises.push(`A wallet stumbled: ${error instanceof Error ? error.stack : error}`);
  });
}
