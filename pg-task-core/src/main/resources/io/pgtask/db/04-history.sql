-- pg-task, schema change 4: what is kept of tasks behind their end, and where tasks go that nobody
-- mends. Run it after 03-failures.sql. Running it again changes nothing.
--
-- The tables stay empty unless pg-task.history.enabled or pg-task.dead-letters.after says otherwise.
-- The table pg_task is not rewritten: its new column has no default.
--
-- It is one block, so that it is atomic even where the client commits after each statement.
DO $pg_task$
DECLARE
    own_table constant regclass := to_regclass(quote_ident(current_schema()) || '.pg_task');
    caller_path constant text := current_setting('search_path');
    caller_messages constant text := current_setting('client_min_messages');
    existing_columns text[];
BEGIN
    SELECT array_agg(attname) INTO existing_columns
    FROM pg_attribute WHERE attrelid = own_table AND attnum > 0 AND NOT attisdropped;
    IF existing_columns IS NULL OR NOT 'failures' = ANY (existing_columns) THEN
        RAISE EXCEPTION 'the first schema of the search path (%) has no table pg_task of schema change 3', caller_path
            USING ERRCODE = 'undefined_table', HINT = 'Run 03-failures.sql first, with the same search_path.';
    END IF;
    -- Nothing of another schema on the path may be taken for ours. The functions below that run as
    -- their owner keep this path, and temporary tables of their callers come last in it.
    PERFORM set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);
    PERFORM set_config('client_min_messages', 'warning', true);

    IF NOT 'passed' = ANY (existing_columns) THEN
        ALTER TABLE pg_task ADD COLUMN passed jsonb;
    END IF;
    -- Parked tasks by the time they were parked. It holds no row that a worker touches before.
    CREATE INDEX IF NOT EXISTS pg_task_parked_idx ON pg_task (parked_at) WHERE error IS NOT NULL;

    -- The second key of the step's JSON, raw as it is written. See pg_task_type.
    CREATE OR REPLACE FUNCTION pg_task_step(step text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $step$
BEGIN
    RETURN CASE
        WHEN starts_with(step, '{"')
                AND split_part(step, '"', 3) = ':{'
                AND starts_with(split_part(step, '"', 5), ':')
                AND strpos(split_part(step, '"', 2) || split_part(step, '"', 4), E'\\') = 0
            THEN left(split_part(step, '"', 4), 200)
        ELSE left(substring(left(step, 1000) FROM
            E'^[ \\t\\n\\r]*\\{[ \\t\\n\\r]*"(?:[^"\\\\]|\\\\.)*"[ \\t\\n\\r]*:[ \\t\\n\\r]*\\{[ \\t\\n\\r]*"((?:[^"\\\\]|\\\\.)*)"[ \\t\\n\\r]*:'), 200)
    END;
END;
$step$;

    CREATE TABLE IF NOT EXISTS pg_task_history (
        id uuid NOT NULL,
        task text,
        step text,
        outcome text NOT NULL,
        state text,
        error text,
        failures jsonb,
        passed jsonb,
        tried int NOT NULL,
        delivery int NOT NULL,
        priority smallint NOT NULL,
        worker text,
        headers jsonb,
        tags text[],
        unique_key text,
        created_at timestamptz NOT NULL,
        ended_at timestamptz NOT NULL
    ) PARTITION BY RANGE (ended_at);
    CREATE INDEX IF NOT EXISTS pg_task_history_id_idx ON pg_task_history (id);
    CREATE INDEX IF NOT EXISTS pg_task_history_task_idx ON pg_task_history (task, ended_at);
    CREATE INDEX IF NOT EXISTS pg_task_history_outcome_idx ON pg_task_history (outcome, ended_at) WHERE outcome <> 'DONE';
    CREATE INDEX IF NOT EXISTS pg_task_history_tags_idx ON pg_task_history USING gin (tags) WHERE tags IS NOT NULL;
    -- What ends on a day without a partition, so that no task's end ever fails for want of one.
    CREATE TABLE IF NOT EXISTS pg_task_history_default PARTITION OF pg_task_history DEFAULT;
    CREATE INDEX IF NOT EXISTS pg_task_history_default_ended_at_idx ON pg_task_history_default (ended_at);

    CREATE TABLE IF NOT EXISTS pg_task_dead (
        id uuid PRIMARY KEY,
        task text,
        step text NOT NULL,
        error text NOT NULL,
        failures jsonb,
        passed jsonb,
        tried int NOT NULL,
        delivery int NOT NULL,
        priority smallint NOT NULL,
        headers jsonb,
        tags text[],
        unique_key text,
        created_at timestamptz NOT NULL,
        parked_at timestamptz NOT NULL,
        moved_at timestamptz NOT NULL DEFAULT statement_timestamp()
    );
    CREATE INDEX IF NOT EXISTS pg_task_dead_task_idx ON pg_task_dead (task, id);

    -- They run as the owner of the tables, so that the role of the application needs to own nothing.
    -- A lock that is not to be had at once is left for the next time: workers wait behind whoever
    -- waits for it.
    CREATE OR REPLACE FUNCTION pg_task_history_due(days_ahead int, retention interval, OUT prepare boolean, OUT prune boolean)
        LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $due$
DECLARE
    today constant date := (statement_timestamp() AT TIME ZONE 'UTC')::date;
    kept_from constant timestamptz := statement_timestamp() - retention;
BEGIN
    prepare := EXISTS (
        SELECT FROM generate_series(0, days_ahead) ahead
        WHERE to_regclass('pg_task_history_' || to_char(today + ahead, 'YYYYMMDD')) IS NULL
            AND NOT EXISTS (
                SELECT FROM pg_task_history_default
                WHERE ended_at >= (today + ahead)::timestamp AT TIME ZONE 'UTC'
                    AND ended_at < (today + ahead + 1)::timestamp AT TIME ZONE 'UTC'));
    prune := EXISTS (
            SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'pg_task_history'::regclass AND c.relname ~ '^pg_task_history_[0-9]{8}$'
                AND right(c.relname, 8) < to_char(kept_from AT TIME ZONE 'UTC', 'YYYYMMDD'))
        OR EXISTS (SELECT FROM pg_task_history_default WHERE ended_at < kept_from);
END;
$due$;

    -- A day of which rows are in the default partition stays there: moving them would stop whoever
    -- ends a task for as long as it takes.
    CREATE OR REPLACE FUNCTION pg_task_history_prepare(days_ahead int, OUT created text[], OUT hindered text[])
        LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '100ms' AS $prepare$
DECLARE
    today constant date := (statement_timestamp() AT TIME ZONE 'UTC')::date;
    day date;
    name text;
BEGIN
    created := '{}';
    hindered := '{}';
    FOR day IN SELECT today + ahead FROM generate_series(0, days_ahead) ahead ORDER BY ahead LOOP
        name := 'pg_task_history_' || to_char(day, 'YYYYMMDD');
        CONTINUE WHEN to_regclass(name) IS NOT NULL OR EXISTS (
            SELECT FROM pg_task_history_default
            WHERE ended_at >= day::timestamp AT TIME ZONE 'UTC' AND ended_at < (day + 1)::timestamp AT TIME ZONE 'UTC');
        BEGIN
            -- Unlike CREATE TABLE … PARTITION OF this does not lock out those who insert.
            EXECUTE format('CREATE TABLE %I (LIKE pg_task_history INCLUDING ALL)', name);
            EXECUTE format('ALTER TABLE pg_task_history ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name,
                to_char(day, 'YYYY-MM-DD') || ' 00:00:00+00', to_char(day + 1, 'YYYY-MM-DD') || ' 00:00:00+00');
            created := created || name;
        EXCEPTION
            -- Of a row that came into the default partition in between, or of somebody's lock.
            WHEN check_violation OR lock_not_available THEN
                hindered := hindered || name;
        END;
    END LOOP;
END;
$prepare$;

    CREATE OR REPLACE FUNCTION pg_task_history_prune(retention interval, OUT dropped text[], OUT hindered text[], OUT deleted bigint)
        LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '100ms' AS $prune$
DECLARE
    kept_from constant timestamptz := statement_timestamp() - retention;
    name text;
BEGIN
    IF retention IS NULL OR retention < interval '0' THEN
        RAISE EXCEPTION 'the history cannot be pruned to a retention of %', retention
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    dropped := '{}';
    hindered := '{}';
    DELETE FROM pg_task_history_default
    WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM pg_task_history_default WHERE ended_at < kept_from ORDER BY ended_at LIMIT 10000));
    GET DIAGNOSTICS deleted = ROW_COUNT;
    FOR name IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'pg_task_history'::regclass AND c.relname ~ '^pg_task_history_[0-9]{8}$'
            AND right(c.relname, 8) < to_char(kept_from AT TIME ZONE 'UTC', 'YYYYMMDD')
        ORDER BY c.relname
    LOOP
        BEGIN
            EXECUTE format('DROP TABLE %I', name);
            dropped := dropped || name;
        EXCEPTION
            WHEN lock_not_available THEN
                hindered := hindered || name;
                EXIT;
        END;
    END LOOP;
