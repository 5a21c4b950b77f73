package io.pgtask.autoconfigure;

import io.pgtask.store.SchemaCheck;

import org.springframework.beans.factory.SmartInitializingSingleton;

/**
 * Fails the start of an application whose table is missing or too old, once everybody who
 * may migrate it has had the chance.
 */
final class PgTaskDatabaseCheck implements SmartInitializingSingleton {

	private final PgTaskDatabase database;

	private final boolean readOnly;

	private final TransactionCheck transactions;

	PgTaskDatabaseCheck(PgTaskDatabase database, boolean readOnly, TransactionCheck transactions) {
		this.database = database;
		this.readOnly = readOnly;
		this.transactions = transactions;
	}

	@Override
	public void afterSingletonsInstantiated() {
		if (this.readOnly) {
			SchemaCheck.verifyForReader(this.database.dataSource(), this.database.table());
		}
		else {
			SchemaCheck.verify(this.database.dataSource(), this.database.table());
		}
		this.transactions.verify(this.database.dataSource());
	}

}
