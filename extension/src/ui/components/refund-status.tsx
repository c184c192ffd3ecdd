/** How a purchase's refund stands: asked, decided, and the money that is back. It asks by itself while looked at. */
import { useEffect } from "preact/hooks";
import type { PurchaseView, RefundView } from "../../messages.ts";
import { formatDate } from "../format.ts";
import { language, t } from "../i18n.ts";
import { REASON_WORDS, type RefundHeadline, refundHeadline } from "../present/refund.ts";
import { request } from "../request.ts";
import { useAsking } from "../watch.ts";
import { moneyText } from "./money.tsx";
import { FailureNotice, Notice, type NoticeTone } from "./notice.tsx";

interface RefundStatusProps {
  readonly purchase: PurchaseView;
  readonly onValue: (purchase: PurchaseView) => void;
}

export function RefundStatus({ purchase, onValue }: RefundStatusProps) {
  const { refund } = purchase;
  const silent = useRefundWatch(purchase, onValue);
  if (refund === null) return null;
  const headline = refundHeadline(refund);
  // A request that is not answered yet is told as such; it is sent again by itself.
  const failure = refund.unanswered ? null : (refund.failure ?? (refund.open ? silent : null));
  return (
    <>
      {headline && <Headline purchase={purchase} refund={refund} headline={headline} />}
      {failure && <FailureNotice failure={failure} bare />}
    </>
  );
}

/** A refund that the shop began shows at the first look; what is under way is asked for again and again. */
function useRefundWatch(
  { purchaseId, refund }: PurchaseView,
  onValue: (view: PurchaseView) => void,
) {
  const ask = async () => {
    const reply = await request("refreshRefund", { purchaseId });
    if (reply.ok) onValue(reply.value);
    return reply.ok ? null : reply.failure;
  };
  const paid = refund !== null;
  const open = refund?.open === true;
  useEffect(() => {
    if (paid && !open) void ask();
  }, [paid]);
  const unseen = refund?.returned.filter(({ seen }) => !seen) ?? [];
  useEffect(() => {
    if (unseen.length === 0) return;
    const returns = unseen.map(({ paymentId, orderId }) => ({ paymentId, orderId }));
    void request("seeReturns", { returns });
  }, [unseen.length]);
  return useAsking(open, ask);
}

const TONES: Record<RefundHeadline["name"], NoticeTone> = {
  unanswered: "info",
  asked: "info",
  accepted: "good",
  given: "good",
  back: "good",
  refused: "attention",
};

interface HeadlineProps {
  readonly purchase: PurchaseView;
  readonly refund: RefundView;
  readonly headline: RefundHeadline;
}

function Headline({ purchase, refund, headline }: HeadlineProps) {
  const money = (amount: string) => moneyText({ ...purchase, amount });
  return (
    <section aria-label={t("refund_heading")} role="status">
      <Notice tone={TONES[headline.name]} title={titleOf(headline, refund, purchase)}>
        <Explanation refund={refund} headline={headline} />
        {refund.message !== null && headline.name !== "unanswered" && (
          <p>
            {t("refund_shop_says")} <q>{refund.message}</q>
          </p>
        )}
        {refund.returned.length > 0 && (
          <ul class="points small">
            {refund.returned.map((one) => (
              <li key={one.orderId}>
                {t("refund_back_item", {
                  amount: money(one.amount),
                  date: formatDate(language(), one.at),
                })}
              </li>
            ))}
          </ul>
        )}
      </Notice>
    </section>
  );
}

function titleOf(headline: RefundHeadline, refund: RefundView, purchase: PurchaseView): string {
  const amount = (units: string) => ({ amount: moneyText({ ...purchase, amount: units }) });
  const asked = amount(refund.asked?.amount ?? purchase.amount);
  switch (headline.name) {
    case "unanswered":
      return t("refund_unanswered_title", asked);
    case "asked":
      return t("refund_asked_title", asked);
    case "accepted":
      return t("refund_accepted_title", amount(refund.accepted));
    case "given":
      return t("refund_given_title", amount(refund.given));
    case "back":
      return t("refund_back_title", amount(refund.returnedTotal));
    case "refused":
      return t("refund_refused_title");
  }
}

function Explanation({ refund, headline }: Omit<HeadlineProps, "purchase">) {
  switch (headline.name) {
    case "unanswered":
      return <p>{t("refund_unanswered_text")}</p>;
    case "asked": {
      if (refund.asked === null) return null;
      const { at, reason } = refund.asked;
      const date = formatDate(language(), at);
      return <p>{t("refund_asked_text", { date, reason: t(REASON_WORDS[reason]) })}</p>;
    }
    case "accepted":
      return <p>{t("refund_accepted_text")}</p>;
    case "given":
      return <p>{t("refund_given_text")}</p>;
    case "back":
      return <p>{t("refund_back_text")}</p>;
    case "refused":
      return <p>{t("refund_refused_text")}</p>;
  }
}
