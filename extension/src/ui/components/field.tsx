/** A labelled field with its hint and its error, wired together for screen readers. */
import type { ComponentChildren, RefObject } from "preact";
import { useId } from "preact/hooks";
import { t } from "../i18n.ts";
import { Icon } from "./icon.tsx";

/** What a control has to carry. */
export interface FieldWiring {
  readonly id: string;
  readonly "aria-describedby": string | undefined;
  readonly "aria-invalid": "true" | undefined;
}

interface FieldProps {
  readonly label: string;
  readonly optional?: boolean;
  readonly hint?: string | undefined;
  readonly error?: string | null | undefined;
  readonly children: (wiring: FieldWiring) => ComponentChildren;
}

export function Field({ label, optional, hint, error, children }: FieldProps) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label class="label" for={id}>
        {label}
        {optional && <span class="optional"> ({t("optional")})</span>}
      </label>
      {children({
        id,
        "aria-describedby": described === "" ? undefined : described,
        "aria-invalid": error ? "true" : undefined,
      })}
      <FieldError id={`${id}-error`} error={error} />
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** An error under a field, read out when it comes. */
function FieldError({
  id,
  error,
}: {
  readonly id: string;
  readonly error: string | null | undefined;
}) {
  return (
    <div role="alert" id={id}>
      {error && (
        <p class="error">
          <Icon name="alert" />
          <span>{error}</span>
        </p>
      )}
    </div>
  );
}

interface TextFieldProps {
  readonly label: string;
  readonly name: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly autocomplete: string;
  readonly maxLength: number;
  readonly optional?: boolean;
  readonly numeric?: boolean;
  readonly decimal?: boolean;
  readonly hint?: string;
  readonly error?: string | null | undefined;
  readonly placeholder?: string;
  readonly inputRef?: RefObject<HTMLInputElement | null>;
}

export function TextField(props: TextFieldProps) {
  const { label, optional, hint, error, value, onInput, numeric, inputRef } = props;
  return (
    <Field label={label} optional={optional === true} hint={hint} error={error}>
      {(wiring) => (
        <input
          {...wiring}
          {...(inputRef ? { ref: inputRef } : {})}
          class="input"
          type="text"
          name={props.name}
          value={value}
          maxLength={props.maxLength}
          autocomplete={props.autocomplete}
          inputMode={numeric ? "numeric" : props.decimal ? "decimal" : undefined}
          placeholder={props.placeholder}
          required={!optional}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}
