/** What became of notarizing a purchase. */
export type NotarizationView =
  /** The file to save. */
  | { readonly outcome: "notarized"; readonly filename: string; readonly text: string }
  /** The operator's log does not have the payment yet; it takes up new ones in so many seconds. */
  | { readonly outcome: "awaited"; readonly seconds: number }
  /**
   * The operator shows another log than before: with less in it (`shrunk`), or with something exchanged (`forked`). The
   * file holds both signed checkpoints; the wallet keeps them too.
   */
  | {
      readonly outcome: "alarm";
      readonly reason: "shrunk" | "forked";
      readonly operator: string;
      readonly filename: string;
      readonly text: string;
    };
