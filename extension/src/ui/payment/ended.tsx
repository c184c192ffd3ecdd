/** It ended without a payment: what happened, what to do, and that nothing was paid. */
import type { FailureView, PurchaseView } from "../../messages.ts";
import { Button } from "../components/button.tsx";
import { moneyText } from "../components/money.tsx";
import { Outcome } from "../components/outcome.tsx";
import { Technical } from "../components/technical.tsx";
import { Telephone } from "../components/telephone.tsx";
import { formatOrigin, subtract } from "../format.ts";
import { t } from "../i18n.ts";
import { conditionWords } from "../present/accounts.ts";
import { failureWords } from "../present/failures.ts";
import type { PaymentScreen } from "../present/purchase.ts";

interface EndedProps {
  readonly purchase: PurchaseView;
  readonly screen: Extract<PaymentScreen, { name: "ended" }>;
}

export function EndedScreen({ purchase, screen }: EndedProps) {
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
        <Call purchase={purchase} />
      </Outcome>
      <Button look="primary" wide large onClick={() => window.close()}>
        {t("close")}
      </Button>
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
  const account = purchase.accounts.find(({ accountKey }) => accountKey === purchase.accountKey);
  if (account === undefined || account.balance === null) return null;
  const after = subtract(account.balance, purchase.amount);
  if (!after.startsWith("-")) return null;
  const balance = moneyText({ ...account, amount: account.balance });
  const missing = moneyText({ ...account, amount: after.slice(1) });
  return <p class="missing">{t("ended_funds_missing", { balance, missing })}</p>;
}

/** The telephone number, where the account is what stands in the way. */
function Call({ purchase }: { readonly purchase: PurchaseView }) {
  const account = purchase.accounts.find(({ accountKey }) => accountKey === purchase.accountKey);
  if (account === undefined || conditionWords(account.condition).pays) return null;
  return <Telephone account={account} />;
}
