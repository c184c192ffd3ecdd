/** All purchases, newest first, with a search. */
import { useEffect, useState } from "preact/hooks";
import type { FailureView, PurchaseSummary } from "../../messages.ts";
import { Button } from "../components/button.tsx";
import { Field } from "../components/field.tsx";
import { FailureNotice } from "../components/notice.tsx";
import { plural, t } from "../i18n.ts";
import { onChange } from "../platform.ts";
import { request } from "../request.ts";
import { PurchaseList } from "./purchase-list.tsx";

/** While somebody types, one question for several letters. */
const TYPING_MS = 150;

interface Found {
  readonly purchases: readonly PurchaseSummary[];
  readonly more: boolean;
}

export function HistoryPage() {
  const [search, setSearch] = useState("");
  const [found, setFound] = useState<Found | null>(null);
  const [failure, setFailure] = useState<FailureView | null>(null);
  const [pages, setPages] = useState(1);

  useEffect(() => {
    let left = false;
    const look = async () => {
      const purchases: PurchaseSummary[] = [];
      let more = true;
      for (let page = 0; page < pages && more; page++) {
        const reply = await request("purchases", { search, offset: purchases.length });
        if (left) return;
        if (!reply.ok) {
          setFailure(reply.failure);
          return;
        }
        purchases.push(...reply.value.purchases);
        more = reply.value.more && reply.value.purchases.length > 0;
      }
      setFailure(null);
      setFound({ purchases, more });
    };
    const timer = setTimeout(() => void look(), search === "" ? 0 : TYPING_MS);
    const stop = onChange(() => void look());
    return () => {
      left = true;
      clearTimeout(timer);
      stop();
    };
  }, [search, pages]);

  return (
    <>
      <h1 tabIndex={-1}>{t("history_title")}</h1>
      <search>
        <Field label={t("history_search")}>
          {(wiring) => (
            <input
              {...wiring}
              class="input"
              type="search"
              name="search"
              autocomplete="off"
              maxLength={200}
              placeholder={t("history_search_placeholder")}
              value={search}
              onInput={(event) => {
                setSearch(event.currentTarget.value);
                setPages(1);
              }}
            />
          )}
        </Field>
      </search>
      {failure && <FailureNotice failure={failure} />}
      <p role="status" class="only-heard">
        {found && search !== "" && plural("history_results", found.purchases.length)}
      </p>
      {found && found.purchases.length > 0 && <PurchaseList purchases={found.purchases} />}
      {found && found.purchases.length === 0 && (
        <p class="soft">{t(search === "" ? "home_empty_title" : "history_none")}</p>
      )}
      {found?.more && (
        <Button look="quiet" wide onClick={() => setPages(pages + 1)}>
          {t("history_more")}
        </Button>
      )}
    </>
  );
}
