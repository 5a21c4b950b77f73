package io.pgtask.bank;

import java.util.List;

import javax.sql.DataSource;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The tables of the bank: the user's side of the story. Nothing in them keeps a transfer
 * from being booked twice.
 */
final class Bank {

	static final int ACCOUNTS = 20;

	static final int INITIAL_BALANCE = 1000;

	private static final List<String> TABLES = List.of(
			"CREATE TABLE account (id int PRIMARY KEY, balance int NOT NULL)",
			"CREATE TABLE transfer (number int PRIMARY KEY, source int NOT NULL, target int NOT NULL, amount int NOT NULL)",
			"CREATE TABLE attempt (transfer int NOT NULL)", "CREATE TABLE booking (transfer int NOT NULL)",
			"CREATE TABLE receipt (transfer int PRIMARY KEY)");

	private final JdbcClient jdbc;

	private final TransactionTemplate apart;

	Bank(DataSource dataSource) {
		this.jdbc = JdbcClient.create(dataSource);
		this.apart = new TransactionTemplate(new JdbcTransactionManager(dataSource));
		this.apart.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
	}

	void open() {
		for (String table : TABLES) {
			this.jdbc.sql(table).update();
		}
		this.jdbc.sql("INSERT INTO account SELECT n, ? FROM generate_series(1, ?) n")
			.params(INITIAL_BALANCE, ACCOUNTS)
			.update();
	}

	void order(Transfer.Accept transfer) {
		this.jdbc.sql("INSERT INTO transfer (number, source, target, amount) VALUES (?, ?, ?, ?)")
			.params(transfer.number(), transfer.from(), transfer.to(), transfer.amount())
			.update();
	}

	/** Writes down that a transfer is about to be booked, whatever becomes of it. */
	void attempt(int transfer) {
		this.apart.executeWithoutResult(
				(status) -> this.jdbc.sql("INSERT INTO attempt (transfer) VALUES (?)").param(transfer).update());
	}

	/** Moves the money, in the transaction of the caller. */
	void book(Transfer.Book transfer) {
		// In this order, so that two transfers never wait for each other.
		this.jdbc.sql("SELECT id FROM account WHERE id IN (?, ?) ORDER BY id FOR UPDATE")
			.params(transfer.from(), transfer.to())
			.query(Integer.class)
			.list();
		this.jdbc.sql("UPDATE account SET balance = balance - ? WHERE id = ?")
			.params(transfer.amount(), transfer.from())
			.update();
		this.jdbc.sql("UPDATE account SET balance = balance + ? WHERE id = ?")
			.params(transfer.amount(), transfer.to())
			.update();
		this.jdbc.sql("INSERT INTO booking (transfer) VALUES (?)").param(transfer.number()).update();
	}

	/** May be repeated without harm. */
	void report(int transfer) {
		this.jdbc.sql("INSERT INTO receipt (transfer) VALUES (?) ON CONFLICT DO NOTHING").param(transfer).update();
	}

}
