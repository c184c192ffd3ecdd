/** The address form: what stands in its fields, and what is wrong with it. Pure. */
import { type Address, isShowable } from "@chit/protocol";
import type { PlainKey } from "../i18n.ts";

/** What the fields hold. */
export interface AddressDraft {
  readonly name: string;
  readonly line1: string;
  readonly line2: string;
  readonly postalCode: string;
  readonly city: string;
  readonly region: string;
  readonly country: string;
  readonly contact: string;
}

export type AddressField = keyof AddressDraft;
export type AddressErrors = Partial<Record<AddressField, PlainKey>>;

/** An empty form. */
export function emptyDraft(country: string): AddressDraft {
  return {
    name: "",
    line1: "",
    line2: "",
    postalCode: "",
    city: "",
    region: "",
    country,
    contact: "",
  };
}

/** The form for a saved address. Lines after the second stand with it, as in an envelope's window. */
export function draftOf(address: Address): AddressDraft {
  const [line1 = "", ...rest] = address.lines;
  return {
    name: address.name,
    line1,
    line2: rest.join(", "),
    postalCode: address.postalCode ?? "",
    city: address.city,
    region: address.region ?? "",
    country: address.country,
    contact: address.contact ?? "",
  };
}

const REQUIRED = ["name", "line1", "city"] as const;

/** The address in the form, or what has to be mended first. */
export function readDraft(
  draft: AddressDraft,
):
  | { readonly ok: true; readonly address: Address }
  | { readonly ok: false; readonly errors: AddressErrors } {
  const errors: AddressErrors = {};
  const clean = Object.fromEntries(
    Object.entries(draft).map(([field, text]) => [field, text.trim()]),
  ) as unknown as AddressDraft;
  for (const field of Object.keys(clean) as AddressField[]) {
    if (!isShowable(clean[field])) errors[field] = "error_text";
  }
  for (const field of REQUIRED) if (clean[field] === "") errors[field] = "error_required";
  if (!/^[A-Z]{2}$/.test(clean.country)) errors.country = "error_country";
  if (Object.keys(errors).length > 0) return { ok: false, errors };
  return {
    ok: true,
    address: {
      name: clean.name,
      lines: clean.line2 === "" ? [clean.line1] : [clean.line1, clean.line2],
      city: clean.city,
      country: clean.country,
      ...(clean.postalCode === "" ? {} : { postalCode: clean.postalCode }),
      ...(clean.region === "" ? {} : { region: clean.region }),
      ...(clean.contact === "" ? {} : { contact: clean.contact }),
    },
  };
}

/** An address as it stands on a parcel, line by line; the country by its name. */
export function addressLines(address: Address, countryName: (code: string) => string): string[] {
  const town = [address.postalCode, address.city].filter((part) => part !== undefined).join(" ");
  return [
    address.name,
    ...address.lines,
    address.region === undefined ? town : `${town}, ${address.region}`,
    countryName(address.country),
  ];
}
