import type { GoodsCipher, ProtocolCrypto } from "@chit/protocol";
import type { HttpDeps } from "./http.ts";
import type { Purchase } from "./records.ts";
import type { DeviceKeys, GoodsStore, Store } from "./store.ts";

/** Everything that the wallet's core takes from outside. */
export interface CtsDeps extends HttpDeps {
  readonly store: Store;
  readonly goods: GoodsStore;
  readonly deviceKeys: DeviceKeys;
  readonly crypto: ProtocolCrypto;
  readonly goodsCipher: Pick<GoodsCipher, "open">;
  /** SHA-256 of what is whole in memory; faster than what takes it piece by piece. */
  readonly sha256: (whole: Uint8Array) => Promise<Uint8Array>;
  /** Seconds since 1970, as the protocol counts. */
  readonly nowSeconds: () => number;
  /** Resolves after so many seconds, or when `signal` fires. */
  readonly sleep: (seconds: number, signal: AbortSignal) => Promise<void>;
  /** Told after every change that is on disk: of a purchase, or of something else (null). */
  readonly changed: (purchase: Purchase | null) => void;
}
