/**
 * The PIN. It lives in the field alone, never in a component's state: whoever submits takes it out with
 * {@link takePin}, which empties the field.
 */
import type { RefObject } from "preact";
import { useState } from "preact/hooks";
import { t } from "../i18n.ts";
import { Field } from "./field.tsx";
import { Icon } from "./icon.tsx";

/** Digits of a PIN, least and most. */
const PIN = /^[0-9]{6,12}$/;

/** Empties the field and returns the PIN; null when it is none (then the field keeps what it has). */
export function takePin(field: HTMLInputElement): string | null {
  const pin = field.value.replace(/\s/g, "");
  if (!PIN.test(pin)) return null;
  field.value = "";
  return pin;
}

interface PinFieldProps {
  readonly fieldRef: RefObject<HTMLInputElement | null>;
  readonly error: string | null;
  /** The PIN was set anew and not used since: the old one is in the fingers still. */
  readonly fresh: boolean;
  readonly onInput: () => void;
}

export function PinField({ fieldRef, error, fresh, onInput }: PinFieldProps) {
  const [shown, setShown] = useState(false);
  return (
    <Field
      label={t(fresh ? "pin_new" : "pin")}
      hint={t(fresh ? "pin_new_hint" : "pin_hint")}
      error={error}
    >
      {(wiring) => (
        <div class="pin">
          <input
            {...wiring}
            ref={fieldRef}
            class="input pin-input"
            {...({ type: shown ? "text" : "password" } as { type: "password" })}
            name="chit-pin"
            inputMode="numeric"
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            maxLength={24}
            required
            data-1p-ignore=""
            data-lpignore="true"
            onInput={onInput}
          />
          <button
            type="button"
            class="pin-toggle"
            aria-label={shown ? t("pin_hide") : t("pin_show")}
            aria-controls={wiring.id}
            onClick={() => {
              setShown(!shown);
              fieldRef.current?.focus();
            }}
          >
            <Icon name={shown ? "eye-off" : "eye"} />
          </button>
        </div>
      )}
    </Field>
  );
}
