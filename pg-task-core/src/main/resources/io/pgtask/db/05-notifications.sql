-- pg-task, schema change 5: what is saved is saved although nobody can be told of it. Run it after
-- 04-history.sql. Running it again changes nothing.
--
-- A session that listens and stays in a transaction fills the server's queue of notifications, and
-- then every transaction that notifies fails at its commit. Workers and those who wait also look
-- from time to time, so that it is better to tell nobody than to save nothing.
--
-- It is one block, so that it is atomic even where the client commits after each statement.
DO $pg_task$
DECLARE
    own_schema constant text := quote_ident(current_schema());
    caller_path constant text := current_setting('search_path');
    caller_messages constant text := current_setting('client_min_messages');
BEGIN
    IF to_regclass(own_schema || '.pg_task') IS NULL OR to_regclass(own_schema || '.pg_task_history') IS NULL THEN
        RAISE EXCEPTION 'the first schema of the search path (%) has no table pg_task of schema change 4', caller_path
            USING ERRCODE = 'undefined_table', HINT = 'Run 04-history.sql first, with the same search_path.';
    END IF;
    -- Nothing of another schema on the path may be taken for ours.
    PERFORM set_config('search_path', own_schema, true);
    PERFORM set_config('client_min_messages', 'warning', true);

    -- normal.sql calls these two instead of pg_task_notify_on_change and pg_task_notify_on_error, which are Rust's
    -- and stay as they are.
    CREATE OR REPLACE FUNCTION pg_task_wake_workers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_notification_queue_usage() < 0.75 THEN
        PERFORM pg_notify('pg_task_changed', '');
    END IF;
    RETURN NULL;
END;
$$;
    CREATE OR REPLACE FUNCTION pg_task_tell_error() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_notification_queue_usage() < 0.75 THEN
        PERFORM pg_notify('pg_task_error', NEW.id::text);
    END IF;
    RETURN NULL;
END;
$$;
    CREATE OR REPLACE TRIGGER pg_task_paused_changed AFTER INSERT OR UPDATE OR DELETE ON pg_task_paused
        FOR EACH STATEMENT EXECUTE FUNCTION pg_task_wake_workers();
    DROP FUNCTION IF EXISTS pg_task_notify_on_pause();

    COMMENT ON FUNCTION pg_task_wake_workers() IS 'Wakes the workers, if there is room for a notification';
    COMMENT ON FUNCTION pg_task_tell_error()
        IS 'Tells the id of a task that has ended in an error, if there is room for a notification';

    PERFORM set_config('client_min_messages', caller_messages, true);
    PERFORM set_config('search_path', caller_path, true);
END;
$pg_task$;
