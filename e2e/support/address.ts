/** Addresses that the tests' shoppers have things sent to. */
import type { Page } from "@playwright/test";

export interface Destination {
  readonly name: string;
  readonly street: string;
  readonly postalCode: string;
  readonly city: string;
  readonly country: string;
}

export const HOME: Destination = {
  name: "Ada Byron",
  street: "1 Quill Lane",
  postalCode: "N1 1AA",
  city: "London",
  country: "GB",
};

/** Fills in the form of a new address. */
export async function writeAddress(window: Page, to: Destination = HOME): Promise<void> {
  await window.getByRole("textbox", { name: "Full name" }).fill(to.name);
  await window.getByRole("textbox", { name: "Street and number" }).fill(to.street);
  await window.getByRole("textbox", { name: "Postal code" }).fill(to.postalCode);
  await window.getByRole("textbox", { name: "Town or city" }).fill(to.city);
  await window.getByRole("combobox", { name: "Country" }).selectOption(to.country);
}
