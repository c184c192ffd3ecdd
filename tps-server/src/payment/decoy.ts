/** What stands in for a device that does not exist, so that the same work is done for it. */
import { MODIFIER_BYTES } from "@chit/protocol";
import { nodeSigner } from "@chit/protocol/node";
import { type DeviceName, sealModifiedPin } from "../accounts/pin-state.ts";
import type { TpsDeps } from "../deps.ts";
import { newIdentifier } from "../identifiers.ts";
import { createVault, type SealedValue, type Vault } from "../keys/vault.ts";

/** A device of nobody: its private key was thrown away, its PIN is random. */
export interface Decoy extends DeviceName {
  readonly publicKey: Uint8Array;
  /** Opens the PIN with a key of its own, which no rotation takes away. */
  readonly pinVault: Vault;
  readonly modifiedPin: SealedValue;
}

/** Made once for each process. */
export function createDecoy(deps: Pick<TpsDeps, "platform">): Decoy {
  const { randomBytes } = deps.platform;
  const pinVault = createVault("pin", [randomBytes(32)], randomBytes);
  const name = { accountId: newIdentifier(deps.platform), deviceId: newIdentifier(deps.platform) };
  return {
    ...name,
    publicKey: nodeSigner(deps.platform.randomBytes(32)).publicKey,
    pinVault,
    modifiedPin: sealModifiedPin(pinVault, name, randomBytes(MODIFIER_BYTES)),
  };
}
