-- A task is written five times or so, and a new version of its row that finds room beside the old one leaves all indexes as they
-- are. Rows that exist are not moved.
alter table task set (fillfactor = 60);
