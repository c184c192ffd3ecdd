/** The receipt slip: stamped "Paid" once it is. Window and purchase page show the same. */
import type { ComponentChildren } from "preact";
import type { PurchaseView } from "../../messages.ts";
import { formatDate, formatOrigin } from "../format.ts";
import { language, t } from "../i18n.ts";
import { isPaid } from "../present/purchase.ts";
import { Fact } from "./delivery.tsx";
import { Lines } from "./lines.tsx";
import { Slip, SlipPart, Total } from "./slip.tsx";

interface ReceiptProps {
  readonly purchase: PurchaseView;
  /** Goods, delivery: behind the perforation. */
  readonly children?: ComponentChildren;
}

export function Receipt({ purchase, children }: ReceiptProps) {
  const account = purchase.accounts.find(({ accountKey }) => accountKey === purchase.accountKey);
  const paidAt = purchase.steps.find(({ step }) => step === 6)?.at ?? purchase.createdAt;
  return (
    <Slip>
      <SlipPart>
        <div class="receipt-head">
          <div>
            <p class="receipt-shop">
              <bdi>{purchase.shopName}</bdi>
            </p>
            <p class="small soft">{formatOrigin(purchase.shopOrigin)}</p>
          </div>
          {isPaid(purchase) && <p class="stamp">{t("paid_stamp")}</p>}
        </div>
        <Lines purchase={purchase} />
        <Total purchase={purchase} />
        <dl class="facts small">
          <Fact name={t("purchase_date")} value={formatDate(language(), paidAt)} />
          {account && isPaid(purchase) && (
            <Fact name={t("purchase_paid_from")} value={account.operator} />
          )}
          {purchase.payLink !== null && isPaid(purchase) && (
            <Fact name={t("purchase_paid_by")} value={t("paid_by_another")} />
          )}
          <Fact name={t("purchase_transaction")} value={purchase.transactionNumber} />
        </dl>
      </SlipPart>
      {hasSomething(purchase) && <SlipPart>{children}</SlipPart>}
    </Slip>
  );
}

function hasSomething(purchase: PurchaseView): boolean {
  return purchase.goods.length > 0 || purchase.delivery !== null || purchase.state === "failed";
}
