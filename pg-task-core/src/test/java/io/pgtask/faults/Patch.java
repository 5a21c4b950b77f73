package io.pgtask.faults;

import javax.sql.DataSource;

import io.pgtask.store.DirectStarter;

/**
 * Puts something in place of a part of the engine. Whatever is put there tells each time
 * it acts, so that no patch can come to nothing unnoticed.
 */
interface Patch {

	default DataSource dataSource(DataSource engine, Runnable onUse) {
		return engine;
	}

	default DirectStarter starter(DirectStarter engine, Runnable onUse) {
		return engine;
	}

}
