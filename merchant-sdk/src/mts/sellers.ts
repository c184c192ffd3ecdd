/**
 * What the shop sells, by id: a sale that is paid after a restart finds the function that makes its goods
 * again.
 */
import { MerchantError } from "../errors.ts";
import type { Fulfil } from "./offer.ts";

/** The sellers that the program set up. */
export class Sellers {
  readonly #fulfil = new Map<string, Fulfil | undefined>();

  /**
   * @param fulfil makes goods or delivery after payment; undefined when the offer tells all
   * @throws {MerchantError} `seller-duplicate`
   */
  register(id: string, fulfil: Fulfil | undefined): void {
    const taken = this.#fulfil.has(id);
    if (taken && (fulfil !== undefined || this.#fulfil.get(id) !== undefined)) {
      throw new MerchantError(
        "seller-duplicate",
        `Two sellers are called "${id}". Give each an id of its own: after a restart it finds the function that makes a paid sale's goods.`,
      );
    }
    this.#fulfil.set(id, fulfil);
  }

  /**
   * The function that fulfils a seller's sales.
   *
   * @throws {MerchantError} `seller-unknown`
   */
  fulfilOf(id: string): Fulfil {
    const fulfil = this.#fulfil.get(id);
    if (fulfil === undefined) {
      throw new MerchantError(
        "seller-unknown",
        `A sale of "${id}" was paid, but nothing by that id makes goods. Set the seller up again under the same id.`,
      );
    }
    return fulfil;
  }

  /** Whether a seller has a function that fulfils its sales. */
  canFulfil(id: string): boolean {
    return this.#fulfil.get(id) !== undefined;
  }
}