END;
$prune$;
    REVOKE ALL ON FUNCTION pg_task_history_due(int, interval), pg_task_history_prepare(int), pg_task_history_prune(interval)
        FROM PUBLIC;

    COMMENT ON COLUMN pg_task.passed IS 'States the task has passed, the latest last, at most 50. Only kept with a history.';
    COMMENT ON TABLE pg_task_history IS 'Tasks that have ended, a partition for every day in UTC';
    COMMENT ON COLUMN pg_task_history.id IS 'Id of the task';
    COMMENT ON COLUMN pg_task_history.task IS 'Task type';
    COMMENT ON COLUMN pg_task_history.step IS 'Name of the last step';
    COMMENT ON COLUMN pg_task_history.outcome IS 'How the task ended: DONE, CANCELLED, EXPIRED, LAPSED or DELETED';
    COMMENT ON COLUMN pg_task_history.state IS 'Last state as in pg_task.step. Only kept if pg-task.history.keep-state says so.';
    COMMENT ON COLUMN pg_task_history.error IS 'Error the task was parked with, or that of its latest failed attempt';
    COMMENT ON COLUMN pg_task_history.failures IS 'Failed attempts of the last step, as in pg_task.failures';
    COMMENT ON COLUMN pg_task_history.passed IS 'States the task passed before the last one';
    COMMENT ON COLUMN pg_task_history.tried IS 'Failed attempts of the last step';
    COMMENT ON COLUMN pg_task_history.delivery IS 'Number of times a worker has claimed the last step';
    COMMENT ON COLUMN pg_task_history.priority IS 'Priority of the task';
    COMMENT ON COLUMN pg_task_history.worker IS 'Worker that ended the task, if it was one';
    COMMENT ON COLUMN pg_task_history.headers IS 'Headers of the task';
    COMMENT ON COLUMN pg_task_history.tags IS 'Words to find the task by';
    COMMENT ON COLUMN pg_task_history.unique_key IS 'Key that no other task of the type had';
    COMMENT ON COLUMN pg_task_history.created_at IS 'Time the task was created';
    COMMENT ON COLUMN pg_task_history.ended_at IS 'Time the task ended';
    COMMENT ON TABLE pg_task_history_default IS 'Tasks that ended on a day without a partition';
    COMMENT ON TABLE pg_task_dead IS 'Tasks that were parked with an error and that nobody has mended for a long time';
    COMMENT ON COLUMN pg_task_dead.id IS 'Id of the task';
    COMMENT ON COLUMN pg_task_dead.task IS 'Task type';
    COMMENT ON COLUMN pg_task_dead.step IS 'State the task stopped at, as in pg_task.step';
    COMMENT ON COLUMN pg_task_dead.error IS 'Error the task was parked with';
    COMMENT ON COLUMN pg_task_dead.failures IS 'Failed attempts of the step, as in pg_task.failures';
    COMMENT ON COLUMN pg_task_dead.passed IS 'States the task passed, as in pg_task.passed';
    COMMENT ON COLUMN pg_task_dead.tried IS 'Failed attempts of the step';
    COMMENT ON COLUMN pg_task_dead.delivery IS 'Number of times a worker has claimed the step';
    COMMENT ON COLUMN pg_task_dead.priority IS 'Priority of the task';
    COMMENT ON COLUMN pg_task_dead.headers IS 'Headers of the task';
    COMMENT ON COLUMN pg_task_dead.tags IS 'Words to find the task by';
    COMMENT ON COLUMN pg_task_dead.unique_key IS 'Key the task had; here it keeps nobody out';
    COMMENT ON COLUMN pg_task_dead.created_at IS 'Time the task was created';
    COMMENT ON COLUMN pg_task_dead.parked_at IS 'Time the task was parked';
    COMMENT ON COLUMN pg_task_dead.moved_at IS 'Time the task was moved here';
    COMMENT ON FUNCTION pg_task_step(text) IS 'Name of the step: the second key of a step''s JSON, at most 200 characters';
    COMMENT ON FUNCTION pg_task_history_due(int, interval) IS 'Whether partitions of the history are to be made or dropped';
    COMMENT ON FUNCTION pg_task_history_prepare(int) IS 'Makes the partitions of today and the days ahead';
    COMMENT ON FUNCTION pg_task_history_prune(interval) IS 'Drops the partitions of which every row is older, and deletes as old rows of the default partition';

    PERFORM set_config('client_min_messages', caller_messages, true);
    PERFORM set_config('search_path', caller_path, true);
END;
$pg_task$;
