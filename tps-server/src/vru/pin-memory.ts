/**
 * The PINs that calls may still repeat. In the memory of this process and nowhere else, for some minutes: the
 * database never has a PIN that can be opened by who reads it, and after a restart the call offers a new one.
 */
import { VRU_LIMITS } from "./limits.ts";

/** What was told in a call. */
export interface ToldPin {
  readonly pin: string;
  readonly deviceId: string;
  /** The device's PIN generation that `pin` made. */
  readonly generation: number;
}

/** PINs by the carrier's name for the call. */
export interface PinMemory {
  remember(callId: string, told: ToldPin): void;
  /** undefined when it is too long ago, or was never in this process. */
  recall(callId: string): ToldPin | undefined;
  forget(callId: string): void;
}

/** An empty memory. `nowSeconds` is the clock. */
export function createPinMemory(nowSeconds: () => number): PinMemory {
  const memory = new Map<string, ToldPin & { readonly until: number }>();
  const forgetOld = () => {
    // In the order of their being remembered, so the first ones are the oldest.
    for (const [callId, { until }] of memory) {
      if (until > nowSeconds() && memory.size <= VRU_LIMITS.pinsInMemory) break;
      memory.delete(callId);
    }
  };
  return {
    remember(callId, told) {
      memory.delete(callId);
      memory.set(callId, { ...told, until: nowSeconds() + VRU_LIMITS.pinMemorySeconds });
      forgetOld();
    },
    recall(callId) {
      forgetOld();
      return memory.get(callId);
    },
    forget(callId) {
      memory.delete(callId);
    },
  };
}
