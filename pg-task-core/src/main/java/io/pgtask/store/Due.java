package io.pgtask.store;

/**
 * The moment from which anyone may take a row: its due time, or the end of its lease if
 * that is later. This very expression stands in the claim index, so that an expired lease
 * needs nobody to clean it up.
 */
final class Due {

	static final String EXPRESSION = """
			(CASE WHEN t.locked_by IS NOT NULL THEN GREATEST(t.wakeup_at, t.lock_expires_at) ELSE t.wakeup_at END)""";

	private Due() {
	}

}
