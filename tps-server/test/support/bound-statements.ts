/**
 * Reads SQL with PostgreSQL's own parser, and tells whether each row of a distributed table that a statement touches is
 * bound to an account id that it was given: then a database that keeps accounts on many machines sends it to one of them.
 */
import { loadModule, parseSync } from "libpg-query";
import { BY_ACCOUNT } from "../../src/places/tables.ts";

/** Tables that are distributed by account: `account_id` says on which machine a row is. */
export const DISTRIBUTED: ReadonlySet<string> = new Set(BY_ACCOUNT);

type Node = Readonly<Record<string, unknown>>;
const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null;

/** The parser is WebAssembly, loaded once. */
export const loadParser = loadModule;

/** Names of distributed tables in `sql` whose rows are not bound to a given account id; none is what a hot statement has. */
export function unboundTables(sql: string): string[] {
  const { stmts = [] } = parseSync(sql);
  return stmts.flatMap(({ stmt }) => (isNode(stmt) ? unboundIn(stmt, new Set()) : []));
}

const STATEMENTS = ["SelectStmt", "UpdateStmt", "DeleteStmt", "InsertStmt"];

function unboundIn(node: Node, outer: ReadonlySet<string>): string[] {
  const name = STATEMENTS.find((kind) => kind in node);
  const body = name === undefined ? undefined : node[name];
  if (!isNode(body)) return Object.values(node).flatMap((part) => below(part, outer));
  const scope = {
    tables: new Map<string, string>(),
    bound: new Set(outer),
    pairs: [] as string[][],
  };
  const inner: Node[] = [];
  collect(name === "InsertStmt" ? { ...body, relation: undefined } : body, scope, inner);
  bindAll(scope);
  const unbound = [...scope.tables]
    .filter(([alias]) => !scope.bound.has(alias))
    .map(([, table]) => table);
  if (name === "InsertStmt" && !insertsAccount(body)) unbound.push("insert");
  return [...unbound, ...inner.flatMap((part) => unboundIn(part, scope.bound))];
}

function below(part: unknown, outer: ReadonlySet<string>): string[] {
  if (Array.isArray(part)) return part.flatMap((one) => below(one, outer));
  return isNode(part) ? unboundIn(part, outer) : [];
}

interface Scope {
  /** Table by its alias. */
  readonly tables: Map<string, string>;
  /** Aliases whose account id was given. */
  readonly bound: Set<string>;
  /** Aliases whose account ids are equal. */
  readonly pairs: string[][];
}

/** Goes through one statement, not into those inside of it. */
function collect(value: unknown, scope: Scope, inner: Node[]): void {
  if (Array.isArray(value)) for (const part of value) collect(part, scope, inner);
  if (!isNode(value) || Array.isArray(value)) return;
  for (const [kind, part] of Object.entries(value)) {
    if (STATEMENTS.includes(kind)) inner.push({ [kind]: part });
    else {
      if ((kind === "RangeVar" || kind === "relation") && isNode(part)) noteTable(part, scope);
      if (kind === "RangeFunction" && isNode(part)) noteFunction(part, scope);
      if (kind === "A_Expr" && isNode(part)) noteEquality(part, scope);
      // Of alternatives neither binds.
      if (kind === "BoolExpr" && isNode(part) && part.boolop !== "AND_EXPR") {
        collect(part.args, { ...scope, pairs: [], bound: new Set() }, inner);
      } else collect(part, scope, inner);
    }
  }
}

function noteTable(range: Node, { tables, bound }: Scope): void {
  const table = String(range.relname);
  const alias = isNode(range.alias) ? String(range.alias.aliasname) : table;
  if (DISTRIBUTED.has(table)) tables.set(alias, table);
  // A name of `with`: its own statement made its account ids from given ones.
  else bound.add(alias);
}

function noteFunction({ alias }: Node, { bound }: Scope): void {
  if (!isNode(alias)) return;
  const names = JSON.stringify(alias.colnames ?? []);
  if (names.includes('"account_id"')) bound.add(String(alias.aliasname));
}

function noteEquality(expression: Node, { tables, bound, pairs }: Scope): void {
  if (!JSON.stringify(expression.name).includes('"="')) return;
  const [left, right] = [accountOf(expression.lexpr), accountOf(expression.rexpr)];
  if (left !== undefined && right !== undefined) pairs.push([left, right]);
  const [only] = tables.keys();
  for (const [alias, other] of [
    [left, expression.rexpr],
    [right, expression.lexpr],
  ] as const) {
    const given = isNode(other) && "ParamRef" in other;
    if (given && alias !== undefined) bound.add(alias === "" ? (only ?? "") : alias);
  }
}

/** The alias in `alias.account_id`; empty where there is none. */
function accountOf(expression: unknown): string | undefined {
  const reference = isNode(expression) ? expression.ColumnRef : undefined;
  if (!isNode(reference) || !Array.isArray(reference.fields)) return undefined;
  const names = reference.fields.map((field: { String?: { sval: string } }) => field.String?.sval);
  if (names.at(-1) !== "account_id") return undefined;
  return names.length === 1 ? "" : names.at(-2);
}

function bindAll({ pairs, bound }: Scope): void {
  for (let before = -1; before !== bound.size; ) {
    before = bound.size;
    for (const pair of pairs) {
      if (pair.some((alias) => bound.has(alias))) for (const alias of pair) bound.add(alias);
    }
  }
}

function insertsAccount({ relation, cols }: Node): boolean {
  const table = isNode(relation) ? String(relation.relname) : "";
  return !DISTRIBUTED.has(table) || JSON.stringify(cols).includes('"account_id"');
}
