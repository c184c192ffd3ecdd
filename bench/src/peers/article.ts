/** What both shops sell, for which price, and where. */

export const ARTICLE_PATH = "/article";
export const ARTICLE_NAME = "The article";
/** In whole currency units: euros at ours, dollars of a stable coin at x402's. */
export const ARTICLE_PRICE = "0.05";
/** About as long as a newspaper's: 8 KB of HTML. */
export const ARTICLE: string = `<!doctype html><title>${ARTICLE_NAME}</title>${"<p>A chit is a signed note that something was paid for. ".repeat(150)}`;
