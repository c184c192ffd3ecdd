/**
 * The key list of the TPS as this shop knows it: from the bundle, from the store, refreshed in the background,
 * or forwarded by a wallet. Always under the pinned root key, never going back to an older one.
 */
import {
  ChitError,
  KEY_LIST_PATH,
  type KeyList,
  LIMITS,
  type ProtocolCrypto,
  verifyKeyList,
} from "@chit/protocol";
import { MerchantError } from "../errors.ts";
import { MERCHANT_LIMITS } from "../limits.ts";
import { errorFields, type Logger } from "../logger.ts";
import type { Store } from "./store.ts";

export interface IssuerKeysDeps {
  readonly store: Store;
  readonly clock: () => number;
  readonly crypto: Pick<ProtocolCrypto, "verifyEd25519">;
  readonly fetch: typeof globalThis.fetch;
  readonly logger: Logger;
}

/** The issuer's current keys. */
export class IssuerKeys {
  readonly issuer: string;
  readonly #deps: IssuerKeysDeps;
  readonly #rootKey: Uint8Array;
  #list: KeyList | undefined;
  #stored: Promise<void> | undefined;
  #nextRefresh = 0;

  /** @param document the bundle's key list; an expired one is left aside until a newer one is found */
  constructor(deps: IssuerKeysDeps, issuer: string, rootKey: Uint8Array, document: string) {
    this.#deps = deps;
    this.issuer = issuer;
    this.#rootKey = rootKey;
    try {
      this.#list = this.#verify(document);
    } catch (error) {
      if (!(error instanceof ChitError && error.code === "expired")) throw error;
    }
  }

  /**
   * The list in force, read from the store once as well: a shop that was restarted knows what it knew.
   *
   * @throws {MerchantError} `key-list-expired`
   */
  async current(): Promise<KeyList> {
    this.#stored ??= this.#readStore();
    await this.#stored;
    const list = this.#list;
    if (list === undefined || list.exp + LIMITS.clockSkewSeconds < this.#deps.clock()) {
      throw new MerchantError(
        "key-list-expired",
        `The key list of ${this.issuer} has expired. Check that this server reaches ${this.issuer}${KEY_LIST_PATH}, and its clock.`,
      );
    }
    return list;
  }

  /** The list known without asking anybody; undefined when it has expired. */
  get known(): KeyList | undefined {
    return this.#list;
  }

  /**
   * Takes a newer list from wherever it comes.
   *
   * @throws {ChitError} when it does not verify or is older.
   */
  async adopt(document: string): Promise<KeyList> {
    const list = this.#verify(document);
    if (list.sequence > (this.#list?.sequence ?? 0)) {
      await this.#deps.store.saveKeyList(this.issuer, list.sequence, document);
    }
    // While it was written another one may have been adopted: the newest stays.
    if (list.sequence >= (this.#list?.sequence ?? 0)) this.#list = list;
    return list;
  }

  /**
   * What a function makes of the list in force, or of a fresh one where that one does not know a signing key; for the
   * background, as it may ask the issuer.
   *
   * @throws {MerchantError} `key-list-expired`; what `verify` throws
   */
  async verifiedBy<R>(verify: (list: KeyList) => R): Promise<R> {
    try {
      return verify(await this.current());
    } catch (error) {
      if (!(error instanceof ChitError && error.code === "signing-key-unknown")) throw error;
      return verify(await this.adopt(await this.#fetch()));
    }
  }

  /** Fetches the list when it is time to; for the background, never on a sale's path. Never throws. */
  async refresh(): Promise<void> {
    const { clock, logger } = this.#deps;
    if (clock() < this.#nextRefresh) return;
    this.#nextRefresh = clock() + MERCHANT_LIMITS.keyListRefreshSeconds;
    try {
      await this.adopt(await this.#fetch());
    } catch (error) {
      this.#nextRefresh = clock() + MERCHANT_LIMITS.keyListRetrySeconds;
      logger.warn(
        { ...errorFields(error), issuer: this.issuer },
        "The issuer's key list could not be refreshed; sales go on with the one known. Check the network if this repeats.",
      );
    }
  }

  async #fetch(): Promise<string> {
    const response = await this.#deps.fetch(`${this.issuer}${KEY_LIST_PATH}`, {
      redirect: "error",
      signal: AbortSignal.timeout(MERCHANT_LIMITS.keyListTimeoutMs),
    });
    if (!response.ok || response.body === null) {
      throw new Error(`The issuer answered ${response.status}.`);
    }
    let text = "";
    const decoder = new TextDecoder();
    for await (const piece of response.body) {
      text += decoder.decode(piece, { stream: true });
      if (text.length > LIMITS.keyListBytes) throw new Error("The key list is too long.");
    }
    return text.trim();
  }

  async #readStore(): Promise<void> {
    const document = await this.#deps.store.keyList(this.issuer);
    if (document === undefined) return;
    try {
      this.#list = this.#verify(document);
    } catch (error) {
      // Older than the bundle's, expired, or of a root key that was replaced: the bundle's list counts.
      if (!(error instanceof ChitError)) throw error;
    }
  }

  #verify(document: string): KeyList {
    const { crypto, clock } = this.#deps;
    const known = this.#list?.sequence ?? 0;
    const list = verifyKeyList(crypto, this.#rootKey, document, clock(), known);
    if (list.iss !== this.issuer) {
      throw new ChitError(
        "transaction-mismatch",
        `The key list is of ${list.iss}, not of ${this.issuer}.`,
      );
    }
    return list;
  }
}
