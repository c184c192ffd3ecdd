/** Gauges of what stands in the database: one reading serves all of them each time that monitoring asks. */
import { Gauge, type Registry } from "prom-client";

/** Gauges that are told from one state. */
export interface StateGauges<State> {
  /**
   * Adds one. All servers read the same tables, so of several workers' figures one is as good as another.
   *
   * @param tell sets it; `undefined` when the state cannot be read
   */
  add(
    name: string,
    help: string,
    tell: (gauge: Gauge, state: State | undefined) => void,
    labelNames?: string[],
  ): void;
  /** Where the state comes from. Before that, and while it fails, it is undefined. */
  watch(read: () => Promise<State>): void;
}

/** The gauges of one kind of state. */
export function createStateGauges<State>(registry: Registry): StateGauges<State> {
  let read: (() => Promise<State>) | undefined;
  let reading: Promise<State | undefined> | undefined;
  const state = () => {
    reading ??= Promise.resolve(read?.())
      .catch(() => undefined)
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };
  return {
    add(name, help, tell, labelNames = []) {
      const gauge = new Gauge({
        name,
        help,
        labelNames,
        registers: [registry],
        aggregator: "max",
        async collect() {
          tell(this, await state());
        },
      });
      // The library begins with 0, which would be a time long ago.
      if (labelNames.length === 0) gauge.remove();
    },
    watch(from) {
      read = from;
    },
  };
}
