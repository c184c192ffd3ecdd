/** One question to a thread and its answer. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** Runs the module in a thread of its own, posts `order` to it and returns the first message that comes back. */
export async function askThread<Answer>(module: URL, order: unknown): Promise<Answer> {
  const worker = new Worker(module);
  try {
    const answered = once(worker, "message");
    worker.postMessage(order);
    const [answer] = (await answered) as [Answer];
    return answer;
  } finally {
    await worker.terminate();
  }
}
