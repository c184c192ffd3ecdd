/** Listening, with an error that says what to do. */
import type { FastifyInstance } from "fastify";
import { OperatorError } from "../errors.ts";

/** Where to listen, and the names of the settings that say so. */
export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** For the message: "CHIT_PORT". */
  readonly portSetting: string;
  readonly hostSetting: string;
}

/**
 * Lets `app` listen.
 *
 * @returns the address: `http://127.0.0.1:8420`
 * @throws {OperatorError} `address-unavailable`
 */
export async function listenOn(app: FastifyInstance, options: ListenOptions): Promise<string> {
  const { host, port, portSetting, hostSetting } = options;
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    const advice = adviceFor((cause as NodeJS.ErrnoException).code, portSetting, hostSetting);
    if (advice === undefined) throw cause;
    const message = `The server cannot listen on ${host}, port ${port}: ${advice}`;
    throw new OperatorError("address-unavailable", message, { cause });
  }
}

function adviceFor(code: string | undefined, port: string, host: string): string | undefined {
  switch (code) {
    case "EADDRINUSE":
      return `the port is in use. Does this server run already? Otherwise choose another port (${port}).`;
    case "EACCES":
      return `the port may not be used by this user. Choose one from 1024 up (${port}).`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EINVAL":
      return `this computer has no such address (${host}).`;
    default:
      return undefined;
  }
}
