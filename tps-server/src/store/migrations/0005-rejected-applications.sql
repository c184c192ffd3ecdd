-- The operator may reject an application, so that it no longer waits. What is rejected stays so: a merchant who
-- mends what was wrong signs a new application, which is another row.
alter table merchant_applications drop constraint merchant_applications_state_check;
alter table merchant_applications add constraint merchant_applications_state_check
  check (state in ('pending', 'approved', 'rejected'));
