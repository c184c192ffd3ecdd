/** One purchase: its slip, what it waits for, its goods again, and what happened step by step. */
import type { PurchaseView } from "../../messages.ts";
import { Button, LinkButton } from "../components/button.tsx";
import { Delivery } from "../components/delivery.tsx";
import { GoodsList } from "../components/goods-list.tsx";
import { FailureNotice, Notice } from "../components/notice.tsx";
import { PayersNote } from "../components/payers-note.tsx";
import { Progress } from "../components/progress.tsx";
import { Receipt } from "../components/receipt.tsx";
import { RefundStatus } from "../components/refund-status.tsx";
import { Technical } from "../components/technical.tsx";
import { Waiting } from "../components/waiting.tsx";
import { t } from "../i18n.ts";
import { isOver, isPaid, isUnasked } from "../present/purchase.ts";
import { useAction, useRequest } from "../request.ts";
import { BackLink } from "./back-link.tsx";
import { ConfirmAction } from "./confirm-action.tsx";
import { Loading } from "./loading.tsx";
import { Notarize } from "./notarize.tsx";
import { StateTag } from "./purchase-list.tsx";
import { href } from "./router.ts";

export function PurchasePage({ purchaseId }: { readonly purchaseId: string }) {
  const followed = useRequest("purchase", { purchaseId });
  const purchase = followed.value;
  return (
    <>
      <BackLink to={{ name: "history" }} label={t("nav_history")} />
      {purchase === null ? (
        <Loading followed={followed} title={t("receipt")} />
      ) : (
        <Purchase purchase={purchase} onValue={followed.put} />
      )}
    </>
  );
}

interface PurchaseProps {
  readonly purchase: PurchaseView;
  readonly onValue: (purchase: PurchaseView) => void;
}

function Purchase({ purchase, onValue }: PurchaseProps) {
  const { state } = purchase;
  const underWay = !isUnasked(state) && !isOver(state) && state !== "awaiting-payer";
  return (
    <>
      <div class="row row-apart">
        <h1 tabIndex={-1}>
          <bdi>{purchase.shopName}</bdi>
        </h1>
        <StateTag purchase={purchase} />
      </div>
      {purchase.state === "awaiting-payer" && (
        <LinkButton href={`payment.html?purchase=${purchase.purchaseId}`} away look="primary" wide>
          {t("shared_show")}
        </LinkButton>
      )}
      {isUnasked(purchase.state) && (
        <LinkButton href={`payment.html?purchase=${purchase.purchaseId}`} away look="primary" wide>
          {t("purchase_pay_now")}
        </LinkButton>
      )}
      {purchase.waiting && underWay && (
        <Waiting purchase={purchase} waiting={purchase.waiting} onValue={onValue} />
      )}
      {purchase.role === "payer" && <PayersNote purchase={purchase} />}
      {purchase.failure && !isRefunded(purchase) && (
        <FailureNotice failure={purchase.failure} bare />
      )}
      <RefundStatus purchase={purchase} onValue={onValue} />
      <Receipt purchase={purchase}>
        {underWay && <Progress purchase={purchase} />}
        <GoodsList purchase={purchase} />
        <Delivery purchase={purchase} />
      </Receipt>
      {purchase.state === "complete" && purchase.goods.some(({ stored }) => !stored) && (
        <GoodsGone purchase={purchase} onValue={onValue} />
      )}
      {purchase.refund?.askable && (
        <LinkButton href={href({ name: "refund", purchaseId: purchase.purchaseId })} wide>
          {t("refund_ask")}
        </LinkButton>
      )}
      {isPaid(purchase) && purchase.goods.some(({ stored }) => stored) && (
        <RemoveCopy purchase={purchase} onValue={onValue} />
      )}
      {isPaid(purchase) && purchase.state !== "failed" && <Notarize purchase={purchase} />}
      <Technical purchase={purchase} />
    </>
  );
}

/** The wallet has no copy: the shop gives another, unless the money for it is given back. */
function GoodsGone({ purchase, onValue }: PurchaseProps) {
  if (!isRefunded(purchase)) return <GetAgain purchase={purchase} onValue={onValue} />;
  return (
    <Notice title={t("refund_goods_title")}>
      <p>{t("refund_goods_text")}</p>
    </Notice>
  );
}

/** As the wallet knows it, or as the shop has just told it. */
const isRefunded = ({ failure, refund }: PurchaseView) =>
  refund?.full === true || failure?.code === "refunded";

function GetAgain({ purchase, onValue }: PurchaseProps) {
  const action = useAction();
  const { purchaseId } = purchase;
  return (
    <>
      <Button
        icon="download"
        look="primary"
        wide
        busy={action.busy}
        onClick={() => void action.run("getGoodsAgain", { purchaseId }, onValue)}
      >
        {t("goods_get_again")}
      </Button>
      {action.failure && <FailureNotice failure={action.failure} bare />}
    </>
  );
}

function RemoveCopy({ purchase, onValue }: PurchaseProps) {
  const action = useAction();
  return (
    <ConfirmAction
      label={t("goods_remove_copy")}
      question={t("goods_remove_copy_sure")}
      confirm={t("delete")}
      action={action}
      onConfirm={() => {
        void action.run("deleteGoods", { purchaseId: purchase.purchaseId }, onValue);
      }}
    />
  );
}
