/** What the bench says to the programs beside this file. */
import type { MerchantBundleInput, MerchantKeysInput } from "@chit/merchant";
import type { Bought } from "../figures.ts";

/** The shop: Express with the merchant's SDK. */
export interface ChitMerchant {
  /** Takes a port: a certificate names the shop's origin, so it has to have one first. */
  listen(input: null): Promise<{ readonly origin: string }>;
  open(input: {
    readonly keys: MerchantKeysInput;
    readonly bundle: MerchantBundleInput;
    /** For sales and goods, on a disk. */
    readonly directory: string;
  }): Promise<void>;
  /** CPU milliseconds since the start. */
  spent(input: null): Promise<number>;
}

/** The shopper: the wallet's core, as it runs in the extension, on an IndexedDB in memory. */
export interface ChitShopper {
  /** Activates an account's wallet. */
  open(input: {
    readonly activationLink: string;
    readonly articleUrl: string;
    /** The operator's origin in documents, and where its server listens. */
    readonly issuer: string;
    readonly tpsOrigin: string;
    /** Is set for the device once it is known. */
    readonly pin: string;
  }): Promise<{ readonly accountId: string; readonly deviceId: string }>;
  buy(input: { readonly count: number }): Promise<Bought>;
}
