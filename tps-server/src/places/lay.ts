/**
 * The main database's tables by account, laid over the places: partitioned by PostgreSQL's own hash of the account id,
 * each partition a table in a place (postgres_fdw). All that is not on the payment path works through them as before.
 *
 * The main database's own tables of these names wait in the schema `chit_shape`, empty: their shape is what new
 * migrations change, after which they are laid over the places again.
 */
import type { Queryable } from "../store/database.ts";
import { connectPlace, copyRights, type PlaceAddress, SHAPE, schemaOf } from "./connect.ts";
import { BY_ACCOUNT, COPIED } from "./tables.ts";
import { layTelephone, liftTelephone } from "./telephone.ts";

/** The places of a main database, in their order; none while all accounts are in it. */
export async function readPlaces(tx: Queryable): Promise<PlaceAddress[]> {
  const rows = await tx.query<{ place: number; url: string; telephone_url: string | null }>(
    "select place, url, telephone_url from account_places order by place",
  );
  return rows.map(({ place, url, telephone_url: telephoneUrl }) => ({ place, url, telephoneUrl }));
}

/** Lays the tables by account over the places that `account_places` names. Inside of a transaction. */
export async function layTables(tx: Queryable): Promise<void> {
  const places = await readPlaces(tx);
  await tx.query("create extension if not exists postgres_fdw");
  for (const address of places) await connectPlace(tx, address);
  await tx.query(`create schema ${SHAPE}`);
  const views = await viewsOfAccounts(tx);
  // Partitions are made in all places alike: the first tells of them.
  await tx.query(`alter view payments_partitions set schema ${SHAPE}`);
  await tx.query(
    `create view public.payments_partitions as
     select name, from_at, until_at, detaching from ${schemaOf(0)}.payments_partitions`,
  );
  for (const table of BY_ACCOUNT) await layTable(tx, table, places);
  for (const view of views) await tx.query(view);
  await layTelephone(tx, places);
  await dropKeysInto(tx);
  for (const [table, key] of COPIED) {
    await tx.query(
      `create trigger copied_to_places after insert or update or delete on ${table}
       for each row execute function copy_to_places('${key}')`,
    );
  }
  const ages = places.map(
    ({ place }) => `select seconds from ${schemaOf(place)}.transaction_age_here`,
  );
  await setTransactionAge(tx, ages);
}

/** Takes them off again; the main database has its own tables back, which are empty. Inside of a transaction. */
export async function liftTables(tx: Queryable, places: readonly PlaceAddress[]): Promise<void> {
  await setTransactionAge(tx, []);
  await liftTelephone(tx, places);
  for (const [table] of COPIED) await tx.query(`drop trigger copied_to_places on ${table}`);
  const views = await viewsOfAccounts(tx);
  for (const table of BY_ACCOUNT) {
    await tx.query(`alter table public.${table} rename to ${table}_laid`);
    await tx.query(`alter table ${SHAPE}.${table} set schema public`);
  }
  for (const view of views) await tx.query(view);
  await tx.query("drop view public.payments_partitions");
  await tx.query(`alter view ${SHAPE}.payments_partitions set schema public`);
  for (const table of BY_ACCOUNT) {
    // Takes its foreign partitions along; rows are in the places and stay there.
    await tx.query(`drop table public.${table}_laid`);
  }
  await tx.query(`drop schema ${SHAPE}`);
  for (const { place } of places) {
    await tx.query(`drop server ${schemaOf(place)} cascade`);
    await tx.query(`drop schema ${schemaOf(place)} cascade`);
  }
}

/** Moves the rows that the main database had when its tables were laid for the first time. */
export async function moveRows(tx: Queryable): Promise<void> {
  for (const table of BY_ACCOUNT) {
    const columns = await tx.query<{ name: string }>(
      `select quote_ident(attname) as name from pg_attribute
       where attrelid = '${SHAPE}.${table}'::regclass and attnum > 0 and not attisdropped and attgenerated = ''
       order by attnum`,
    );
    const names = columns.map(({ name }) => name).join(", ");
    await tx.query(`insert into public.${table} (${names}) select ${names} from ${SHAPE}.${table}`);
  }
  await tx.query(`truncate ${BY_ACCOUNT.map((table) => `${SHAPE}.${table}`).join(", ")}`);
}

/** Gives a place, which has just been connected, its copies of the tables that each has. */
export async function fillCopies(tx: Queryable, places: readonly PlaceAddress[]): Promise<void> {
  for (const { place } of places) {
    for (const [table] of COPIED) {
      await tx.query(`insert into ${schemaOf(place)}.${table} select * from public.${table}`);
    }
  }
}

async function layTable(
  tx: Queryable,
  table: string,
  places: readonly PlaceAddress[],
): Promise<void> {
  await tx.query(`alter table public.${table} set schema ${SHAPE}`);
  await tx.query(
    `create table public.${table} (like ${SHAPE}.${table} including defaults including generated)
     partition by hash (account_id)`,
  );
  for (const { place } of places) {
    const name = schemaOf(place);
    await tx.query(
      `create foreign table ${name}.${table} partition of public.${table}
         for values with (modulus ${places.length}, remainder ${place})
         server ${name} options (schema_name 'public', table_name '${table}')`,
    );
  }
  await copyRights(tx, table, "public");
}

/**
 * Statements that make the views of tables by account anew: a view goes on meaning the table of before, wherever it is
 * moved to. Their texts are read while the names still lead to what they mean.
 */
async function viewsOfAccounts(tx: Queryable): Promise<string[]> {
  const rows = await tx.query<{ statement: string }>(
    `select distinct format('create or replace view public.%I as %s', w.relname, pg_get_viewdef(w.oid)) as statement
     from pg_depend d join pg_rewrite r on r.oid = d.objid join pg_class w on w.oid = r.ev_class
     join pg_class t on t.oid = d.refobjid
     where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass and w.relkind = 'v'
       and w.relnamespace = 'public'::regnamespace and t.relnamespace = 'public'::regnamespace
       and t.relname = any ($1) and w.relname <> 'payments_partitions'`,
    [[...BY_ACCOUNT]],
  );
  return rows.map(({ statement }) => statement);
}

/** PostgreSQL has no foreign keys into other servers: those of tables that stay whole end here. */
async function dropKeysInto(tx: Queryable): Promise<void> {
  const keys = await tx.query<{ statement: string }>(
    `select format('alter table %s drop constraint %I', k.conrelid::regclass, k.conname) as statement
     from pg_constraint k join pg_class t on t.oid = k.confrelid join pg_class o on o.oid = k.conrelid
     where k.contype = 'f' and k.conparentid = 0
       and t.relnamespace = '${SHAPE}'::regnamespace and o.relnamespace = 'public'::regnamespace`,
  );
  for (const { statement } of keys) await tx.query(statement);
}

async function setTransactionAge(tx: Queryable, elsewhere: readonly string[]): Promise<void> {
  const here = "select seconds from transaction_age_here";
  await tx.query(
    `create or replace view transaction_age as ${[here, ...elsewhere].join(" union all ")}`,
  );
}
