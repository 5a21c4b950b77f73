-- pg-task, schema change 3: what is known about failed attempts, and how operators hold and end
-- tasks that a worker has. Run it after 02-options.sql. Running it again changes nothing.
--
-- The table is not rewritten: the columns have no default.
--
-- It is one block, so that it is atomic even where the client commits after each statement.
DO $pg_task$
DECLARE
    own_table constant regclass := to_regclass(quote_ident(current_schema()) || '.pg_task');
    caller_path constant text := current_setting('search_path');
    caller_messages constant text := current_setting('client_min_messages');
    own_columns constant text[] := ARRAY['failures', 'postponed', 'cancel_requested_at'];
    existing_columns text[];
BEGIN
    SELECT array_agg(attname) INTO existing_columns
    FROM pg_attribute WHERE attrelid = own_table AND attnum > 0 AND NOT attisdropped;
    IF existing_columns IS NULL OR NOT 'hold' = ANY (existing_columns) THEN
        RAISE EXCEPTION 'the first schema of the search path (%) has no table pg_task of schema change 2', caller_path
            USING ERRCODE = 'undefined_table', HINT = 'Run 02-options.sql first, with the same search_path.';
    END IF;
    -- Nothing of another schema on the path may be taken for ours.
    PERFORM set_config('search_path', quote_ident(current_schema()), true);
    PERFORM set_config('client_min_messages', 'warning', true);

    IF NOT existing_columns @> own_columns THEN
        ALTER TABLE pg_task
            ADD COLUMN IF NOT EXISTS failures jsonb,
            ADD COLUMN IF NOT EXISTS postponed int,
            ADD COLUMN IF NOT EXISTS cancel_requested_at timestamptz;
    END IF;

    CREATE TABLE IF NOT EXISTS pg_task_paused (
        task text PRIMARY KEY,
        paused_at timestamptz NOT NULL DEFAULT now(),
        reason text
    );

    -- As in change 2, and what is kept of a step that a Rust worker has left behind.
    CREATE OR REPLACE FUNCTION pg_task_before_update_by_rust() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.error IS NULL THEN
        NEW.delivery = 0;
        NEW.parked_at = NULL;
        NEW.last_error = NULL;
    ELSE
        NEW.parked_at = statement_timestamp();
    END IF;
    IF NEW.step IS DISTINCT FROM OLD.step THEN
        NEW.failures = NULL;
        NEW.postponed = NULL;
    END IF;
    NEW.deadline = NULL;
    RETURN NEW;
END;
$$;

    CREATE OR REPLACE FUNCTION pg_task_notify_on_pause() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('pg_task_changed', '');
    RETURN NULL;
END;
$$;
    CREATE OR REPLACE TRIGGER pg_task_paused_changed AFTER INSERT OR UPDATE OR DELETE ON pg_task_paused
        FOR EACH STATEMENT EXECUTE FUNCTION pg_task_notify_on_pause();

    COMMENT ON COLUMN pg_task.failures IS 'Failed attempts of the current step, the newest last, bounded in number and size';
    COMMENT ON COLUMN pg_task.postponed IS 'Number of times the current step came back later without using an attempt';
    COMMENT ON COLUMN pg_task.cancel_requested_at IS 'Time somebody asked to cancel the task while a worker had it';
    COMMENT ON TABLE pg_task_paused IS 'Task types of which no worker starts a step. Delete the row to resume the type.';
    COMMENT ON COLUMN pg_task_paused.task IS 'Task type';
    COMMENT ON COLUMN pg_task_paused.paused_at IS 'Time the type was paused';
    COMMENT ON COLUMN pg_task_paused.reason IS 'Why it was paused, for people';
    COMMENT ON FUNCTION pg_task_notify_on_pause() IS 'Wakes the workers';

    PERFORM set_config('client_min_messages', caller_messages, true);
    PERFORM set_config('search_path', caller_path, true);
END;
$pg_task$;
