/** It ended without a payment: what happened, what to do, and that nothing was paid. */
import type { AccountView, FailureView, PurchaseView } from "../../messages.ts";
import { AwaitCall, CallSteps } from "../components/account-notice.tsx";
import { Button } from "../components/button.tsx";
import { moneyText } from "../components/money.tsx";
import { FailureNotice, Notice } from "../components/notice.tsx";
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
  const words = endedWords(screen);
  return (
    <>
      <Outcome
        tone={screen.why === "denied" || screen.why === "failed" ? "bad" : "quiet"}
        title={t(words.title)}
        context={`${purchase.shopName} · ${formatOrigin(purchase.shopOrigin)}`}
      >
        {screen.failure?.code === "insufficient-funds" && <Missing purchase={purchase} />}
        <p>{t(words.text)}</p>
        {screen.why !== "declined" && (
          <p>
            <strong>{t("nothing_was_paid")}</strong>
          </p>
        )}
        <WayOut purchase={purchase} onChange={onChange} />
      </Outcome>
      {screen.why === "declined" ? (
        <CloseButton primary />
      ) : (
        <BackToShop purchase={purchase} fresh={isReleased(purchase)} />
      )}
      <Technical purchase={purchase} />
    </>
  );
}

function endedWords({ why, failure }: { why: string; failure: FailureView | null }) {
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

/**
 * Where the account stands in the way: the telephone call; and that it is over, once it is. The denial is final for this
 * offer all the same: a shop may have taken it for what it is.
 */
function WayOut({ purchase, onChange }: WayOutProps) {
  const account = payer(purchase);
  const notice = account === undefined ? null : conditionWords(account.condition).notice;
  const released = isReleased(purchase);
  return (
    <>
      <p role="status" class="only-heard">
        {released && t("ready_hold_lifted")}
      </p>
      {released && (
        <Notice tone="good" title={t("ready_hold_lifted")}>
          <p>{t("ended_ask_again")}</p>
        </Notice>
      )}
      {account !== undefined && notice !== null && (
        <>
          <CallSteps account={account} notice={notice} />
          <AwaitCall account={account} onChange={onChange} />
        </>
      )}
    </>
  );
}

/** A hold denied the payment, and it was lifted since. */
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
      <Button
        {...(fresh ? { look: "primary" } : {})}
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
      {action.failure && <FailureNotice failure={action.failure} />}
      <CloseButton primary={!fresh} />
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
