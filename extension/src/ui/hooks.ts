/** Small things that several screens need. */
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { nowSeconds } from "./platform.ts";

/** The time in seconds, looked at again every `everySeconds`. */
export function useNow(everySeconds: number): number {
  const [now, setNow] = useState(nowSeconds());
  useEffect(() => {
    const timer = setInterval(() => setNow(nowSeconds()), everySeconds * 1000);
    return () => clearInterval(timer);
  }, [everySeconds]);
  return now;
}

/** Title of the window, for the task bar and for screen readers. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title;
  }, [title]);
}

/**
 * Puts the focus on the screen's heading whenever `screen` changes, so that the keyboard and the screen
 * reader go on there; not on the first screen, where the browser begins at the top anyway, and not when the
 * screen itself has put it into a field (a PIN that is to be typed again).
 */
export function useHeadingFocus(screen: string | null): RefObject<HTMLElement | null> {
  const container = useRef<HTMLElement>(null);
  const before = useRef<string | null>(null);
  useEffect(() => {
    if (before.current !== null && screen !== null && before.current !== screen) {
      const { activeElement } = document;
      const inField = activeElement instanceof HTMLInputElement;
      if (!inField || container.current?.contains(activeElement) !== true) {
        window.scrollTo(0, 0);
        container.current?.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
      }
    }
    before.current = screen;
  }, [screen]);
  return container;
}

/** Calls `act` when Escape is pressed and nothing else has used it. */
export function useEscape(act: () => void): void {
  const newest = useRef(act);
  newest.current = act;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing) newest.current();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
}
