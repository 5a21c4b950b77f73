-- pg-task, schema change 2: what a task can be enqueued with, and what holds it back. Run it after
-- 01-table.sql. Running it again changes nothing.
--
-- The table is not rewritten: the columns have no default, and no index has an entry for a row
-- that does not use it.
--
-- It is one block, so that it is atomic even where the client commits after each statement.
DO $pg_task$
DECLARE
    own_table constant regclass := to_regclass(quote_ident(current_schema()) || '.pg_task');
    caller_path constant text := current_setting('search_path');
    caller_messages constant text := current_setting('client_min_messages');
    own_columns constant text[] := ARRAY['tags', 'unique_key', 'deadline', 'hold', 'hold_due', 'awaited'];
    existing_columns text[];
BEGIN
    SELECT array_agg(attname) INTO existing_columns
    FROM pg_attribute WHERE attrelid = own_table AND attnum > 0 AND NOT attisdropped;
    IF existing_columns IS NULL OR NOT 'task' = ANY (existing_columns) THEN
        RAISE EXCEPTION 'the first schema of the search path (%) has no table pg_task of schema change 1', caller_path
            USING ERRCODE = 'undefined_table', HINT = 'Run 01-table.sql first, with the same search_path.';
    END IF;
    -- Nothing of another schema on the path may be taken for ours.
    PERFORM set_config('search_path', quote_ident(current_schema()), true);
    PERFORM set_config('client_min_messages', 'warning', true);

    IF NOT existing_columns @> own_columns THEN
        ALTER TABLE pg_task
            ADD COLUMN IF NOT EXISTS tags text[],
            ADD COLUMN IF NOT EXISTS unique_key text,
            ADD COLUMN IF NOT EXISTS deadline timestamptz,
            ADD COLUMN IF NOT EXISTS hold text,
            ADD COLUMN IF NOT EXISTS hold_due timestamptz,
            ADD COLUMN IF NOT EXISTS awaited boolean;
    END IF;

    CREATE UNIQUE INDEX IF NOT EXISTS pg_task_unique_key_idx ON pg_task (task, unique_key) WHERE unique_key IS NOT NULL;
    CREATE INDEX IF NOT EXISTS pg_task_tags_idx ON pg_task USING gin (tags) WHERE tags IS NOT NULL;
    -- For operators, like that of parked tasks.
    CREATE INDEX IF NOT EXISTS pg_task_held_idx ON pg_task (task, id) WHERE hold IS NOT NULL;

    -- As in change 1, and the deadline, which is that of the first step alone.
    CREATE OR REPLACE FUNCTION pg_task_before_update_by_rust() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.error IS NULL THEN
        NEW.delivery = 0;
        NEW.parked_at = NULL;
        NEW.last_error = NULL;
    ELSE
        NEW.parked_at = statement_timestamp();
    END IF;
    NEW.deadline = NULL;
    RETURN NEW;
END;
$$;

    COMMENT ON COLUMN pg_task.tags IS 'Words to find tasks by';
    COMMENT ON COLUMN pg_task.unique_key IS 'No two tasks of a type have the same key';
    COMMENT ON COLUMN pg_task.deadline IS 'A task that no worker has started by then is not run but parked';
    COMMENT ON COLUMN pg_task.hold IS 'Why no worker may run the task: ''reserved'' until someone confirms it. wakeup_at is then the time the hold ends by itself.';
    COMMENT ON COLUMN pg_task.hold_due IS 'Scheduled time of a task that is held, for when the hold ends';
    COMMENT ON COLUMN pg_task.awaited IS 'True if somebody waits for the end of the task';

    PERFORM set_config('client_min_messages', caller_messages, true);
    PERFORM set_config('search_path', caller_path, true);
END;
$pg_task$;
