import { STYLE_TOKENS } from "../page-style.ts";

/** Style of the back office, of one family with the payment page. */
export const OFFICE_STYLE = `${STYLE_TOKENS}:root {
  --warn: light-dark(#8a3d12, #f0b48f);
  --warn-ground: light-dark(#fbeee6, #33261e);
  --good-ground: light-dark(#e6f2ef, #1b302d);
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.5 "Inter", system-ui, sans-serif; }
a { color: var(--accent); }
:is(a, button, input, select, textarea, .scroll, main):focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; inset-inline-start: -100vw; }
.skip:focus { inset-inline-start: 1rem; top: .5rem; padding: .5rem 1rem; background: var(--card); z-index: 1; }
.top { display: flex; flex-wrap: wrap; gap: .25rem 2rem; align-items: baseline; padding: .9rem clamp(1rem, 4vw, 2.5rem); background: var(--card); border-bottom: 1px solid var(--rule); }
.top p { margin: 0; }
.shop { color: var(--accent); font-weight: 600; }
.shop span { color: var(--soft); font-weight: 400; }
.who { margin-inline-start: auto !important; color: var(--soft); font-size: .875rem; overflow-wrap: anywhere; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0; padding: 0; list-style: none; }
nav a { display: inline-block; padding: .3rem 0; color: var(--ink); text-decoration: none; border-bottom: 2px solid transparent; }
nav a:hover { border-color: var(--rule); }
nav a[aria-current] { color: var(--accent); font-weight: 600; border-color: var(--accent); }
main { max-width: 76rem; margin: 0 auto; padding: 1.5rem clamp(1rem, 4vw, 2.5rem) 4rem; }
main:focus { outline: none; }
h1 { margin: .2em 0 .6em; font-size: clamp(1.4rem, 4vw, 1.8rem); line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 2.2em 0 .6em; font-size: 1.15rem; }
h2:first-child { margin-top: 0; }
h3 { margin: 0 0 .3em; font-size: 1rem; }
.lead { max-width: 46rem; color: var(--soft); text-wrap: pretty; }
.card, .scroll { background: var(--card); border: 1px solid var(--rule); border-radius: .8rem; }
.card { padding: 1.1rem 1.3rem; overflow-wrap: anywhere; }
.card > :first-child { margin-top: 0; }
.card > :last-child { margin-bottom: 0; }
.card :is(th, td) { padding-inline: 0; }
.card tr:first-child > * { border-top: 0; }
.card dl { margin-top: .8rem; }
.cards { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); }
.cards > * { margin: 0; }
.stack > * + * { margin-top: 1rem; }
.big { margin: .1em 0; font-size: 1.9rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.small { margin: .3em 0; color: var(--soft); font-size: .875rem; }
.todo { margin: 0; padding: 0; list-style: none; }
.todo li + li { margin-top: .4em; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .94rem; }
th, td { padding: .6rem 1rem; text-align: start; vertical-align: top; border-top: 1px solid var(--rule); }
/* A long word of a shop breaks, so that no column is pushed out of sight by another. */
:is(td.wide, .narrow) { overflow-wrap: anywhere; }
td :is(.number, button) { white-space: nowrap; }
.narrow { display: none; }
thead th { border-top: 0; color: var(--soft); font-size: .8125rem; font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 400; color: var(--soft); }
.amount { text-align: end; white-space: nowrap; font-variant-numeric: tabular-nums; }
.number { font-family: ui-monospace, "SF Mono", Menlo, monospace; font-size: .875em; overflow-wrap: anywhere; }
time { white-space: nowrap; }
.state { display: inline-block; padding: .05em .6em; border-radius: 1em; background: var(--ground); font-size: .875rem; white-space: nowrap; }
.state.good { background: var(--good-ground); color: var(--accent); }
.state.warn { background: var(--warn-ground); color: var(--warn); }
.foot { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; margin: .8rem 0 0; }
.foot .csv { margin-inline-start: auto; }
.notice, .problem { max-width: 46rem; margin: 0 0 1.2rem; padding: .7em 1em; border-radius: .6rem; font-weight: 600; }
.notice { background: var(--good-ground); color: var(--accent); }
.problem { background: var(--warn-ground); color: var(--warn); }
form { margin: 0; }
.search { display: flex; flex-wrap: wrap; gap: .8rem; align-items: end; margin-bottom: 1.2rem; }
.fields { display: grid; gap: .8rem; max-width: 32rem; margin-top: .8rem; }
label { display: block; font-size: .875rem; color: var(--soft); }
input:not([type="hidden"]), select, textarea { display: block; width: 100%; margin-top: .2rem; padding: .5rem .7rem; font: inherit; color: var(--ink); background: var(--ground); border: 1px solid var(--soft); border-radius: .5rem; }
.search input { min-width: min(22rem, 80vw); }
textarea { min-height: 4.5rem; resize: vertical; }
button { padding: .5rem 1.1rem; font: inherit; font-weight: 600; color: var(--card); background: var(--accent); border: 1px solid var(--accent); border-radius: .5rem; cursor: pointer; }
button.quiet { color: var(--accent); background: transparent; }
.actions { display: flex; flex-wrap: wrap; gap: .6rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1.5rem; margin: 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
address { font-style: normal; white-space: pre-line; }
.history { margin: 0; padding: .4rem 1.3rem; list-style: none; }
.history li { display: grid; grid-template-columns: 12.5rem 1fr; gap: .1rem 1rem; padding: .45rem 0; border-top: 1px solid var(--rule); }
.history li:first-child { border-top: 0; }
.history time { color: var(--soft); }
.history .note { grid-column: 2; color: var(--soft); font-size: .875rem; }
@media (max-width: 40rem) {
  .wide { display: none; }
  .narrow { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; font-size: .875rem; }
  .of { display: block; }
  td .number { display: inline-block; max-width: 5.2rem; overflow: hidden; text-overflow: ellipsis; vertical-align: bottom; }
  .state { white-space: normal; border-radius: .7em; font-size: .8125rem; }
  th, td { padding: .55rem .4rem; }
  dl, .history li { grid-template-columns: 1fr; }
  dt { margin-top: .4rem; font-size: .875rem; }
  .history .note { grid-column: 1; }
  .who { margin-inline-start: 0 !important; }
}
@media print { .top nav, form, .foot { display: none; } }
`;
