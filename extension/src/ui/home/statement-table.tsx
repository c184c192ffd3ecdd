/** The lines of a statement: a table, or below each other where the window is narrow. */
import { useState } from "preact/hooks";
import type { StatementLineView, StatementView } from "../../messages.ts";
import { Button } from "../components/button.tsx";
import { Amount } from "../components/money.tsx";
import { formatTime } from "../format.ts";
import { language, t } from "../i18n.ts";
import { lineWords } from "../present/statement.ts";
import { href } from "./router.ts";

/** More lines than this are folded: a browser draws thousands of them slowly. */
const SHOWN = 300;

export function StatementTable({ statement }: { readonly statement: StatementView }) {
  const [all, setAll] = useState(false);
  const { lines } = statement;
  const shown = all ? lines : lines.slice(0, SHOWN);
  return (
    <section class="sheet stack">
      <table class="statement">
        <thead>
          <tr>
            <th scope="col">{t("statement_column_date")}</th>
            <th scope="col">{t("statement_column_what")}</th>
            <th scope="col" class="statement-money">
              {t("statement_column_amount")}
            </th>
            <th scope="col" class="statement-money">
              {t("statement_column_balance")}
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((line, index) => (
            // Lines have no name of their own, and never move.
            <Line key={String(index)} line={line} statement={statement} />
          ))}
        </tbody>
      </table>
      {shown.length < lines.length && (
        <Button look="quiet" onClick={() => setAll(true)}>
          {t("statement_show_all", { count: lines.length.toLocaleString(language()) })}
        </Button>
      )}
    </section>
  );
}

interface LineProps {
  readonly line: StatementLineView;
  readonly statement: StatementView;
}

function Line({ line, statement }: LineProps) {
  const { title, about } = lineWords(line);
  const money = (amount: string) => <Amount money={{ ...statement, amount }} />;
  return (
    <tr>
      <td class="statement-date small soft">
        <time dateTime={new Date(line.at * 1_000).toISOString()}>
          {formatTime(language(), line.at, statement.madeAt)}
        </time>
      </td>
      <td class="statement-what">
        {line.purchase === null ? (
          <bdi class="strong">{title}</bdi>
        ) : (
          <a href={href({ name: "purchase", purchaseId: line.purchase.purchaseId })}>
            <bdi>{title}</bdi>
          </a>
        )}
        {about !== "" && (
          <span class="statement-about small soft">
            <bdi>{about}</bdi>
          </span>
        )}
      </td>
      <td class="statement-money strong">{money(line.amount)}</td>
      <td class="statement-money statement-balance soft">
        <span class="statement-label">{t("statement_column_balance")} </span>
        {money(line.balance)}
      </td>
    </tr>
  );
}
