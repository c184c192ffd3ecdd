/** The payment window: follows one purchase and shows the screen that its state asks for. */
import type { PurchaseView } from "../../messages.ts";
import { Button } from "../components/button.tsx";
import { FailureNotice } from "../components/notice.tsx";
import { useEscape, useHeadingFocus, useNow, useTitle } from "../hooks.ts";
import { plural, t } from "../i18n.ts";
import {
  isOver,
  isPaid,
  type PaymentScreen,
  paymentScreen,
  timeLeft,
} from "../present/purchase.ts";
import { type Followed, useAction, useRequest } from "../request.ts";
import { ConfirmScreen, type PayInput, type ShareInput } from "./confirm.tsx";
import { EndedScreen } from "./ended.tsx";
import { Frame } from "./frame.tsx";
import { NoAccountScreen } from "./no-account.tsx";
import { ProgressScreen } from "./progress-screen.tsx";
import { PaidFailedScreen, ReceiptScreen } from "./receipt.tsx";
import { SharedScreen } from "./shared-screen.tsx";

export function PaymentApp({ purchaseId }: { readonly purchaseId: string }) {
  const followed = useRequest("purchase", { purchaseId });
  const { value: purchase, failure } = followed;
  if (purchase === null) {
    return (
      <Frame>
        {failure === null ? (
          <p role="status">{t("loading")}</p>
        ) : (
          <>
            <h1 class="only-heard">Chit</h1>
            <FailureNotice failure={failure} />
            <Button onClick={followed.again}>{t("try_again")}</Button>
          </>
        )}
      </Frame>
    );
  }
  return <Purchase purchase={purchase} followed={followed} />;
}

interface PurchaseProps {
  readonly purchase: PurchaseView;
  readonly followed: Followed<PurchaseView>;
}

function Purchase({ purchase, followed }: PurchaseProps) {
  const now = useNow(5);
  const pay = useAction();
  const decline = useAction();
  const share = useAction();
  const screen = paymentScreen(purchase, now);
  const mainRef = useHeadingFocus(screen.name);
  useTitle(windowTitle(purchase, screen));

  const doDecline = () => {
    void decline.run("decline", { purchaseId: purchase.purchaseId }, (value) => {
      followed.put(value);
      window.close();
    });
  };
  const doPay = (input: PayInput) => {
    void pay.run("pay", { purchaseId: purchase.purchaseId, ...input }, followed.put);
  };

  const doShare = (input: ShareInput) => {
    void share.run("letSomeonePay", { purchaseId: purchase.purchaseId, ...input }, followed.put);
  };

  useEscape(() => {
    if (screen.name === "confirm" || screen.name === "no-account") doDecline();
    else window.close();
  });

  return (
    <Frame mainRef={mainRef} aside={screen.name === "confirm" ? lifeText(purchase, now) : null}>
      {screen.name === "confirm" && (
        <ConfirmScreen
          purchase={purchase}
          screen={screen}
          busy={pay.busy || share.busy}
          failure={pay.failure ?? share.failure ?? decline.failure}
          onPay={doPay}
          onShare={doShare}
          onDecline={doDecline}
          onChange={followed.again}
        />
      )}
      {screen.name === "no-account" && (
        <NoAccountScreen purchase={purchase} onDecline={doDecline} />
      )}
      {screen.name === "shared" && <SharedScreen purchase={purchase} onValue={followed.put} />}
      {screen.name === "progress" && (
        <ProgressScreen
          purchase={purchase}
          waiting={screen.waiting}
          onValue={followed.put}
          onDecline={doDecline}
        />
      )}
      {screen.name === "receipt" && <ReceiptScreen purchase={purchase} />}
      {screen.name === "paid-failed" && (
        <PaidFailedScreen purchase={purchase} failure={screen.failure} onValue={followed.put} />
      )}
      {screen.name === "ended" && (
        <EndedScreen purchase={purchase} screen={screen} onChange={followed.again} />
      )}
    </Frame>
  );
}

function windowTitle(purchase: PurchaseView, screen: PaymentScreen): string {
  const shop = purchase.shopName;
  if (isPaid(purchase)) return t("window_title_paid", { shop });
  if (isOver(purchase.state) || screen.name === "ended") return t("window_title_not_paid");
  if (screen.name === "shared") return t("window_title_shared", { shop });
  if (screen.name === "progress") return t("window_title_paying", { shop });
  if (screen.name === "no-account" || purchase.wrongPin !== null)
    return t("window_title_attention");
  return t("window_title_pay", { shop });
}

function lifeText(purchase: PurchaseView, now: number): string | null {
  const left = timeLeft(purchase.expiresAt, now);
  if (left === null) return null;
  return "minutes" in left ? plural("offer_valid_minutes", left.minutes) : t("offer_valid_moments");
}
