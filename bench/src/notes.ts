/**
 * Why a row misses what is expected of it, and in figures what it would take: written by hand, one note a row. The report
 * shows a note only while its row misses.
 */

/** Markdown, by the name of the row. */
export const NOTES: ReadonlyMap<string, string> = new Map<string, string>([]);
