-- Calls under way have states that the telephone service no longer knows. They end here, and their callers call again.
with ended as (
  delete from vru_calls returning call_id, account_id, state ->> 'name' as state
)
insert into vru_log (at, call_id, account_id, event)
select extract(epoch from now())::bigint, call_id, account_id, 'call-lost' from ended where state <> 'ended';
