/** It ended without a payment: what happened, what to do, and that nothing was paid. */
import type { AccountView, FailureView, PurchaseView } from "../../messages.ts";
import { AwaitCall, CallSteps } from "../components/account-notice.tsx";
import { AddMoney } from "../components/add-money.tsx";
import { Button } from "../components/button.tsx";
import { moneyText } from "../components/money.tsx";
import { FailureNotice } from "../components/notice.tsx";
import { Outcome } from "../components/outcome.tsx";
import { Technical } from "../components/technical.tsx";
import { formatOrigin, subtract } from "../format.ts";
import { t } from "../i18n.ts";
import { conditionWords } from "../present/accounts.ts";
import { failureWords } from "../present/failures.ts";
import type { PaymentScreen } from "../present/purchase.ts";
import { useAction } from "../request.ts";

interface EndedProps {
  readonly purchase: PurchaseView;
  readonly screen: Extract<PaymentScreen, { name: "ended" }>;
  /** Something about an account has changed. */
  readonly onChange: () => void;
}

export function EndedScreen({ purchase, screen, onChange }: EndedProps) {
  const released = isReleased(purchase);
  const words = released
    ? ({ title: "ready_hold_lifted", text: "ended_ask_again" } as const)
    : endedWords(screen, purchase.calledOff);
  const bad = screen.why === "denied" || screen.why === "failed";
  return (
    <>
      <Outcome
        tone={bad && !released ? "bad" : "quiet"}
        title={t(words.title)}
        context={`${purchase.shopName} · ${formatOrigin(purchase.shopOrigin)}`}
      >
        {screen.failure?.code === "insufficient-funds" && <Missing purchase={purchase} />}
        <p>{t(words.text)}</p>
        {screen.why !== "declined" && screen.failure?.code !== "restored-expired" && (
          <p>
            <strong>{t("nothing_was_paid")}</strong>
          </p>
        )}
        {screen.failure?.code === "insufficient-funds" && purchase.accountKey !== null && (
          <AddMoney accountKey={purchase.accountKey} />
        )}
        <WayOut purchase={purchase} onChange={onChange} />
      </Outcome>
      {screen.why === "declined" ? (
        <CloseButton primary />
      ) : (
        <BackToShop purchase={purchase} fresh={released} />
      )}
      <Technical purchase={purchase} />
    </>
  );
}

function endedWords(
  { why, failure }: { why: string; failure: FailureView | null },
  calledOff: boolean,
) {
  if (why === "declined" && calledOff) {
    return { title: "ended_called_off_title", text: "ended_called_off_text" } as const;
  }
  if (why === "declined") {
    return { title: "ended_declined_title", text: "ended_declined_text" } as const;
  }
  if (why === "expired") {
    return { title: "ended_expired_title", text: "ended_expired_text" } as const;
  }
  return failureWords(failure ?? { code: "internal-error" });
}

function Missing({ purchase }: { readonly purchase: PurchaseView }) {
  const account = payer(purchase);
  if (account === undefined || account.balance === null) return null;
  const after = subtract(account.balance, purchase.amount);
  if (!after.startsWith("-")) return null;
  const balance = moneyText({ ...account, amount: account.balance });
  const missing = moneyText({ ...account, amount: after.slice(1) });
  return <p class="missing">{t("ended_funds_missing", { balance, missing })}</p>;
}

interface WayOutProps {
  readonly purchase: PurchaseView;
  readonly onChange: () => void;
}

/** Where the account stands in the way: the telephone call. */
function WayOut({ purchase, onChange }: WayOutProps) {
  const account = payer(purchase);
  const notice = account === undefined ? null : conditionWords(account.condition).notice;
  if (account === undefined || notice === null) return null;
  return (
    <>
      <CallSteps account={account} notice={notice} />
      <AwaitCall account={account} onChange={onChange} />
    </>
  );
}

/**
 * A hold denied the payment, and it was lifted since. The denial stays final for this offer: the shop may have been told
 * of it, and a transaction number is judged once.
 */
function isReleased(purchase: PurchaseView): boolean {
  const account = payer(purchase);
  const pays = account !== undefined && conditionWords(account.condition).pays;
  return pays && purchase.failure?.code === "account-held";
}

function payer({ accounts, accountKey }: PurchaseView): AccountView | undefined {
  return accounts.find((account) => account.accountKey === accountKey);
}

/** The way on after an offer that is over: a new one from the same page. */
function BackToShop({
  purchase,
  fresh,
}: {
  readonly purchase: PurchaseView;
  readonly fresh: boolean;
}) {
  const action = useAction();
  return (
    <div class="stack-tight">
      {!fresh && <CloseButton primary />}
      <Button
        look={fresh ? "primary" : "plain"}
        wide
        large
        busy={action.busy}
        onClick={() => {
          const { purchaseId } = purchase;
          void action.run("reopenShop", { purchaseId }, () => window.close());
        }}
      >
        {t("back_to_shop")}
      </Button>
      {fresh && <CloseButton primary={false} />}
      {action.failure && <FailureNotice failure={action.failure} />}
    </div>
  );
}

function CloseButton({ primary }: { readonly primary: boolean }) {
  return (
    <Button look={primary ? "primary" : "quiet"} wide large onClick={() => window.close()}>
      {t("close")}
    </Button>
  );
}
