-- pg-task: indexes and triggers for a table that only pg-task's workers use. Run it after the
-- numbered files, at every upgrade, and to leave the mode of shared-with-rust.sql. Running it again
-- changes nothing.
DO $pg_task$
DECLARE
    caller_path constant text := current_setting('search_path');
    caller_messages constant text := current_setting('client_min_messages');
BEGIN
    -- Nothing of another schema on the path may be taken for ours.
    PERFORM set_config('search_path', quote_ident(current_schema()), true);
    PERFORM set_config('client_min_messages', 'warning', true);

    -- Rust's claim index has one column, ours has three.
    IF EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('pg_task_next_available_at_idx') AND indnkeyatts = 1) THEN
        DROP INDEX pg_task_next_available_at_idx;
        ALTER INDEX IF EXISTS pg_task_claim_idx RENAME TO pg_task_next_available_at_idx;
    END IF;
    DROP INDEX IF EXISTS pg_task_wakeup_at_idx;
    CREATE INDEX IF NOT EXISTS pg_task_next_available_at_idx ON pg_task (task, priority, (
        CASE WHEN locked_by IS NOT NULL THEN GREATEST(wakeup_at, lock_expires_at) ELSE wakeup_at END
    )) WHERE error IS NULL;
    CREATE INDEX IF NOT EXISTS pg_task_locked_by_idx ON pg_task (locked_by) WHERE locked_by IS NOT NULL AND error IS NULL;
    -- For operators: parked tasks by type. It holds no row that a worker touches before it parks it.
    CREATE INDEX IF NOT EXISTS pg_task_errored_idx ON pg_task (task, id) WHERE error IS NOT NULL;

    -- A BEFORE UPDATE trigger costs every update a tuple lock, and a notification every commit a
    -- global one: the engine does without the first and asks for the second only where it has to.
    DROP TRIGGER IF EXISTS pg_task_before_update_refresh_updated_at_trigger ON pg_task;
    DROP TRIGGER IF EXISTS pg_task_before_update_by_rust ON pg_task;
    DROP TRIGGER IF EXISTS pg_task_changed ON pg_task;
    CREATE OR REPLACE TRIGGER pg_task_changed_insert AFTER INSERT ON pg_task FOR EACH ROW
        WHEN (NEW.quiet IS NOT TRUE AND NEW.hold IS NULL)
        EXECUTE FUNCTION pg_task_wake_workers();
    CREATE OR REPLACE TRIGGER pg_task_changed_update AFTER UPDATE OF error ON pg_task FOR EACH ROW
        WHEN (OLD.error IS NOT NULL AND NEW.error IS NULL)
        EXECUTE FUNCTION pg_task_wake_workers();
    CREATE OR REPLACE TRIGGER pg_task_changed_hold AFTER UPDATE OF hold ON pg_task FOR EACH ROW
        WHEN (OLD.hold IS NOT NULL AND NEW.hold IS NULL AND NEW.quiet IS NOT TRUE)
        EXECUTE FUNCTION pg_task_wake_workers();
    CREATE OR REPLACE TRIGGER pg_task_error_insert AFTER INSERT ON pg_task FOR EACH ROW
        WHEN (NEW.error IS NOT NULL)
        EXECUTE FUNCTION pg_task_tell_error();
    CREATE OR REPLACE TRIGGER pg_task_error_update AFTER UPDATE OF error ON pg_task FOR EACH ROW
        WHEN (OLD.error IS NULL AND NEW.error IS NOT NULL)
        EXECUTE FUNCTION pg_task_tell_error();

    -- Last, because it says that everything before is done.
    CREATE OR REPLACE FUNCTION pg_task_schema(OUT version int, OUT shared_with_rust boolean)
        LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$SELECT 5, false$$;
    COMMENT ON FUNCTION pg_task_schema() IS 'Version and mode of the pg-task schema';

    PERFORM set_config('client_min_messages', caller_messages, true);
    PERFORM set_config('search_path', caller_path, true);
END;
$pg_task$;
