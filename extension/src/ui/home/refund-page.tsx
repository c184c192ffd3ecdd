/** Asks the shop for the money of a purchase: why, in whose words, and how much. */
import { LIMITS } from "@chit/protocol";
import { useRef, useState } from "preact/hooks";
import type { PurchaseView, RefundView } from "../../messages.ts";
import { focusFirstError } from "../components/address-form.tsx";
import { Button } from "../components/button.tsx";
import { Field, TextField } from "../components/field.tsx";
import { moneyText } from "../components/money.tsx";
import { FailureNotice } from "../components/notice.tsx";
import { t } from "../i18n.ts";
import { REASON_WORDS, type RefundDraft, type RefundErrors, readDraft } from "../present/refund.ts";
import { useAction, useRequest } from "../request.ts";
import { BackLink } from "./back-link.tsx";
import { Loading } from "./loading.tsx";
import { href } from "./router.ts";

export function RefundPage({ purchaseId }: { readonly purchaseId: string }) {
  const followed = useRequest("purchase", { purchaseId });
  const purchase = followed.value;
  return (
    <>
      <BackLink to={{ name: "purchase", purchaseId }} label={purchase?.shopName ?? t("receipt")} />
      {purchase === null ? (
        <Loading followed={followed} title={t("refund_heading")} />
      ) : (
        <Asking purchase={purchase} />
      )}
    </>
  );
}

function Asking({ purchase }: { readonly purchase: PurchaseView }) {
  const { refund } = purchase;
  return (
    <>
      <h1 tabIndex={-1}>{t("refund_title", { shop: purchase.shopName })}</h1>
      {refund?.askable ? (
        <>
          <p class="soft">{t("refund_intro")}</p>
          <RefundForm purchase={purchase} refund={refund} />
        </>
      ) : (
        <FailureNotice failure={{ code: "wrong-state", detail: "" }} bare />
      )}
    </>
  );
}

interface RefundFormProps {
  readonly purchase: PurchaseView;
  readonly refund: RefundView;
}

const EMPTY: RefundDraft = { reason: "", text: "", part: false, amount: "" };
const NO_ERRORS: RefundErrors = { reason: null, text: null, amount: false };

function RefundForm({ purchase, refund }: RefundFormProps) {
  const [draft, setDraft] = useState(EMPTY);
  const [errors, setErrors] = useState(NO_ERRORS);
  const form = useRef<HTMLFormElement>(null);
  const action = useAction();
  const { purchaseId, currency, scale } = purchase;
  const left = moneyText({ ...purchase, amount: refund.left });
  const change = (changed: Partial<RefundDraft>) => setDraft({ ...draft, ...changed });

  const submit = () => {
    const read = readDraft(draft, refund.left, scale);
    setErrors(read.ok ? NO_ERRORS : read.errors);
    if (!read.ok) {
      if (form.current !== null) focusFirstError(form.current);
      return;
    }
    void action.run("askRefund", { purchaseId, ...read.wish }, () => {
      location.hash = href({ name: "purchase", purchaseId });
    });
  };

  return (
    <form
      ref={form}
      class="sheet stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <ReasonField draft={draft} error={errors.reason && t(errors.reason)} onChange={change} />
      <Field label={t("refund_text")} optional error={errors.text && t(errors.text)}>
        {(wiring) => (
          <textarea
            {...wiring}
            class="input"
            name="text"
            rows={3}
            maxLength={LIMITS.refundTextLength}
            value={draft.text}
            onInput={(event) => change({ text: event.currentTarget.value })}
          />
        )}
      </Field>
      <fieldset class="stack-tight">
        <legend class="label">{t("refund_how_much")}</legend>
        <Choice checked={!draft.part} onChoose={() => change({ part: false })}>
          {t("refund_all", { amount: left })}
        </Choice>
        <Choice checked={draft.part} onChoose={() => change({ part: true })}>
          {t("refund_part")}
        </Choice>
      </fieldset>
      {draft.part && (
        <TextField
          label={t("refund_amount", { currency })}
          name="amount"
          value={draft.amount}
          onInput={(amount) => change({ amount })}
          autocomplete="off"
          maxLength={30}
          decimal
          error={errors.amount ? t("refund_amount_error", { amount: left }) : null}
        />
      )}
      {action.failure && <FailureNotice failure={action.failure} />}
      <Button submit look="primary" wide busy={action.busy}>
        {t("refund_send")}
      </Button>
    </form>
  );
}

interface ReasonFieldProps {
  readonly draft: RefundDraft;
  readonly error: string | null;
  readonly onChange: (changed: Partial<RefundDraft>) => void;
}

function ReasonField({ draft, error, onChange }: ReasonFieldProps) {
  return (
    <Field label={t("refund_reason")} error={error}>
      {(wiring) => (
        <select
          {...wiring}
          class="input"
          name="reason"
          required
          value={draft.reason}
          onChange={(event) => onChange({ reason: event.currentTarget.value })}
        >
          <option value="">{t("refund_reason_choose")}</option>
          {Object.entries(REASON_WORDS).map(([reason, words]) => (
            <option key={reason} value={reason}>
              {t(words)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface ChoiceProps {
  readonly checked: boolean;
  readonly onChoose: () => void;
  readonly children: string;
}

function Choice({ checked, onChoose, children }: ChoiceProps) {
  return (
    <label class="choice">
      <input type="radio" name="how-much" checked={checked} onChange={onChoose} />
      <span>{children}</span>
    </label>
  );
}
