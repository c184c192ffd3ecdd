/** Places as foreign servers of the main database (postgres_fdw): who enters them how, and what is read there as it is. */
import pg from "pg";
import type { Queryable } from "../store/database.ts";
import { COPIED } from "./tables.ts";

/** A place as the main database knows it. */
export interface PlaceAddress {
  readonly place: number;
  readonly url: string;
  /** For the telephone service's role. */
  readonly telephoneUrl: string | null;
}

/** Where the main database's own tables by account wait, empty. */
export const SHAPE = "chit_shape";
/** Name of a place's foreign server and of the schema of its foreign tables. */
export const schemaOf = (place: number): string => `place_${place}`;

/** A foreign server, who enters it how, and what is read there as it is. */
export async function connectPlace(tx: Queryable, { place, url }: PlaceAddress): Promise<void> {
  const name = schemaOf(place);
  // Else a join to a few accounts fetches, and locks, all there are.
  await createServer(tx, name, url, { use_remote_estimate: "true", async_capable: "true" });
  await mapUser(tx, name, "current_user", url);
  await tx.query(`create schema ${name}`);
  const tables = [...COPIED.map(([table]) => table), "transaction_age_here", "payments_partitions"];
  await tx.query(
    `import foreign schema public limit to (${tables.join(", ")}) from server ${name} into ${name}`,
  );
}

/** A foreign server, which nobody enters yet. */
export async function createServer(
  tx: Queryable,
  name: string,
  url: string,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { host, port, database } = new pg.Client({ connectionString: url });
  const sslmode = URL.parse(url)?.searchParams.get("sslmode");
  const options = {
    host,
    port: String(port),
    dbname: database ?? "",
    ...(sslmode ? { sslmode } : {}),
    connect_timeout: "5",
    // A server whose machine is gone says nothing.
    tcp_user_timeout: "15000",
    fetch_size: "1000",
    batch_size: "500",
    ...more,
  };
  await tx.query(
    `create server ${name} foreign data wrapper postgres_fdw ${await optionsOf(tx, options)}`,
  );
}

/** How a role enters it. */
export async function mapUser(
  tx: Queryable,
  server: string,
  role: string,
  url: string,
): Promise<void> {
  const { user, password } = new pg.Client({ connectionString: url });
  const options = { user: user ?? "", ...(password ? { password: String(password) } : {}) };
  await tx.query(
    `create user mapping for ${role} server ${server} ${await optionsOf(tx, options)}`,
  );
}

/** `options (…)`, quoted by PostgreSQL itself: these statements take no parameters. */
async function optionsOf(
  tx: Queryable,
  options: Readonly<Record<string, string>>,
): Promise<string> {
  const [row] = await tx.query<{ list: string }>(
    "select string_agg(format('%I %L', key, value), ', ') as list from jsonb_each_text($1::jsonb)",
    [JSON.stringify(options)],
  );
  return `options (${row?.list ?? ""})`;
}

/** The telephone service's rights, column by column, as the migrations gave them. */
export async function copyRights(tx: Queryable, table: string, schema: string): Promise<void> {
  const rights = await tx.query<{ statement: string }>(
    `select format('grant %s on %I.%I to %I', r.privilege, $2::text, $1::text, r.grantee) as statement
     from (
       select g.privilege_type as privilege, pg_get_userbyid(g.grantee) as grantee
         from pg_class c, aclexplode(c.relacl) g
        where c.oid = format('${SHAPE}.%I', $1::text)::regclass and g.grantee <> c.relowner and g.grantee <> 0
       union all
       select format('%s (%I)', g.privilege_type, a.attname), pg_get_userbyid(g.grantee)
         from pg_attribute a, aclexplode(a.attacl) g
        where a.attrelid = format('${SHAPE}.%I', $1::text)::regclass and g.grantee <> 0
     ) r`,
    [table, schema],
  );
  for (const { statement } of rights) await tx.query(statement);
}
