/** What every operation of the TPS is given. */
import type { ProtocolCrypto } from "@chit/protocol";
import type { Vault } from "./keys/vault.ts";
import type { Places } from "./places/places.ts";
import type { Platform } from "./platform.ts";
import type { Database } from "./store/database.ts";

/** Passed in from the composition root; tests exchange single members. */
export interface TpsDeps {
  readonly database: Database;
  /** Where accounts are on other servers: the databases that hold them. Payments go there, all else to `database`. */
  readonly places?: Places | undefined;
  readonly crypto: ProtocolCrypto;
  readonly platform: Pick<Platform, "nowSeconds" | "randomBytes">;
  /** Seals private keys. */
  readonly masterVault: Vault;
  /** Seals modified PINs. */
  readonly pinVault: Vault;
  /** Who acts, for the operator's log: the computer account that runs the command. */
  readonly operatorName: string;
}
