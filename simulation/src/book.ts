/** What really happened, written down from outside of the code under test: what the rules are checked against. */
import { toBase64url } from "@chit/protocol";

/** A request-for-payment that a wallet made. */
interface MadeRequest {
  readonly deviceId: string;
  /** What its shopper had typed for this purchase up to then. */
  readonly pins: ReadonlySet<string>;
}

export class Book {
  /** Everything that was ever paid in, by account. */
  readonly funded = new Map<string, bigint>();
  /** The PIN in force of each device, and every one that ever was. */
  readonly pins = new Map<string, string>();
  readonly #everRight = new Map<string, Set<string>>();
  /** Devices of which a second copy lived. */
  readonly cloned = new Set<string>();
  /** Things that must not happen, seen as they happened. */
  readonly surprises: string[] = [];
  /** What wallets claim to be paid: `account transaction` → who says so. */
  readonly claims = new Map<string, string>();
  /** Who pressed Pay for a transaction on a device, with what PINs: by disk. */
  readonly #confirmed = new Map<string, Map<string, Set<string>>>();
  readonly #requests = new Map<string, MadeRequest>();
  readonly #wrong = new Map<string, Set<string>>();
  readonly #counts = new Map<string, bigint>();

  /** How often money was paid in. */
  fundings = 0;

  fund(accountId: string, amount: bigint): void {
    this.fundings += 1;
    this.funded.set(accountId, (this.funded.get(accountId) ?? 0n) + amount);
  }

  setPin(deviceId: string, pin: string): void {
    this.pins.set(deviceId, pin);
    this.#everRight.set(deviceId, (this.#everRight.get(deviceId) ?? new Set()).add(pin));
    this.#wrong.delete(deviceId);
  }

  /** The shopper at `disk` pressed Pay. */
  confirm(deviceId: string, transactionNumber: string, disk: string, pin: string): void {
    const key = `${deviceId} ${transactionNumber}`;
    const disks = this.#confirmed.get(key) ?? new Map<string, Set<string>>();
    disks.set(disk, (disks.get(disk) ?? new Set()).add(pin));
    this.#confirmed.set(key, disks);
  }

  /** How many wallets confirmed it with a PIN that was right once. */
  confirmations(deviceId: string, transactionNumber: string): number {
    const disks = this.#confirmed.get(`${deviceId} ${transactionNumber}`)?.values() ?? [];
    const right = this.#everRight.get(deviceId) ?? new Set();
    return [...disks].filter((pins) => [...pins].some((pin) => right.has(pin))).length;
  }

  /** A wallet sends a request, for the first time or again. */
  requestSent(body: Uint8Array, deviceId: string, pins: ReadonlySet<string>): void {
    const key = toBase64url(body);
    if (!this.#requests.has(key)) this.#requests.set(key, { deviceId, pins: new Set(pins) });
  }

  /** It is about to be judged: may it count as a wrong PIN? */
  requestArrives(body: Uint8Array): void {
    const key = toBase64url(body);
    const made = this.#requests.get(key);
    if (made === undefined) return;
    const right = this.pins.get(made.deviceId) ?? "";
    if (made.pins.size === 1 && made.pins.has(right)) return;
    this.#wrong.set(made.deviceId, (this.#wrong.get(made.deviceId) ?? new Set()).add(key));
  }

  /** How many different requests with a wrong PIN the TPS was sent since the last right one. */
  wrongPins(deviceId: string, count: bigint): number {
    if (this.#counts.get(deviceId) !== count) this.#wrong.delete(deviceId);
    this.#counts.set(deviceId, count);
    return this.#wrong.get(deviceId)?.size ?? 0;
  }
}
