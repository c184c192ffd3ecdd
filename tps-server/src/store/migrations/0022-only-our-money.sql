-- A request in a currency or scale that this TPS does not keep is denied, and kept with the others; said with our own
-- currency's name its amount would be another one. The telephone leaves it out.
create or replace function vru_payments(of_call text, at_time bigint)
returns table (kind text, moved_at bigint, amount bigint, name text)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  holder constant text := public.vru_reading(of_call, at_time, 'payments-heard');
begin
  return query
    select moved.kind, moved.moved_at, moved.amount, moved.name from (
      select case p.verdict when 'proof' then 'payment' else 'denial' end as kind, p.paid_at as moved_at,
             p.amount, coalesce(m.name, '') as name, p.count as place
        from public.payments p
        join public.issuer i on i.currency = p.currency and i.scale = p.scale
        left join public.merchants m on m.merchant_id = p.merchant_id
       where p.account_id = holder
      union all
      select 'funding', f.funded_at, f.amount, '', -1 from public.fundings f where f.account_id = holder
    ) moved
    order by moved.moved_at desc, moved.place desc limit 5;
end
$$;
