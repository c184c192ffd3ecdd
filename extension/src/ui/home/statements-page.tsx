/** The months of an account, each a statement. */
import type { AccountView } from "../../messages.ts";
import { language, t } from "../i18n.ts";
import { monthName } from "../present/statement.ts";
import { useRequest } from "../request.ts";
import { Loading } from "./loading.tsx";
import { OfAccount } from "./of-account.tsx";
import { href } from "./router.ts";

export function StatementsPage({ accountKey }: { readonly accountKey: string }) {
  return (
    <OfAccount accountKey={accountKey} title={t("statements_title")}>
      {(account) => <Months account={account} />}
    </OfAccount>
  );
}

function Months({ account }: { readonly account: AccountView }) {
  const { accountKey, operator } = account;
  const followed = useRequest("statementMonths", { accountKey }, false);
  if (followed.value === null) return <Loading followed={followed} />;
  return (
    <>
      <p>{t("statements_intro", { operator })}</p>
      <ul class="sheet-list">
        {followed.value.months.map((month, index) => (
          <li key={month}>
            <a class="purchase" href={href({ name: "statement", accountKey, month })}>
              <span class="purchase-shop">{monthName(language(), month)}</span>
              {index === 0 && <span class="tag">{t("statement_running")}</span>}
            </a>
          </li>
        ))}
      </ul>
      <p class="small soft">{t("statements_utc")}</p>
    </>
  );
}
