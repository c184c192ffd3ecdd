/** A button for what cannot be undone: it asks once more, in the same place. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { FailureNotice } from "../components/notice.tsx";
import { t } from "../i18n.ts";
import type { Action } from "../request.ts";

interface ConfirmActionProps {
  /** What the button says. */
  readonly label: string;
  /** Heard instead, where the label alone does not say enough. */
  readonly heard?: string;
  readonly question: string;
  readonly confirm: string;
  readonly action: Action;
  readonly onConfirm: () => void;
}

export function ConfirmAction(props: ConfirmActionProps) {
  const [asking, setAsking] = useState(false);
  const question = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (asking) question.current?.focus();
  }, [asking]);
  if (!asking) {
    return (
      <div class="stack-tight stack-start">
        <Button
          look="quiet"
          {...(props.heard === undefined ? {} : { label: props.heard })}
          onClick={() => setAsking(true)}
        >
          {props.label}
        </Button>
        {props.action.failure && <FailureNotice failure={props.action.failure} />}
      </div>
    );
  }
  return (
    <div class="stack-tight confirm-action">
      <p ref={question} tabIndex={-1} class="strong">
        {props.question}
      </p>
      <div class="row">
        <Button
          look="danger"
          busy={props.action.busy}
          onClick={() => {
            props.onConfirm();
            setAsking(false);
          }}
        >
          {props.confirm}
        </Button>
        <Button onClick={() => setAsking(false)}>{t("cancel")}</Button>
      </div>
    </div>
  );
}
