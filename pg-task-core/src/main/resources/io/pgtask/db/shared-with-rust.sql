-- pg-task: indexes and triggers for a table that workers of the Rust library pg_task use at the same
-- time: theirs, exactly as their migrations make them, and ours beside them. Run it instead of
-- normal.sql after the numbered files, at every upgrade. Running it again changes nothing.
DO $pg_task$
DECLARE
    caller_path constant text := current_setting('search_path');
    caller_messages constant text := current_setting('client_min_messages');
BEGIN
    -- Nothing of another schema on the path may be taken for ours.
    PERFORM set_config('search_path', quote_ident(current_schema()), true);
    PERFORM set_config('client_min_messages', 'warning', true);

    -- Rust's claim index has one column, ours has three.
    IF EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('pg_task_next_available_at_idx') AND indnkeyatts = 3) THEN
        ALTER INDEX pg_task_next_available_at_idx RENAME TO pg_task_claim_idx;
    END IF;
    DROP INDEX IF EXISTS pg_task_wakeup_at_idx;
    CREATE INDEX IF NOT EXISTS pg_task_next_available_at_idx ON pg_task ((
        CASE WHEN locked_by IS NOT NULL THEN GREATEST(wakeup_at, lock_expires_at) ELSE wakeup_at END
    )) WHERE error IS NULL;
    CREATE INDEX IF NOT EXISTS pg_task_claim_idx ON pg_task (task, priority, (
        CASE WHEN locked_by IS NOT NULL THEN GREATEST(wakeup_at, lock_expires_at) ELSE wakeup_at END
    )) WHERE error IS NULL;
    CREATE INDEX IF NOT EXISTS pg_task_locked_by_idx ON pg_task (locked_by) WHERE locked_by IS NOT NULL AND error IS NULL;
    -- For operators: parked tasks by type. It holds no row that a worker touches before it parks it.
    CREATE INDEX IF NOT EXISTS pg_task_errored_idx ON pg_task (task, id) WHERE error IS NOT NULL;

    CREATE OR REPLACE TRIGGER pg_task_before_update_refresh_updated_at_trigger BEFORE UPDATE ON pg_task FOR EACH ROW
        EXECUTE FUNCTION pg_task_before_update_refresh_updated_at();
    COMMENT ON TRIGGER pg_task_before_update_refresh_updated_at_trigger ON pg_task
        IS 'Refreshes `updated_at` column of the task on change';
    DROP TRIGGER IF EXISTS pg_task_changed ON pg_task;
    DROP TRIGGER IF EXISTS pg_task_changed_hold ON pg_task;
    CREATE OR REPLACE TRIGGER pg_task_changed_insert AFTER INSERT ON pg_task FOR EACH ROW
        EXECUTE FUNCTION pg_task_notify_on_change();
    CREATE OR REPLACE TRIGGER pg_task_changed_update AFTER UPDATE ON pg_task FOR EACH ROW
        WHEN (OLD.step IS DISTINCT FROM NEW.step
            OR OLD.wakeup_at IS DISTINCT FROM NEW.wakeup_at
            OR OLD.tried IS DISTINCT FROM NEW.tried
            OR OLD.error IS DISTINCT FROM NEW.error
            OR OLD.locked_by IS DISTINCT FROM NEW.locked_by)
        EXECUTE FUNCTION pg_task_notify_on_change();

    CREATE OR REPLACE TRIGGER pg_task_error_insert AFTER INSERT ON pg_task FOR EACH ROW
        WHEN (NEW.error IS NOT NULL)
        EXECUTE FUNCTION pg_task_notify_on_error();
    CREATE OR REPLACE TRIGGER pg_task_error_update AFTER UPDATE OF error ON pg_task FOR EACH ROW
        WHEN (OLD.error IS NULL AND NEW.error IS NOT NULL)
        EXECUTE FUNCTION pg_task_notify_on_error();

    -- A Rust worker parks a task without our mark, and enters a step without resetting our counters.
    -- Rows that this engine writes satisfy neither condition: it always writes updated_at, even where
    -- it replaces a task whose lease has expired by another one with a deadline.
    CREATE OR REPLACE TRIGGER pg_task_before_update_by_rust BEFORE UPDATE OF step, error ON pg_task FOR EACH ROW
        WHEN ((OLD.error IS NULL AND NEW.error IS NOT NULL AND NEW.parked_at IS NULL)
            OR (NEW.error IS NULL AND OLD.locked_by IS NOT NULL AND NEW.locked_by IS NULL
                AND OLD.step IS DISTINCT FROM NEW.step AND OLD.updated_at = NEW.updated_at
                AND (NEW.delivery <> 0 OR NEW.parked_at IS NOT NULL OR NEW.last_error IS NOT NULL OR NEW.deadline IS NOT NULL
                    OR NEW.postponed IS NOT NULL)))
        EXECUTE FUNCTION pg_task_before_update_by_rust();

    -- Last, because it says that everything before is done.
    CREATE OR REPLACE FUNCTION pg_task_schema(OUT version int, OUT shared_with_rust boolean)
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$SELECT 5, true$$;
    COMMENT ON FUNCTION pg_task_schema() IS 'Version and mode of the pg-task schema';

    PERFORM set_config('client_min_messages', caller_messages, true);
    PERFORM set_config('search_path', caller_path, true);
END;
$pg_task$;
