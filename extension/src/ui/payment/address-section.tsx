/** Where physical goods go: a saved address, or a new one. */
import type { Address } from "@chit/protocol";
import { useState } from "preact/hooks";
import type { PurchaseView, SavedAddress } from "../../messages.ts";
import { AddressForm } from "../components/address-form.tsx";
import { language, t } from "../i18n.ts";
import { browserLanguage } from "../platform.ts";
import {
  type AddressDraft,
  type AddressErrors,
  addressLines,
  emptyDraft,
  readDraft,
} from "../present/address.ts";
import { countryNames, likelyCountry } from "../present/countries.ts";
import { useRequest } from "../request.ts";

type Read =
  | {
      readonly ok: true;
      readonly value: { readonly address: Address | null; readonly rememberAddress: boolean };
    }
  | { readonly ok: false };

/** What the section shows and what it means. */
export interface AddressChoice {
  readonly needed: boolean;
  /** Whether it is known which addresses are saved (at once, where none is needed). */
  readonly ready: boolean;
  /** Whether the form for a new one is open. */
  readonly writing: boolean;
  readonly saved: readonly SavedAddress[];
  /** Id of the chosen saved address; null is a new one. */
  readonly chosen: string | null;
  readonly draft: AddressDraft;
  readonly errors: AddressErrors;
  readonly remember: boolean;
  choose(addressId: string | null): void;
  write(draft: AddressDraft): void;
  setRemember(remember: boolean): void;
  /** The address to send; marks what is missing when there is none. */
  read(): Read;
}

export function useAddressChoice(purchase: PurchaseView): AddressChoice {
  // Once a session was opened, the address is in it.
  const needed = purchase.addressRequired && purchase.state === "quoted";
  const { value, failure } = useRequest("addresses", {});
  const [picked, pick] = useState<string | null>();
  const [draft, setDraft] = useState(() => emptyDraft(likelyCountry(browserLanguage())));
  const [errors, setErrors] = useState<AddressErrors>({});
  const [remember, setRemember] = useState(true);
  const saved = value ?? [];
  const first = saved[0]?.addressId ?? null;

  // Until somebody picks one, the address that comes first is the likely one.
  const chosen = picked === undefined ? first : picked;

  const known = saved.find(({ addressId }) => addressId === chosen);
  const read = (): Read => {
    if (!needed) return { ok: true, value: { address: null, rememberAddress: false } };
    if (known) return { ok: true, value: { address: known.address, rememberAddress: false } };
    const result = readDraft(draft);
    setErrors(result.ok ? {} : result.errors);
    return result.ok
      ? { ok: true, value: { address: result.address, rememberAddress: remember } }
      : { ok: false };
  };

  return {
    needed,
    ready: !needed || value !== null || failure !== null,
    writing: needed && known === undefined,
    saved,
    chosen: known?.addressId ?? null,
    draft,
    errors,
    remember,
    choose: pick,
    write: (next) => {
      // Whoever writes has chosen: an address saved in another window meanwhile takes the form from nobody.
      pick(null);
      setDraft(next);
      setErrors({});
    },
    setRemember,
    read,
  };
}

export function AddressSection({ choice }: { readonly choice: AddressChoice }) {
  if (!choice.ready) return null;
  return (
    <fieldset class="sheet stack-tight">
      <legend class="sheet-title">{t("ship_to")}</legend>
      <p class="small soft">{t("address_only_shop")}</p>
      {choice.saved.map(({ addressId, address }) => (
        <label key={addressId} class="choice">
          <input
            type="radio"
            name="address"
            checked={choice.chosen === addressId}
            onChange={() => choice.choose(addressId)}
          />
          <span>
            {addressLines(address, countryNames(language())).map((line, index) => (
              <span key={line} class={index === 0 ? "address-line strong" : "address-line"}>
                <bdi>{line}</bdi>
              </span>
            ))}
          </span>
        </label>
      ))}
      {choice.saved.length > 0 && (
        <label class="choice">
          <input
            type="radio"
            name="address"
            checked={choice.chosen === null}
            onChange={() => choice.choose(null)}
          />
          <span>{t("address_new")}</span>
        </label>
      )}
      {choice.chosen === null && (
        <>
          <AddressForm draft={choice.draft} errors={choice.errors} onInput={choice.write} />
          <label class="choice choice-plain">
            <input
              type="checkbox"
              name="remember-address"
              checked={choice.remember}
              onChange={(event) => choice.setRemember(event.currentTarget.checked)}
            />
            <span>{t("address_remember")}</span>
          </label>
        </>
      )}
    </fieldset>
  );
}
