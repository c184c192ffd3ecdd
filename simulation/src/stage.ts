/** The whole system of one course: TPS, shops, shoppers with their computers, and who means harm. */
import { activate, type Purchase } from "@chit/extension/core";
import { decodeQuote } from "@chit/protocol";
import { Book } from "./book.ts";
import { type Bytes, seededBytes } from "./chance.ts";
import { copyDisk, createDisk, type Disk } from "./disk.ts";
import { Effects } from "./effects.ts";
import { type Life, startLife } from "./life.ts";
import { Post } from "./post.ts";
import { createCourseDatabase } from "./postgres.ts";
import { Shop } from "./shop.ts";
import { Time } from "./time.ts";
import { ISSUER, Tps } from "./tps.ts";

/** A computer with a wallet, and whoever sits before it. */
export interface Computer {
  readonly name: string;
  /** `copy`: of another's disk. `mallory`: an account of her own, and no scruples. */
  readonly role: "honest" | "copy" | "mallory";
  readonly disk: Disk;
  readonly accountId: string;
  readonly deviceId: string;
  readonly accountKey: string;
  /** Seconds by which its clock is wrong. */
  skew: number;
  life: Life | undefined;
  /** What was typed for each purchase. */
  readonly typed: Map<string, Set<string>>;
  /** The PIN that a thief knows; undefined: an owner always knows the one in force, a thief none. */
  readonly knownPin: string | undefined;
}

export interface Stage {
  readonly time: Time;
  readonly effects: Effects;
  readonly post: Post;
  readonly tps: Tps;
  readonly shops: readonly Shop[];
  readonly computers: Computer[];
  readonly book: Book;
  /** Wrong clocks of the servers. */
  readonly skews: { tps: number; shops: number[] };
  readonly bytes: Bytes;
  readonly held: Map<string, boolean>;
  close(): Promise<void>;
}

const OPENING = 400_000n;

/** Opens everything: two shops, a shopper with two devices, one with one, and Mallory. */
export async function createStage(seed: string, postgresUrl: string): Promise<Stage> {
  const database = await createCourseDatabase(postgresUrl);
  const bytes = seededBytes(`stage/${seed}`);
  const effects = new Effects();
  const time = new Time();
  const skews = { tps: 0, shops: [0, 0] };
  const tps = await Tps.start(database, seededBytes(`tps/${seed}`), () => time.now + skews.tps);
  const post = new Post(effects);
  post.connect(ISSUER, tps);
  const shops: Shop[] = [];
  for (const [index, store] of (["memory", "sqlite"] as const).entries()) {
    const clock = () => time.now + (skews.shops[index] ?? 0);
    const name = `shop-${index}`;
    const shop = await Shop.open(tps, name, seededBytes(`${name}/${seed}`), clock, store);
    post.connect(shop.origin, shop);
    shops.push(shop);
  }
  const stage: Stage = {
    ...{ time, effects, post, tps, shops, skews, bytes },
    computers: [],
    book: new Book(),
    held: new Map(),
    async close() {
      for (const { life } of stage.computers) life?.kill();
      await tps.stop();
      for (const shop of shops) await shop.stop();
      await database.drop();
    },
  };
  post.onPayment = async (event, body, sender) => {
    if (event === "arrives") stage.book.requestArrives(body);
    else await noteRequest(stage, body, sender);
  };
  await addShopper(stage, seed, ["alice-1", "alice-2"], "honest");
  await addShopper(stage, seed, ["bob-1"], "honest");
  await addShopper(stage, seed, ["mallory"], "mallory");
  return stage;
}

async function addShopper(
  stage: Stage,
  seed: string,
  names: readonly string[],
  role: Computer["role"],
): Promise<void> {
  const { accountId, activationLink } = await stage.tps.openAccount();
  await fund(stage, accountId, OPENING);
  for (const [index, name] of names.entries()) {
    const link = index === 0 ? activationLink : await stage.tps.link(accountId);
    const disk = createDisk(name, seededBytes(`${name}/${seed}`));
    const changed = () => undefined;
    const life = await startLife(stage, disk, () => stage.time.now, changed);
    const account = await stage.effects.undisturbed(() => activate(life.deps, link, name));
    life.kill();
    const { deviceId, accountKey } = account;
    const computer: Computer = {
      ...{ name, role, disk, accountId, deviceId, accountKey },
      ...{ skew: 0, life: undefined, typed: new Map(), knownPin: undefined },
    };
    stage.computers.push(computer);
    await callForPin(stage, computer);
    await start(stage, computer);
  }
}

/** Starts the computer's wallet, should it not run. */
export async function start(stage: Stage, computer: Computer): Promise<Life> {
  if (computer.life?.alive === true) return computer.life;
  const { time, effects, book } = stage;
  const noticed = (purchase: Purchase) => notice(computer, book, purchase);
  const clock = () => time.now + computer.skew;
  const life = await effects.track(startLife(stage, computer.disk, clock, noticed));
  computer.life = life;
  await effects.settle();
  return life;
}

/** A thief copies the disk as it is and takes the copy home. */
export async function clone(stage: Stage, victim: Computer, knowsPin: boolean): Promise<Computer> {
  const name = `${victim.name}-copy-${stage.computers.length}`;
  const disk = await copyDisk(victim.disk, name, seededBytes(`${name}/${stage.bytes(8).join()}`));
  const knownPin = knowsPin ? stage.book.pins.get(victim.deviceId) : undefined;
  const typed = new Map([...victim.typed].map(([id, pins]) => [id, new Set(pins)] as const));
  const copy: Computer = { ...victim, name, role: "copy", disk, life: undefined, typed, knownPin };
  stage.computers.push(copy);
  stage.book.cloned.add(victim.deviceId);
  return copy;
}

/** Pays money in. */
export async function fund({ tps, book }: Stage, accountId: string, amount: bigint): Promise<void> {
  const reference = `${book.fundings + 1}`;
  await tps.fund(accountId, amount, reference);
  book.fund(accountId, amount);
}

/** Calls the telephone service: a new PIN, and the transaction count. Undefined when the device was revoked. */
export async function callForPin(
  { tps, book, bytes }: Stage,
  { accountId, deviceId }: Computer,
): Promise<{ pin: string; count: number } | undefined> {
  const pin = [...bytes(6)].map((byte) => byte % 10).join("");
  const set = await tps.setPin(accountId, deviceId, pin);
  if (set === undefined) return undefined;
  book.setPin(deviceId, pin);
  return { pin, count: set.count };
}

/** What a wallet says of a purchase, as soon as it is on its disk. */
function notice(computer: Computer, book: Book, purchase: Purchase): void {
  if (purchase.waiting?.code === "internal-error") {
    book.surprises.push(`${computer.name} stumbled: ${purchase.waiting.detail}`);
  }
  if (!("proof" in purchase)) return;
  const { transactionNumber } = decodeQuote(purchase.quote);
  book.claims.set(`${computer.accountId} ${transactionNumber}`, computer.name);
}

/** Which PINs a request may have been made with. */
async function noteRequest(stage: Stage, body: Uint8Array, sender: unknown): Promise<void> {
  const computer = stage.computers.find(({ life }) => life !== undefined && life === sender);
  const pending = (await computer?.life?.deps.store.purchasesIn(["payment-requested"])) ?? [];
  for (const purchase of pending) {
    if (computer === undefined || purchase.state !== "payment-requested") continue;
    if (Buffer.compare(purchase.request.body, body) !== 0) continue;
    const pins = computer.typed.get(purchase.purchaseId) ?? new Set();
    stage.book.requestSent(body, computer.deviceId, pins);
  }
}
