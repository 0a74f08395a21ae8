-- Whose result file has this id of the provider? Follow-up models of music take the id of an earlier track, and it must
-- come from a succeeded task of the same owner. The log answers it: a success is never taken back, so no second table has
-- to be kept right. Only the few successes whose files have such ids are in the index.
create index event_result_file_ids on event
  using gin (jsonb_path_query_array(data::jsonb, '$.files[*].provider_file_id'))
  where type = 'TaskSucceeded' and jsonb_path_exists(data::jsonb, '$.files[*].provider_file_id');
