/** The fields of an address, with the names by which browsers fill them in. */
import { useMemo } from "preact/hooks";
import { language, t } from "../i18n.ts";
import type { AddressDraft, AddressErrors, AddressField } from "../present/address.ts";
import { countries } from "../present/countries.ts";
import { Field, TextField } from "./field.tsx";

interface AddressFormProps {
  readonly draft: AddressDraft;
  readonly errors: AddressErrors;
  readonly onInput: (draft: AddressDraft) => void;
}

/** The protocol's bound for each line; a postal code is shorter. */
const LINE = 120;
const POSTAL_CODE = 20;

export function AddressForm({ draft, errors, onInput }: AddressFormProps) {
  const wire = (field: AddressField) => ({
    name: field,
    value: draft[field],
    error: errors[field] === undefined ? null : t(errors[field]),
    onInput: (value: string) => onInput({ ...draft, [field]: value }),
    maxLength: field === "postalCode" ? POSTAL_CODE : LINE,
  });
  return (
    <div class="address-form">
      <TextField label={t("address_name")} autocomplete="shipping name" {...wire("name")} />
      <TextField
        label={t("address_line1")}
        autocomplete="shipping address-line1"
        {...wire("line1")}
      />
      <TextField
        label={t("address_line2")}
        autocomplete="shipping address-line2"
        optional
        {...wire("line2")}
      />
      <div class="address-town">
        <TextField
          label={t("address_postal_code")}
          autocomplete="shipping postal-code"
          optional
          {...wire("postalCode")}
        />
        <TextField
          label={t("address_city")}
          autocomplete="shipping address-level2"
          {...wire("city")}
        />
      </div>
      <TextField
        label={t("address_region")}
        autocomplete="shipping address-level1"
        optional
        {...wire("region")}
      />
      <CountryField
        value={draft.country}
        error={errors.country === undefined ? null : t(errors.country)}
        onInput={(country) => onInput({ ...draft, country })}
      />
      <TextField label={t("address_contact")} autocomplete="off" optional {...wire("contact")} />
    </div>
  );
}

function CountryField(props: {
  readonly value: string;
  readonly error: string | null;
  readonly onInput: (code: string) => void;
}) {
  const all = useMemo(() => countries(language()), []);
  return (
    <Field label={t("address_country")} error={props.error}>
      {(wiring) => (
        <select
          {...wiring}
          class="input"
          name="country"
          autocomplete="shipping country"
          required
          value={props.value}
          onChange={(event) => props.onInput(event.currentTarget.value)}
        >
          <option value="" />
          {all.map(({ code, name }) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** Puts the focus on the first field that has an error. */
export function focusFirstError(form: HTMLElement): void {
  // After the errors were drawn.
  requestAnimationFrame(() => {
    form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  });
}
