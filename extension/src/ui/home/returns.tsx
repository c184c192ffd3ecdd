/** On the home page: money that came back since it was looked at last. */
import { useEffect } from "preact/hooks";
import type { AccountView, ReturnNotice } from "../../messages.ts";
import { Button, LinkButton } from "../components/button.tsx";
import { moneyText } from "../components/money.tsx";
import { Notice } from "../components/notice.tsx";
import { t } from "../i18n.ts";
import { conditionWords } from "../present/accounts.ts";
import { request } from "../request.ts";
import { href } from "./router.ts";

/** Asks once a visit whether money came back; a failure is no matter, the accounts tell of theirs. */
export function useReturns(accounts: readonly AccountView[]): void {
  useEffect(() => {
    for (const { accountKey, condition } of accounts) {
      if (conditionWords(condition).pays) void request("refreshReturns", { accountKey });
    }
  }, []);
}

export function Returns({ returns }: { readonly returns: readonly ReturnNotice[] }) {
  if (returns.length === 0) return null;
  return (
    <section class="stack-tight" aria-label={t("returns_title")}>
      {returns.map((one) => (
        <OneReturn key={`${one.paymentId} ${one.orderId}`} returned={one} />
      ))}
    </section>
  );
}

function OneReturn({ returned }: { readonly returned: ReturnNotice }) {
  const { paymentId, orderId, purchase } = returned;
  const amount = moneyText(returned);
  const putAway = () => void request("seeReturns", { returns: [{ paymentId, orderId }] });
  return (
    <Notice
      tone="good"
      title={
        purchase === null
          ? t("returns_elsewhere", { amount })
          : t("returns_from", { amount, shop: purchase.shopName })
      }
    >
      <div class="row">
        {purchase && (
          <LinkButton href={href({ name: "purchase", purchaseId: purchase.purchaseId })}>
            {t("returns_show")}
          </LinkButton>
        )}
        <Button look="quiet" onClick={putAway}>
          {t("returns_ok")}
        </Button>
      </div>
    </Notice>
  );
}
