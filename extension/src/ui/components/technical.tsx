/** For the curious, folded away: the paper's steps with their times, and the values as the protocol has them. */
import type { PurchaseView } from "../../messages.ts";
import { formatClock } from "../format.ts";
import { language, t } from "../i18n.ts";
import { stepWords } from "../present/progress.ts";

export function Technical({ purchase }: { readonly purchase: PurchaseView }) {
  const failure = purchase.failure ?? purchase.waiting;
  return (
    <details>
      <summary>{t("technical_details")}</summary>
      <div class="stack">
        <Steps purchase={purchase} />
        <dl class="technical">
          {purchase.technical.map(({ name, value }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
          {failure && (
            <div>
              <dt>{failure.code}</dt>
              <dd>{failure.detail}</dd>
            </div>
          )}
        </dl>
      </div>
    </details>
  );
}

/** The steps that are done, with the time of each. */
function Steps({ purchase }: { readonly purchase: PurchaseView }) {
  return (
    <ol class="steps">
      {purchase.steps.map(({ step, at }) => (
        <li key={step}>
          <span class="step-number">{step}</span>
          <span>{t(stepWords(step))}</span>
          <time dateTime={new Date(at * 1000).toISOString()} class="soft small">
            {formatClock(language(), at)}
          </time>
        </li>
      ))}
    </ol>
  );
}
