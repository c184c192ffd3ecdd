/** Where messages for the operator go. pino fits as it is. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** The fields of an error that may be logged: its codes and words, never a message's content. */
export function errorFields(error: unknown): { error: string; code?: string } {
  if (!(error instanceof Error)) return { error: String(error) };
  const { code } = error as { code?: unknown };
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
  return {
    error: `${error.message}${cause}`,
    ...(typeof code === "string" ? { code } : {}),
  };
}
