-- Callers hear refunds among their last movements, with the name of the merchant that gave back. Within a second,
-- refunds come after payments, and money paid in before both.
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
      select 'refund', r.refunded_at, r.amount, coalesce(m.name, ''), 9223372036854775807
        from public.refunds r left join public.merchants m on m.merchant_id = r.merchant_id
       where r.account_id = holder
      union all
      select 'funding', f.funded_at, f.amount, '', -1 from public.fundings f where f.account_id = holder
    ) moved
    order by moved.moved_at desc, moved.place desc, moved.amount desc limit 5;
end
$$;
