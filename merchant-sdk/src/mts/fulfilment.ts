/** From a paid sale to its shipping advice: goods made, measured and named once; the advice kept for ever. */
import { createShippingAdvice, fromUtf8, toBase64url, utf8 } from "@chit/protocol";
import { MerchantError, Refusal } from "../errors.ts";
import { errorFields } from "../logger.ts";
import type { MtsDeps } from "./deps.ts";
import { happen } from "./happen.ts";
import { deliveryRecord, type Goods, labelGoods, type Offer } from "./offer.ts";
import type {
  AdviceRecord,
  DeliveryRecord,
  GoodsRecord,
  PaidSale,
  PromisedGoods,
  SalePromise,
  SaleRecord,
} from "./sale.ts";
import { viewSale } from "./sale-view.ts";
import { subjectOf } from "./subject.ts";

type FulfilmentDeps = Pick<MtsDeps, "shelf" | "sellers" | "crypto">;

/**
 * What an offer promises before payment: its files checked, its content spooled.
 *
 * @throws {MerchantError} `goods-unreadable`
 */
export async function promiseOf(
  { shelf }: Pick<MtsDeps, "shelf">,
  offer: Offer,
  more: boolean,
): Promise<SalePromise> {
  const goods: PromisedGoods[] = [];
  for (const thing of offer.goods ?? []) {
    const place = await placeOf({ shelf }, thing);
    await shelf.check(place);
    goods.push({ ...labelGoods(thing, offer.name), ...place });
  }
  const delivery = offer.delivery === undefined ? null : deliveryRecord(offer.delivery);
  return { goods, delivery, more };
}

/**
 * The shipping advice of a paid sale: made once, then the same bytes for ever.
 *
 * @throws {Refusal} `goods-unavailable` when the goods cannot be made just now; `not-paid`
 */
export async function adviseShipping(deps: MtsDeps, sale: SaleRecord): Promise<Uint8Array> {
  if (sale.state !== "paid" && sale.state !== "delivered") {
    throw new Refusal("not-paid", "Forward the proof-of-payment (step 7) first.");
  }
  if (sale.advice !== null) return utf8(sale.advice.body);
  const advised = await fulfilOnce(deps, sale);
  if (advised.state === "paid" && advised.advice !== null) return utf8(advised.advice.body);
  if (advised.state === "delivered") return utf8(advised.advice.body);
  throw new Error("The shipping advice was made, but none is kept.");
}

function fulfilOnce(deps: MtsDeps, sale: PaidSale): Promise<SaleRecord> {
  const { transactionNumber } = sale;
  const running = deps.fulfilling.get(transactionNumber);
  if (running !== undefined) return running;
  const started = fulfilAndKeep(deps, sale).finally(() => {
    deps.fulfilling.delete(transactionNumber);
  });
  deps.fulfilling.set(transactionNumber, started);
  return started;
}

async function fulfilAndKeep(deps: MtsDeps, sale: PaidSale): Promise<SaleRecord> {
  try {
    const advice = await fulfil(deps, sale);
    return await happen(deps, sale.transactionNumber, { type: "advised", advice });
  } catch (cause) {
    deps.logger.error(
      { ...errorFields(cause), seller: sale.sellerId },
      "A paid sale could not be fulfilled. The payment is kept; the wallet will ask again. Mend the cause.",
    );
    throw new Refusal(
      "goods-unavailable",
      "The payment is recorded, but the shop cannot prepare the goods just now. Ask again later; nothing is lost.",
      { cause },
    );
  }
}

/**
 * The advice of a paid sale. Runs the seller's function where the offer did not tell all.
 *
 * @throws whatever the seller's function throws; {MerchantError} `goods-unreadable`, `seller-unknown`,
 * `offer-invalid`; {ChitError} `malformed-message` when a text breaks the protocol's bounds.
 */
async function fulfil(deps: FulfilmentDeps, sale: PaidSale): Promise<AdviceRecord> {
  const { goods, delivery } = await completePromise(deps, sale);
  const measured: GoodsRecord[] = [];
  for (const { place, path, ...label } of goods) {
    const goodsId = toBase64url(deps.crypto.randomBytes(16));
    measured.push({ goodsId, ...label, file: await deps.shelf.measure({ place, path }) });
  }
  const body = createShippingAdvice(sale.session, subjectOf(sale), {
    goods: measured.map(({ file, ...label }) => ({
      ...label,
      size: file.size,
      digest: toBase64url(file.digest),
    })),
    sendGoodsUrl: measured.length === 0 ? null : `${sale.endpoint}/goods`,
    delivery,
  });
  return { body: fromUtf8(body), goods: measured, sent: [] };
}

async function completePromise(
  { shelf, sellers }: FulfilmentDeps,
  sale: PaidSale,
): Promise<{ goods: PromisedGoods[]; delivery: DeliveryRecord | null }> {
  const { goods, delivery, more } = sale.promise;
  if (!more) return { goods, delivery };
  const view = viewSale(sale);
  const made = await sellers.fulfilOf(sale.sellerId)(view);
  const added: PromisedGoods[] = [];
  for (const thing of made.goods ?? []) {
    const label = labelGoods(thing, view.lines[0]?.description ?? "Goods");
    added.push({ ...label, ...(await placeOf({ shelf }, thing)) });
  }
  const complete = {
    goods: [...goods, ...added],
    delivery: made.delivery === undefined ? delivery : deliveryRecord(made.delivery),
  };
  if (complete.goods.length === 0 && complete.delivery === null) {
    throw new MerchantError(
      "offer-invalid",
      `The fulfil function of "${sale.sellerId}" gave neither goods nor delivery.`,
    );
  }
  return complete;
}

async function placeOf(
  { shelf }: Pick<MtsDeps, "shelf">,
  goods: Goods,
): Promise<Pick<PromisedGoods, "place" | "path">> {
  return "file" in goods ? { place: "file", path: goods.file } : shelf.spool(goods.content);
}
