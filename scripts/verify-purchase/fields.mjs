// Objects of several forms.
import { fail } from "./bytes.mjs";
import { object, one } from "./types.mjs";

/** @typedef {import("./types.mjs").Type} Type */

/**
 * One of several forms, told by a field.
 * @param {string} name
 * @param {Record<string, Record<string, Type>>} forms
 * @param {Record<string, Type>} [common]
 * @returns {Type}
 */
export const byField =
  (name, forms, common = {}) =>
  (value, at) => {
    const form = /** @type {any} */ (value)?.[name];
    if (typeof form !== "string" || !Object.hasOwn(forms, form)) fail(`${at}.${name} is unknown`);
    object({ ...common, [name]: one(form), ...forms[form] })(value, at);
  };
