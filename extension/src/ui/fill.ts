/** Puts values where `{name}` stands, all at once: a value that looks like a name stays as it is. */
export function fill(text: string, values: Readonly<Record<string, string>> | undefined): string {
  if (values === undefined) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? whole) : whole,
  );
}
