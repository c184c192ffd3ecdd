/** What a shopper pastes to add an account: the operator's link, or the code of a printed letter. */

/** Secret and root key, as they stand behind the link's `#`. */
const CODE = /^#?([A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43})$/;

/** Whether the text is a code alone, so that the operator's address is needed too. */
export function isActivationCode(text: string): boolean {
  return CODE.test(withoutSpace(text));
}

/**
 * The activation link of a code and the operator's address as people write it: `pay.example`,
 * `https://pay.example/`. Text that is no code is returned as it is: it should be a link.
 */
export function activationLinkOf(text: string, address: string): string {
  const code = CODE.exec(withoutSpace(text))?.[1];
  if (code === undefined) return text.trim();
  const written = withoutSpace(address).replace(/\/+$/, "");
  const issuer = /^https?:\/\//i.test(written) ? written : `https://${written}`;
  return `${issuer}/activate#${code}`;
}

function withoutSpace(text: string): string {
  return text.replace(/\s+/g, "");
}
