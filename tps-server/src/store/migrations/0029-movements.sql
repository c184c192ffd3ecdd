-- What came to an account, paid in or given back, in the order in which it was entered. The number is given while the
-- account's row is locked, so that a later one never becomes visible before an earlier one of the same account.
create sequence account_movements;

alter table fundings add column movement bigint;
update fundings f set movement = numbered.movement
  from (select account_id, reference, nextval('account_movements') as movement
          from (select account_id, reference from fundings order by funded_at, account_id, balance_after) ordered) numbered
 where f.account_id = numbered.account_id and f.reference = numbered.reference;
alter table fundings
  alter column movement set default nextval('account_movements'),
  alter column movement set not null;
create unique index fundings_by_movement on fundings (account_id, movement);

alter table refunds add column movement bigint not null default nextval('account_movements');
create unique index refunds_by_movement on refunds (account_id, movement);
