/** What the work after the sale is given. */
import type { TpsDeps } from "../deps.ts";
import type { KeyRings } from "../keys/key-ring.ts";

/** The keys sign results and reports. */
export interface ClearingDeps extends TpsDeps {
  readonly keyRings: Pick<KeyRings, "current">;
}
