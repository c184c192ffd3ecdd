/** A paid purchase notarized: the file is saved, or it is said when to come back, or what the operator did. */
import { useState } from "preact/hooks";
import type { NotarizationView, PurchaseView } from "../../messages.ts";
import { Button } from "../components/button.tsx";
import { FailureNotice, Notice } from "../components/notice.tsx";
import { saveFile } from "../files.ts";
import { plural, t } from "../i18n.ts";
import { useAction } from "../request.ts";

type Alarm = Extract<NotarizationView, { outcome: "alarm" }>;

const save = ({ filename, text }: { readonly filename: string; readonly text: string }) =>
  saveFile(new Blob([text]), filename);

export function Notarize({ purchase }: { readonly purchase: PurchaseView }) {
  const action = useAction();
  const [result, setResult] = useState<NotarizationView | null>(null);
  const { purchaseId } = purchase;
  const notarize = () => {
    setResult(null);
    void action.run("notarize", { purchaseId }, (answer) => {
      setResult(answer);
      if (answer.outcome === "notarized") save(answer);
    });
  };
  return (
    <section class="stack-tight" aria-labelledby="notary-title">
      <h2 id="notary-title">{t("notary_title")}</h2>
      <p class="soft small">{t("notary_hint")}</p>
      <Button icon="download" busy={action.busy} onClick={notarize}>
        {t("notary_button")}
      </Button>
      {result && <Result result={result} />}
      {action.failure && <FailureNotice failure={action.failure} />}
    </section>
  );
}

function Result({ result }: { readonly result: NotarizationView }) {
  switch (result.outcome) {
    case "notarized":
      return (
        <Notice tone="good" title={t("notary_saved_title")} alert>
          <p>{t("notary_saved_text", { file: result.filename })}</p>
        </Notice>
      );
    case "awaited":
      return (
        <Notice title={t("notary_awaited_title")} alert>
          <p>{plural("notary_awaited", Math.max(1, Math.ceil(result.seconds / 60)))}</p>
        </Notice>
      );
    case "alarm":
      return <AlarmNotice alarm={result} />;
  }
}

function AlarmNotice({ alarm }: { readonly alarm: Alarm }) {
  const { operator } = alarm;
  return (
    <Notice tone="bad" title={t("notary_alarm_title")} alert>
      <p>
        {alarm.reason === "shrunk"
          ? t("notary_shrunk_text", { operator })
          : t("notary_forked_text", { operator })}
      </p>
      <p>{t("notary_alarm_advice")}</p>
      <Button icon="download" onClick={() => save(alarm)}>
        {t("notary_save_evidence")}
      </Button>
    </Notice>
  );
}
