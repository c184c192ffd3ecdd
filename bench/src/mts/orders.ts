/** What the bench and the shops that it starts as processes of their own say to each other. */
import type { MerchantBundleInput, MerchantKeysInput } from "@chit/merchant";

/** An answer that the plain server gives. */
export interface PlainAnswer {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly status: number;
  readonly type: string;
  /** What is sent, or the path of the file that is. */
  readonly body: Uint8Array | string;
}

/** What a server's process is told. */
export type ServerOrder =
  /** To the shop: open. */
  | {
      readonly order: "open";
      readonly keys: MerchantKeysInput;
      readonly bundle: MerchantBundleInput;
      /** Where its database lies, on a disk. */
      readonly directory: string;
      /** The file that it sells. */
      readonly goods: string;
    }
  /** To the plain server: these answers, and files of this folder below `/files`. */
  | {
      readonly order: "answer";
      readonly answers: readonly PlainAnswer[];
      readonly directory: string;
    }
  /** To both: tell what was used so far. */
  | { readonly order: "tell" };

/** What a server's process has used. */
export interface Usage {
  /** CPU time of all its threads in its own code and in the system's, in microseconds. */
  readonly cpuMicroseconds: number;
  readonly residentMegabytes: number;
  /** The most that it ever was: what a delivery holds may be gone again when it is over. */
  readonly peakMegabytes: number;
}
