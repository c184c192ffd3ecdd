/** Texts of others in CSV files. Not of the protocol: every part of Chit writes such files. */

/** A separator of some country's spreadsheets, and behind it what begins a formula. */
const HIDDEN_FORMULA = /([;\t]\s*)(?=[=+\-@])/g;

/**
 * A cell's text with an apostrophe wherever a formula may begin inside of it. Where amounts are written with a comma,
 * spreadsheets take the semicolon for the separator, whatever the file says and quotes: "Tea;=1+1" is two cells there, and
 * the second a formula. That the text itself does not begin like one is for the library that writes the file
 * (`escape_formulas`).
 */
export function spreadsheetText(text: string): string {
  return text.replace(HIDDEN_FORMULA, "$1'");
}
