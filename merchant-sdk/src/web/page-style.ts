/** Colours of all pages of the SDK, light and dark. */
export const STYLE_TOKENS = `:root {
  color-scheme: light dark;
  --ground: light-dark(#f4f2ee, #16181c);
  --card: light-dark(#fffdf9, #1f2228);
  --ink: light-dark(#23262d, #eceae4);
  --soft: light-dark(#666a73, #a4a8b1);
  --rule: light-dark(#e2ded5, #343841);
  --accent: light-dark(#14655a, #6fd3c1);
}
`;

/** Style of the SDK's own pages, served as `page.css`. */
export const PAGE_STYLE = `${STYLE_TOKENS}* { box-sizing: border-box; }
body {
  margin: 0;
  padding: clamp(1rem, 6vh, 5rem) 1rem;
  background: var(--ground);
  color: var(--ink);
  font: 1.0625rem/1.55 "Inter", system-ui, sans-serif;
}
.card {
  max-width: 34rem;
  margin: 0 auto;
  padding: clamp(1.25rem, 5vw, 2.5rem);
  background: var(--card);
  border: 1px solid var(--rule);
  border-radius: 1rem;
  box-shadow: 0 1px 2px rgb(0 0 0 / 6%), 0 12px 32px rgb(0 0 0 / 7%);
  overflow-wrap: anywhere;
}
.shop { margin: 0; color: var(--accent); font-weight: 600; }
h1 { margin: .1em 0 .5em; font-size: clamp(1.4rem, 5vw, 1.9rem); line-height: 1.2; }
.teaser { color: var(--soft); }
.total { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; margin: 1.2em 0 .8em; }
.total strong { font-size: 1.7rem; font-variant-numeric: tabular-nums; }
table { width: 100%; border-collapse: collapse; font-size: .95em; }
th, td { padding: .5em 0; border-top: 1px solid var(--rule); text-align: start; vertical-align: top; }
.amount { padding-inline-start: 1rem; text-align: end; white-space: nowrap; font-variant-numeric: tabular-nums; }
.times { color: var(--soft); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.status { margin: 1.2em 0; padding: .7em 1em; border-radius: .6rem; background: var(--ground); font-weight: 600; }
.status:empty { display: none; }
.status[data-state="complete"], .status[data-state="paid"] { color: var(--accent); }
/* What was to be done is done: the receipt and the goods remain. */
.card:has([data-state="complete"]) :is(.how, .total, .address) { display: none; }
.how { margin-top: 1.5em; }
.how p { margin: .6em 0; }
.small { color: var(--soft); font-size: .875em; }
a { color: var(--accent); }
a:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
pre { white-space: pre-wrap; padding: 1em; background: var(--ground); border-radius: .6rem; font-size: .8rem; }
.goods { max-width: 42rem; margin: 2rem auto 0; font-size: 1.125rem; line-height: 1.65; overflow-wrap: anywhere; }
.goods:focus { outline: none; }
.goods img { max-width: 100%; height: auto; }
.goods pre { white-space: pre-wrap; }
[hidden] { display: none; }
@media print { .card { border: 0; box-shadow: none; } }
`;
