/**
 * After the storm: the network is whole, clocks are right, every wallet runs. Whatever is under way comes to its
 * end by itself; then each honest shopper pays once more, with the right PIN.
 */
import { type Account, type Purchase, refreshStatus } from "@chit/extension/core";
import { decodeQuote } from "@chit/protocol";
import { call, pressPay, visit } from "./act.ts";
import { checkRules, type DeviceRow, readLedger, Violation } from "./rules.ts";
import { type Computer, fund, type Stage, start } from "./stage.ts";

/** More effects than any course leaves behind: beyond it something goes round in circles. */
const MOST_EFFECTS = 3_000;
/** Telephone calls, holds lifted, tries: more than any way back needs. */
const MOST_TRIES = 6;

/** @throws {Violation} when something is left, or wallet and TPS do not meet again */
export async function comeToRest(stage: Stage): Promise<void> {
  await heal(stage);
  await drain(stage);
  await checkRules(stage);
  const honest = stage.computers.filter(({ role }) => role === "honest");
  for (const computer of honest) await checkAtRest(stage, computer);
  for (const computer of honest) await checkTruth(stage, computer);
  for (const computer of honest) await payOnceMore(stage, computer);
  for (const computer of honest) await checkAtRest(stage, computer);
  await checkRules(stage);
}

async function heal(stage: Stage): Promise<void> {
  const { computers, skews, shops, tps, post } = stage;
  for (const computer of computers) computer.skew = 0;
  skews.tps = 0;
  skews.shops.fill(0);
  await tps.restart();
  for (const shop of shops) await shop.restart(tps.keys.keyList);
  // What was held up on its way arrives before anything new.
  for (const letter of post.letters.filter(({ late }) => late)) await post.deliver(letter);
  for (const computer of computers) {
    // Mallory's wallet forwards proofs of other people's sales for ever.
    if (computer.role === "mallory") computer.life?.kill();
    else await start(stage, computer);
  }
}

/** Everything that waits goes well, every pause passes, until nothing is left. */
export async function drain({ effects, time }: Stage): Promise<void> {
  for (let done = 0; done < MOST_EFFECTS; done += 1) {
    await effects.settle();
    const [next] = effects.waiting;
    if (next !== undefined) await effects.release(next, "done");
    else if (!time.passToNext()) return;
  }
  const waiting = effects.waiting.map(({ name }) => name).join(", ");
  throw new Violation(`The wallets never come to rest${waiting === "" ? "" : `: ${waiting}`}.`);
}

/** Nothing is owed any more; what is not complete says why. */
async function checkAtRest(stage: Stage, computer: Computer): Promise<void> {
  const { deps } = await start(stage, computer);
  const history = await deps.store.history(0, 1_000, () => true);
  await checkPaidIsComplete(stage, computer, history);
  for (const purchase of history) {
    const { state, waiting } = purchase;
    const told = waiting === null ? "" : `, waiting: ${waiting.code} (${waiting.detail})`;
    switch (state) {
      case "quoted":
      case "declined":
      case "denied":
      case "failed":
        break;
      case "complete":
        await checkGoods(stage, computer, purchase);
        break;
      case "quote-authenticated":
        if (waiting !== null) break;
        throw new Violation(`A purchase of ${computer.name} waits and does not say what for.`);
      default:
        throw new Violation(`A purchase of ${computer.name} is left ${state}${told}.`);
    }
  }
}

/** Whatever the device was debited for, its wallet has. (Of a copied disk one cannot know which wallet paid.) */
async function checkPaidIsComplete(
  stage: Stage,
  { name, deviceId }: Computer,
  history: readonly Purchase[],
): Promise<void> {
  if (stage.book.cloned.has(deviceId)) return;
  const { payments } = await readLedger(stage);
  for (const { device_id, verdict, transaction_number: number } of payments) {
    if (device_id !== deviceId || verdict !== "proof") continue;
    const purchase = history.find(({ quote }) => decodeQuote(quote).transactionNumber === number);
    if (purchase?.state === "complete") continue;
    throw new Violation(
      `${name} was debited for ${number}, and its wallet says ${purchase?.state}.`,
    );
  }
}

