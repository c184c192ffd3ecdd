/** What the pages are shown of shops that recognise the wallet's owner. */

export interface LoyaltyView {
  readonly merchantId: string;
  readonly shopName: string;
  readonly shopOrigin: string;
  /** Whether the shop will be told at the next purchase. */
  readonly on: boolean;
  /** Seconds. */
  readonly firstTold: number;
  readonly lastTold: number;
  /** What the shop is told: this, and nothing else. */
  readonly pseudonym: string;
}
