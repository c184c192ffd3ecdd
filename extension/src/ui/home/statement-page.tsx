/** One month's statement: what the operator signed, beside what this wallet knows; to be read, printed and saved. */
import { useState } from "preact/hooks";
import type { AccountView, StatementView } from "../../messages.ts";
import { Button, LinkButton } from "../components/button.tsx";
import { Fact } from "../components/delivery.tsx";
import { Icon } from "../components/icon.tsx";
import { moneyText } from "../components/money.tsx";
import { Notice } from "../components/notice.tsx";
import { saveFile } from "../files.ts";
import { formatDate } from "../format.ts";
import { language, plural, t } from "../i18n.ts";
import { monthName, statementCsv } from "../present/statement.ts";
import { useRequest } from "../request.ts";
import { Loading } from "./loading.tsx";
import { OfAccount } from "./of-account.tsx";
import { href } from "./router.ts";
import { StatementTable } from "./statement-table.tsx";

interface StatementPageProps {
  readonly accountKey: string;
  readonly month: string;
  readonly popup: boolean;
}

export function StatementPage({ accountKey, month, popup }: StatementPageProps) {
  const back = { to: { name: "statements", accountKey }, label: t("statements_title") } as const;
  const title = t("statement_title", { month: monthName(language(), month) });
  return (
    <OfAccount accountKey={accountKey} back={back} title={title}>
      {(account) => <Statement account={account} month={month} popup={popup} />}
    </OfAccount>
  );
}

interface StatementProps {
  readonly account: AccountView;
  readonly month: string;
  readonly popup: boolean;
}

function Statement({ account, month, popup }: StatementProps) {
  const { accountKey } = account;
  const followed = useRequest("statement", { accountKey, month }, false);
  const [all, setAll] = useState(false);
  const { value } = followed;
  if (value === null) return <Loading followed={followed} />;
  const route = { name: "statement", accountKey, month } as const;
  return (
    <>
      <p class="only-printed">
        {value.operator}, {value.issuer}
      </p>
      <p class="tag-line">
        <Icon name="check" />
        <span>{t("statement_checked", { operator: value.operator })}</span>
      </p>
      {!value.complete && (
        <p class="soft">
          {t("statement_not_final", { time: formatDate(language(), value.madeAt) })}
        </p>
      )}
      {value.missing.length > 0 && <Missing statement={value} account={account} />}
      <Sums statement={value} />
      {value.lines.length === 0 ? (
        <p class="sheet">{t("statement_empty")}</p>
      ) : (
        <StatementTable statement={value} all={all} onAll={() => setAll(true)} />
      )}
      {value.elsewhere.count > 0 && <Elsewhere statement={value} account={account} />}
      {popup ? (
        <div class="stack-tight only-shown">
          <p class="soft">{t("statement_in_tab_hint")}</p>
          <LinkButton href={`home.html${href(route)}`} away icon="open">
            {t("open_in_tab")}
          </LinkButton>
        </div>
      ) : (
        <Ways statement={value} onPrint={() => setAll(true)} />
      )}
    </>
  );
}

function Sums({ statement }: { readonly statement: StatementView }) {
  const money = (amount: string) => moneyText({ ...statement, amount });
  const { opening, payments, refunds, fundings, closing } = statement;
  return (
    <dl class="sheet facts statement-sums">
      <div class="only-printed">
        <Fact name={t("statement_account")} value={statement.accountId} />
        <Fact name={t("statement_number")} value={statement.statementId} />
        <Fact name={t("statement_made")} value={formatDate(language(), statement.madeAt)} />
      </div>
      <Fact name={t("statement_opening")} value={money(opening)} />
      {payments.count > 0 && (
        <Fact name={t("statement_paid")} value={money(`-${payments.amount}`)} />
      )}
      {refunds.count > 0 && <Fact name={t("statement_returned")} value={money(refunds.amount)} />}
      {fundings.count > 0 && <Fact name={t("statement_paid_in")} value={money(fundings.amount)} />}
      <Fact
        name={t(statement.complete ? "statement_closing" : "statement_closing_now")}
        value={money(closing)}
      />
    </dl>
  );
}

interface ComparedProps {
  readonly statement: StatementView;
  readonly account: AccountView;
}

/** What the wallet can prove and the operator does not list. */
function Missing({ statement, account }: ComparedProps) {
  return (
    <Notice tone="bad" title={t("statement_missing_title")} alert>
      <p>{t("statement_missing_text", { telephone: account.telephone })}</p>
      <ul>
        {statement.missing.map(({ purchaseId, shopName, amount, at }) => (
          <li key={purchaseId}>
            <a href={href({ name: "purchase", purchaseId })}>
              <bdi>{shopName}</bdi>
            </a>
            , {moneyText({ ...statement, amount })}, {formatDate(language(), at)}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

function Elsewhere({ statement, account }: ComparedProps) {
  const { count, amount } = statement.elsewhere;
  const { telephone, accountKey } = account;
  return (
    <Notice>
      <p>{plural("statement_elsewhere", count)}</p>
      <p>
        {t("statement_elsewhere_sum", { amount: moneyText({ ...statement, amount }), telephone })}
      </p>
      <p class="only-shown">
        <a href={href({ name: "devices", accountKey })}>{t("devices_title")}</a>
      </p>
    </Notice>
  );
}

interface WaysProps {
  readonly statement: StatementView;
  /** Everything is to be on the page. */
  readonly onPrint: () => void;
}

/** Paper, a table, and the file that proves it to others. */
function Ways({ statement, onPrint }: WaysProps) {
  const [saving, setSaving] = useState(false);
  const name = `chit-${statement.month}`;
  return (
    <div class="stack-tight only-shown">
      <div class="row">
        <Button
          onClick={() => {
            onPrint();
            // When the lines are drawn.
            requestAnimationFrame(() => requestAnimationFrame(() => window.print()));
          }}
        >
          {t("statement_print")}
        </Button>
        <Button
          icon="download"
          busy={saving}
          onClick={() => {
            setSaving(true);
            void statementCsv(statement).then((text) => {
              saveFile(new Blob([text]), `${name}.csv`);
              setSaving(false);
            });
          }}
        >
          {t("statement_save_csv")}
        </Button>
        <Button
          icon="download"
          onClick={() => saveFile(new Blob([`${statement.document}\n`]), `${name}.jws`)}
        >
          {t("statement_save_signed")}
        </Button>
      </div>
      <p class="small soft">{t("statement_signed_hint")}</p>
    </div>
  );
}
