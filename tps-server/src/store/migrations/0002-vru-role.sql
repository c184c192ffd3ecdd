-- The role of the telephone service (VRU): it changes PIN state and nothing about money. It cannot even read a
-- balance, a payment, a stored reply, or a sealed PIN. Roles belong to the whole cluster, so another database
-- may have made it already. It cannot log in before the operator (or the embedded database) gives it a password.
do $$
begin
  create role chit_vru nologin;
exception
  when duplicate_object or unique_violation then null;
end
$$;

grant usage on schema public to chit_vru;

grant select (origin, operator, telephone) on issuer to chit_vru;
grant select (account_id, status) on accounts to chit_vru;

grant select on telephone_access to chit_vru;
grant update (failed_attempts, locked_until) on telephone_access to chit_vru;

grant select (account_id, device_id, public_key, name, state, pin_state, pin_generation, count, failures, activated_at)
  on devices to chit_vru;
grant update (pin_state, pin_generation, modified_pin, modified_pin_key_id, failures) on devices to chit_vru;

grant select (account_id, device_id), delete on refused_requests to chit_vru;
