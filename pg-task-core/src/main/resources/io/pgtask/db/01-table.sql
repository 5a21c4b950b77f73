-- pg-task, schema change 1: the table pg_task with everything that does not depend on the mode.
--
-- Creates the table in the first schema of the search path, or takes over in place, with its rows,
-- the table of the Rust library pg_task as any of its releases left it. Running it again changes
-- nothing. Afterwards run normal.sql, or shared-with-rust.sql if Rust workers go on using the table.
--
-- It is one block, so that it is atomic even where the client commits after each statement.
DO $pg_task$
DECLARE
    own_schema constant text := current_schema();
    caller_path constant text := current_setting('search_path');
    caller_messages constant text := current_setting('client_min_messages');
    own_columns constant text[] := ARRAY['task', 'priority', 'delivery', 'parked_at', 'last_error', 'headers', 'quiet'];
    existing_columns text[];
    misfits text;
BEGIN
    IF current_setting('server_version_num')::int < 150000 THEN
        RAISE EXCEPTION 'pg-task needs PostgreSQL 15 or later, but this server is %', current_setting('server_version')
            USING ERRCODE = 'feature_not_supported';
    END IF;
    IF own_schema IS NULL THEN
        RAISE EXCEPTION 'no schema of the search path (%) exists', caller_path
            USING ERRCODE = 'invalid_schema_name', HINT = 'Create the schema, or set search_path to one that exists.';
    END IF;
    IF to_regclass('pg_task') IS NOT NULL AND to_regclass(format('%I.pg_task', own_schema)) IS NULL THEN
        RAISE EXCEPTION 'there is a table pg_task on the search path (%) already, but not in its first schema, %',
                caller_path, quote_ident(own_schema)
            USING ERRCODE = 'duplicate_table',
                HINT = 'Set search_path to the schema of the existing table to take it over, or to another one alone.';
    END IF;
    -- Nothing of another schema on the path may be taken for ours.
    PERFORM set_config('search_path', quote_ident(own_schema), true);
    PERFORM set_config('client_min_messages', 'warning', true);

    CREATE TABLE IF NOT EXISTS pg_task (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        step text NOT NULL,
        wakeup_at timestamptz NOT NULL DEFAULT now(),
        tried int NOT NULL DEFAULT 0,
        error text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        locked_by uuid,
        lock_expires_at timestamptz,
        CONSTRAINT pg_task_lease_state_check CHECK (
            (locked_by IS NULL AND lock_expires_at IS NULL)
            OR (locked_by IS NOT NULL AND lock_expires_at IS NOT NULL))
    );

    SELECT string_agg(format('%s %s', expected.name, expected.type), ', ' ORDER BY expected.position) INTO misfits
    FROM unnest(ARRAY['id', 'step', 'wakeup_at', 'tried', 'error', 'created_at', 'updated_at'],
            ARRAY['uuid', 'text', 'timestamptz', 'int', 'text', 'timestamptz', 'timestamptz'])
        WITH ORDINALITY AS expected (name, type, position)
    WHERE NOT EXISTS (
        SELECT FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.oid = 'pg_task'::regclass AND c.relkind = 'r' AND a.attname = expected.name
            AND a.atttypid = expected.type::regtype AND NOT a.attisdropped);
    IF misfits IS NOT NULL THEN
        RAISE EXCEPTION '%.pg_task exists but is not a table with the columns %', quote_ident(own_schema), misfits
            USING ERRCODE = 'wrong_object_type', HINT = 'Rename it, or give pg-task another schema.';
    END IF;

    SELECT array_agg(attname) INTO existing_columns
    FROM pg_attribute WHERE attrelid = 'pg_task'::regclass AND attnum > 0 AND NOT attisdropped;

    -- Rust's table of the years before leases: what its lease migration does. A changed column type
    -- fills the columns, where an UPDATE would fire the table's triggers and lose every updated_at.
    IF 'is_running' = ANY (existing_columns) THEN
        ALTER TABLE pg_task ADD COLUMN locked_by uuid, ADD COLUMN lock_expires_at timestamptz;
        ALTER TABLE pg_task
            ALTER COLUMN locked_by TYPE uuid USING CASE WHEN is_running THEN gen_random_uuid() END,
            ALTER COLUMN lock_expires_at TYPE timestamptz USING CASE WHEN is_running THEN now() END;
        ALTER TABLE pg_task DROP COLUMN is_running, ADD CONSTRAINT pg_task_lease_state_check CHECK (
            (locked_by IS NULL AND lock_expires_at IS NULL)
            OR (locked_by IS NOT NULL AND lock_expires_at IS NOT NULL));
    END IF;

    -- The first key of the step's JSON, raw as it is written, or NULL if there is none; no text makes
    -- it fail. Compact JSON, as every worker writes it, is taken apart by split_part, which stops at
    -- the third quote; the regular expressions, which cost five times as much, are for other JSON and
    -- read 300 characters. The second one is for a key that goes on beyond them.
    --
    -- A function, and in PL/pgSQL, because the server reads the expression of a generated column anew
    -- for every row that an UPDATE touches, even if there is nothing to compute: a claim would cost
    -- three times as much.
    CREATE OR REPLACE FUNCTION pg_task_type(step text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $type$
BEGIN
    RETURN CASE
        WHEN starts_with(step, '{"')
                AND starts_with(split_part(step, '"', 3), ':')
                AND strpos(split_part(step, '"', 2), E'\\') = 0
            THEN left(split_part(step, '"', 2), 200)
        ELSE left(coalesce(
            substring(left(step, 300) FROM E'^[ \\t\\n\\r]*\\{[ \\t\\n\\r]*"((?:[^"\\\\]|\\\\.)*)"[ \\t\\n\\r]*:'),
            CASE WHEN length(left(step, 300)) = 300
                THEN substring(left(step, 300) FROM E'^[ \\t\\n\\r]*\\{[ \\t\\n\\r]*"((?:[^"\\\\]|\\\\.)*)(?:\\\\|"[ \\t\\n\\r]*)?$')
            END), 200)
    END;
END;
$type$;

    IF NOT existing_columns @> own_columns THEN
        -- A queue of short-lived rows: room for HOT updates, and vacuums by the number of dead rows,
        -- unthrottled, whatever the size of the table, and without the lock that truncation takes.
        ALTER TABLE pg_task SET (
            fillfactor = 50,
            autovacuum_vacuum_scale_factor = 0,
            autovacuum_vacuum_threshold = 2000,
            autovacuum_vacuum_insert_scale_factor = 0,
            autovacuum_vacuum_insert_threshold = 20000,
            autovacuum_vacuum_cost_delay = 0,
            vacuum_truncate = off);

        ALTER TABLE pg_task
            ADD COLUMN IF NOT EXISTS task text GENERATED ALWAYS AS (pg_task_type(step)) STORED,
            ADD COLUMN IF NOT EXISTS priority smallint NOT NULL DEFAULT 4
                CONSTRAINT pg_task_priority_check CHECK (priority BETWEEN 0 AND 9),
            ADD COLUMN IF NOT EXISTS delivery int NOT NULL DEFAULT 0,
            ADD COLUMN IF NOT EXISTS parked_at timestamptz,
            ADD COLUMN IF NOT EXISTS last_error text,
            ADD COLUMN IF NOT EXISTS headers jsonb,
            ADD COLUMN IF NOT EXISTS quiet boolean;

        -- Rows that have failed already: clearing their error is to start the step anew, as for rows
        -- that this engine parks. No UPDATE, for the reason above.
        IF NOT 'parked_at' = ANY (existing_columns) AND EXISTS (SELECT FROM pg_task WHERE error IS NOT NULL) THEN
            ALTER TABLE pg_task
                ALTER COLUMN parked_at TYPE timestamptz USING CASE WHEN error IS NOT NULL THEN updated_at END;
        END IF;
    END IF;

    -- Names, signatures and behaviour of Rust's functions are kept for its later migrations.
    CREATE OR REPLACE FUNCTION pg_task_notify_on_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('pg_task_changed', '');
  RETURN NEW;
END;
$$;
    CREATE OR REPLACE FUNCTION pg_task_before_update_refresh_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at = now();
    RETURN NEW;
END;
$$;
    CREATE OR REPLACE FUNCTION pg_task_notify_on_error() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('pg_task_error', NEW.id::text);
    RETURN NEW;
END;
$$;
    CREATE OR REPLACE FUNCTION pg_task_before_update_by_rust() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.error IS NULL THEN
        NEW.delivery = 0;
        NEW.parked_at = NULL;
        NEW.last_error = NULL;
    ELSE
        NEW.parked_at = statement_timestamp();
    END IF;
    RETURN NEW;
END;
$$;

    COMMENT ON TABLE pg_task IS 'pg_task tasks';
    COMMENT ON COLUMN pg_task.step IS 'State of the current step';
    COMMENT ON COLUMN pg_task.wakeup_at IS 'Scheduled time for the task to execute the current step';
    COMMENT ON COLUMN pg_task.tried IS 'Number of times the current step has resulted in an error';
    COMMENT ON COLUMN pg_task.error IS 'Indicates if the current step has resulted in an error and all retry attempts have been exhausted. Set this field to null for the step to resume.';
    COMMENT ON COLUMN pg_task.created_at IS 'Time the task was created';
    COMMENT ON COLUMN pg_task.updated_at IS 'Time the task was updated';
    COMMENT ON COLUMN pg_task.locked_by IS 'Worker currently owning the running step lease';
    COMMENT ON COLUMN pg_task.lock_expires_at IS 'Time when the running step lease expires and can be reclaimed';
    COMMENT ON COLUMN pg_task.task IS 'Task type: the first key of step, at most 200 characters. Workers claim only the types they know.';
    COMMENT ON COLUMN pg_task.priority IS 'Priority among the due tasks of a type, from 9, the most urgent, to 0';
    COMMENT ON COLUMN pg_task.delivery IS 'Number of times a worker has claimed the task since it entered the current step';
    COMMENT ON COLUMN pg_task.parked_at IS 'Time a worker gave the task up with an error. When the error is set to null the current step starts anew.';
    COMMENT ON COLUMN pg_task.last_error IS 'Error of the latest failed attempt of the current step';
    COMMENT ON COLUMN pg_task.headers IS 'Names and values carried from enqueue to every step, such as the trace context';
    COMMENT ON COLUMN pg_task.quiet IS 'True if whoever inserted the row wakes the workers by itself, so that the trigger need not';
    COMMENT ON FUNCTION pg_task_before_update_refresh_updated_at() IS 'Refreshes `updated_at` column of the task';
    COMMENT ON FUNCTION pg_task_type(text) IS 'Task type: the first key of a step''s JSON, at most 200 characters';
    COMMENT ON FUNCTION pg_task_notify_on_change() IS 'Wakes the workers';
    COMMENT ON FUNCTION pg_task_notify_on_error() IS 'Tells the id of a task that has ended in an error';
    COMMENT ON FUNCTION pg_task_before_update_by_rust() IS 'Keeps the columns Rust workers do not know in step with what they write';

    PERFORM set_config('client_min_messages', caller_messages, true);
    PERFORM set_config('search_path', caller_path, true);
END;
$pg_task$;
