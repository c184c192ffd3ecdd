/** A purchase that goes on by itself: what it waits for, and a button for whoever does not want to wait. */
import type { FailureView, PurchaseView } from "../../messages.ts";
import { t } from "../i18n.ts";
import { isUnasked } from "../present/purchase.ts";
import { waitingWords } from "../present/waiting.ts";
import { useAction } from "../request.ts";
import { Button } from "./button.tsx";
import { FailureNotice, Notice } from "./notice.tsx";

interface WaitingProps {
  readonly purchase: PurchaseView;
  readonly waiting: FailureView;
  readonly onValue: (purchase: PurchaseView) => void;
}

export function Waiting({ purchase, waiting, onValue }: WaitingProps) {
  const resume = useAction();
  const words = waitingWords(purchase, waiting);
  return (
    <>
      <Notice tone="attention" icon="clock" title={t(words.title)} alert>
        <p>{t(words.text)}</p>
        {isUnasked(purchase.state) && (
          <p>
            <strong>{t("nothing_was_paid")}</strong>
          </p>
        )}
        <Button
          icon="refresh"
          busy={resume.busy}
          onClick={() => {
            void resume.run("resume", { purchaseId: purchase.purchaseId }, onValue);
          }}
        >
          {t("try_now")}
        </Button>
      </Notice>
      {resume.failure && <FailureNotice failure={resume.failure} />}
    </>
  );
}
