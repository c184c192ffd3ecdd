-- A revoked device stays revoked, whoever asks: the telephone service may revoke one, and column rights cannot say
-- "in this direction only".
create function refuse_restoring_devices() returns trigger language plpgsql as $$
begin
  raise exception 'A revoked device stays revoked.';
end
$$;

create trigger revocation_is_final before update of state on devices
  for each row when (old.state = 'revoked' and new.state <> 'revoked')
  execute function refuse_restoring_devices();
