/** Paid: the receipt with what was bought; and what to do where it did not arrive as promised. */
import type { FailureView, PurchaseView } from "../../messages.ts";
import { Button } from "../components/button.tsx";
import { Delivery } from "../components/delivery.tsx";
import { GoodsList } from "../components/goods-list.tsx";
import { FailureNotice } from "../components/notice.tsx";
import { PayersNote } from "../components/payers-note.tsx";
import { Progress } from "../components/progress.tsx";
import { Receipt } from "../components/receipt.tsx";
import { Technical } from "../components/technical.tsx";
import { Waiting } from "../components/waiting.tsx";
import { t } from "../i18n.ts";
import { failureWords } from "../present/failures.ts";

export function ReceiptScreen({ purchase }: { readonly purchase: PurchaseView }) {
  return purchase.role === "payer" ? (
    <PayersReceipt purchase={purchase} />
  ) : (
    <OwnReceipt purchase={purchase} />
  );
}

/** Paid for somebody else, who has the goods. */
function PayersReceipt({ purchase }: { readonly purchase: PurchaseView }) {
  return (
    <>
      <h1 tabIndex={-1} class="celebrate">
        {t(purchase.payment === "first" ? "payer_receipt_title" : "payer_receipt_plain")}
      </h1>
      <PayersNote purchase={purchase} />
      <Receipt purchase={purchase} />
      <p class="small soft centred">{t("receipt_in_history")}</p>
      <Button look="primary" wide large onClick={() => window.close()}>
        {t("close")}
      </Button>
      <Technical purchase={purchase} />
    </>
  );
}

function OwnReceipt({ purchase }: { readonly purchase: PurchaseView }) {
  const physical = purchase.delivery !== null;
  // Where there is something to save, that is what the receipt is for.
  const saves = purchase.goods.some(({ stored }) => stored);
  return (
    <>
      <h1 tabIndex={-1} class="celebrate">
        {t(physical ? "receipt_title_physical" : "receipt_title")}
      </h1>
      <Receipt purchase={purchase}>
        <GoodsList purchase={purchase} />
        <Delivery purchase={purchase} />
      </Receipt>
      <p class="small soft centred">{t("receipt_in_history")}</p>
      <Button look={saves ? "plain" : "primary"} wide large onClick={() => window.close()}>
        {t("close")}
      </Button>
      <Technical purchase={purchase} />
      <p role="status" class="only-heard">
        {t("progress_done")}
      </p>
    </>
  );
}

interface PaidFailedProps {
  readonly purchase: PurchaseView;
  readonly failure: FailureView;
  readonly onValue: (purchase: PurchaseView) => void;
}

export function PaidFailedScreen({ purchase, failure, onValue }: PaidFailedProps) {
  const damaged = failureWords(failure).title === "goods_damaged_title";
  return (
    <>
      <h1 tabIndex={-1} class="only-heard">
        {t("receipt")}
      </h1>
      {damaged ? (
        <Waiting purchase={purchase} waiting={failure} onValue={onValue} />
      ) : (
        <FailureNotice failure={failure} bare />
      )}
      <Receipt purchase={purchase}>
        <Progress purchase={purchase} />
        <GoodsList purchase={purchase} />
      </Receipt>
      <Button wide onClick={() => window.close()}>
        {t("close")}
      </Button>
      <Technical purchase={purchase} />
    </>
  );
}