async function checkGoods(
  stage: Stage,
  computer: Computer,
  purchase: Extract<Purchase, { state: "complete" }>,
): Promise<void> {
  const { deps } = await start(stage, computer);
  const shop = stage.shops.find(({ origin }) => origin === purchase.shopOrigin);
  for (const { goodsId } of purchase.advice.goods) {
    let text = "";
    for await (const run of deps.goods.read(purchase.purchaseId, goodsId)) {
      text += Buffer.from(run).toString("utf8");
    }
    if (text !== shop?.goods) throw new Violation(`${computer.name} has not got what it paid.`);
  }
}

/** What the wallet says of its account is so at the TPS. */
async function checkTruth(stage: Stage, computer: Computer): Promise<void> {
  const account = await ask(stage, computer);
  const device = await deviceOf(stage, computer);
  const expected = expectedCondition(stage, computer, device);
  const { condition } = account;
  if (condition === "out-of-sequence") {
    if (stage.book.cloned.has(computer.deviceId)) return;
    throw new Violation(`${computer.name} says that it fell behind, and there never was a copy.`);
  }
  if (expected.includes(condition)) return;
  throw new Violation(`${computer.name} says ${condition}; true is ${expected.join(" or ")}.`);
}

function expectedCondition(
  { held }: Stage,
  { accountId }: Computer,
  device: DeviceRow,
): Account["condition"][] {
  if (device.state === "revoked") return ["device-revoked"];
  if (device.pin_state === "locked") return ["pin-locked"];
  if (held.get(accountId) === true) return ["held"];
  return ["active", "pin-changed"];
}

/** The owner does what the wallet says, and pays with the right PIN. */
async function payOnceMore(stage: Stage, computer: Computer): Promise<void> {
  await fund(stage, computer.accountId, 100_000n);
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const { condition } = await ask(stage, computer);
    switch (condition) {
      case "device-revoked":
        return;
      case "awaiting-pin":
      case "pin-locked":
      case "out-of-sequence":
        await call(stage, computer);
        await drain(stage);
        break;
      case "held":
        await stage.tps.hold(computer.accountId, false);
        stage.held.set(computer.accountId, false);
        break;
      case "active":
      case "pin-changed":
        if (await paysAtOnce(stage, computer)) return;
    }
  }
  throw new Violation(`${computer.name} and the TPS do not meet again.`);
}

/** True when it was paid; false when the wallet says, truly, what is to be done first. */
async function paysAtOnce(stage: Stage, computer: Computer): Promise<boolean> {
  const { deps } = await start(stage, computer);
  const fresh = await visit(stage, computer, 0, 0);
  if (fresh === undefined) throw new Violation(`${computer.name} is offered nothing.`);
  await pressPay(stage, computer, fresh, false);
  await drain(stage);
  const after = await deps.store.purchase(fresh.purchaseId);
  if (after?.state === "complete") return true;
  const code = after?.waiting?.code;
  const cloned = stage.book.cloned.has(computer.deviceId);
  if (after?.state === "quote-authenticated") {
    // The PIN was set anew meanwhile, or the copy of the disk was faster.
    if (code === "pin-changed" || (code === "out-of-sequence" && cloned)) return false;
  }
  throw new Violation(`${computer.name} pays with the right PIN: ${after?.state} ${code ?? ""}.`);
}

async function ask(stage: Stage, computer: Computer): Promise<Account> {
  const { deps } = await start(stage, computer);
  return stage.effects.undisturbed(() => refreshStatus(deps, computer.accountKey));
}

async function deviceOf(stage: Stage, { deviceId }: Computer): Promise<DeviceRow> {
  const { devices } = await readLedger(stage);
  const device = devices.find(({ device_id }) => device_id === deviceId);
  if (device === undefined) throw new Error(`The TPS has no device ${deviceId}.`);
  return device;
}
