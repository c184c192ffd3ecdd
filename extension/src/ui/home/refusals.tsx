/** Offers that the wallet refused a while ago: their windows may have been held back, or closed unread. */
import type { RefusalSummary } from "../../messages.ts";
import { formatOrigin, formatTime } from "../format.ts";
import { useNow } from "../hooks.ts";
import { language, t } from "../i18n.ts";
import { failureWords } from "../present/failures.ts";

export function Refusals({ refusals }: { readonly refusals: readonly RefusalSummary[] }) {
  const now = useNow(60);
  return (
    <section class="stack-tight">
      <h2>{t("home_refusals")}</h2>
      <ul class="sheet-list">
        {refusals.map(({ refusalId, createdAt, origin, failure }) => (
          <li key={refusalId}>
            <a
              class="purchase"
              href={`payment.html?refusal=${refusalId}`}
              target="_blank"
              rel="noopener"
            >
              <span class="purchase-shop">{formatOrigin(origin)}</span>
              <time class="small soft" dateTime={new Date(createdAt * 1000).toISOString()}>
                {formatTime(language(), createdAt, now)}
              </time>
              <span class="purchase-title soft small">{t(failureWords(failure).title)}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
