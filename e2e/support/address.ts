/** The address that the tests' shopper has things sent to. */
import type { Page } from "@playwright/test";

/** Fills in the form of a new address. */
export async function writeAddress(window: Page): Promise<void> {
  await window.getByRole("textbox", { name: "Full name" }).fill("Ada Byron");
  await window.getByRole("textbox", { name: "Street and number" }).fill("1 Quill Lane");
  await window.getByRole("textbox", { name: "Postal code" }).fill("N1 1AA");
  await window.getByRole("textbox", { name: "Town or city" }).fill("London");
  await window.getByRole("combobox", { name: "Country" }).selectOption("GB");
}
