-- References of those who pay in are unique over all accounts, and lead from a reference to an account. A table of their
-- own keeps that apart from the accounts, whose every unique key has the account id in it, so that they can be distributed
-- by it. No foreign key: this table stays whole where accounts do not.
create table funding_references (
  reference text primary key check (reference ~ '^RF[0-9]{14}$'),
  account_id text not null unique
);
insert into funding_references (reference, account_id)
  select funding_reference, account_id from accounts where funding_reference is not null;
alter table accounts drop column funding_reference;
