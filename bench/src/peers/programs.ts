/**
 * A program in a process of its own that answers orders one after another: so its CPU time is its alone, and the packages of
 * one side are not loaded on the other.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import * as v from "valibot";
import type { RowContext } from "../row.ts";

/** What a program can be told: methods that take one thing and give one. Bytes travel as bytes. */
type Orders<P> = { readonly [Name in keyof P]: (input: never) => Promise<unknown> };
type InputOf<Method> = Method extends (input: infer Input) => unknown ? Input : never;
type OutputOf<Method> = Method extends (input: never) => Promise<infer Output> ? Output : never;

/** A running program. */
export interface Program<P> {
  ask<Name extends keyof P & string>(
    name: Name,
    input: InputOf<P[Name]>,
  ): Promise<OutputOf<P[Name]>>;
}

const orderSchema = v.strictObject({ name: v.string(), input: v.unknown() });
const answerSchema = v.variant("ok", [
  v.strictObject({ ok: v.literal(true), output: v.unknown() }),
  v.strictObject({ ok: v.literal(false), why: v.string() }),
]);

/** In the program: answers orders until whoever started it is gone. */
export function answerOrders<P extends Orders<P>>(program: P): void {
  const methods = new Map<string, (input: never) => Promise<unknown>>(Object.entries(program));
  process.on("message", async (message) => {
    const { name, input } = v.parse(orderSchema, message);
    try {
      const method = methods.get(name);
      if (method === undefined) throw new Error(`Nothing is called ${name} here.`);
      process.send?.({ ok: true, output: await method(input as never) });
    } catch (error) {
      process.send?.({ ok: false, why: error instanceof Error ? error.stack : String(error) });
    }
  });
  process.on("disconnect", () => process.exit());
}

/** Starts the module as a program; it is stopped when the row ends. */
export function startProgram<P extends Orders<P>>(
  { onEnd }: Pick<RowContext, "onEnd">,
  module: URL,
): Program<P> {
  const child = fork(module, { serialization: "advanced" });
  onEnd(() => end(child));
  return {
    async ask(name, input) {
      const answered = messageOf(child, module);
      child.send({ name, input });
      const answer = v.parse(answerSchema, await answered);
      if (!answer.ok) throw new Error(answer.why);
      // The program is one of ours, with the type that was asked for.
      return answer.output as never;
    },
  };
}

async function messageOf(child: ChildProcess, module: URL): Promise<unknown> {
  const over = new AbortController();
  const { signal } = over;
  try {
    const ended = once(child, "exit", { signal }).then(() => {
      throw new Error(`${module.pathname} ended; what it said is above.`);
    });
    const [message] = await Promise.race([once(child, "message", { signal }), ended]);
    return message;
  } finally {
    over.abort();
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.disconnect();
  await ended;
}
