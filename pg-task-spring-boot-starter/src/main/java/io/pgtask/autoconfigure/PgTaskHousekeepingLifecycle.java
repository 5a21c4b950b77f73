package io.pgtask.autoconfigure;

import io.pgtask.store.SchemaCheck;
import io.pgtask.worker.Housekeeper;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.context.SmartLifecycle;

/**
 * Keeps house while the application context runs: from before the worker starts, so that
 * what it ends has its partition, until after it has stopped.
 */
final class PgTaskHousekeepingLifecycle implements SmartLifecycle, SmartInitializingSingleton {

	private final Housekeeper housekeeper;

	private final PgTaskDatabase database;

	private final boolean needed;

	private final int phase;

	/**
	 * Create it.
	 * @param needed whether there can ever be anything to do
	 */
	PgTaskHousekeepingLifecycle(Housekeeper housekeeper, PgTaskDatabase database, boolean needed, int phase) {
		this.housekeeper = housekeeper;
		this.database = database;
		this.needed = needed;
		this.phase = phase;
	}

	@Override
	public void afterSingletonsInstantiated() {
		if (this.needed) {
			SchemaCheck.verifyForHousekeeping(this.database.dataSource(), this.database.table());
		}
	}

	@Override
	public void start() {
		this.housekeeper.start();
	}

	@Override
	public void stop() {
		this.housekeeper.stop();
	}

	@Override
	public boolean isRunning() {
		return this.housekeeper.isRunning();
	}

	@Override
	public boolean isAutoStartup() {
		return this.needed;
	}

	@Override
	public int getPhase() {
		return this.phase;
	}

}
