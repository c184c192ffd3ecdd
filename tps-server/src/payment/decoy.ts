/** What stands in for a device that does not exist, so that the same work is done for it. */
import { MODIFIER_BYTES } from "@chit/protocol";
import { nodeSigner } from "@chit/protocol/node";
import { type DeviceName, sealModifiedPin } from "../accounts/pin-state.ts";
import type { TpsDeps } from "../deps.ts";
import { newIdentifier } from "../identifiers.ts";
import type { SealedValue } from "../keys/vault.ts";

/** A device of nobody: its private key was thrown away, its PIN is random. */
export interface Decoy extends DeviceName {
  readonly publicKey: Uint8Array;
  readonly modifiedPin: SealedValue;
}

/** Made once for each process. */
export function createDecoy(deps: Pick<TpsDeps, "platform" | "pinVault">): Decoy {
  const name = { accountId: newIdentifier(deps.platform), deviceId: newIdentifier(deps.platform) };
  return {
    ...name,
    publicKey: nodeSigner(deps.platform.randomBytes(32)).publicKey,
    modifiedPin: sealModifiedPin(deps.pinVault, name, deps.platform.randomBytes(MODIFIER_BYTES)),
  };
}
