-- A request whose sealing key was deleted is recognised by its bytes alone, and gets its stored reply.
create index payments_by_request on payments using hash (request_hash);
