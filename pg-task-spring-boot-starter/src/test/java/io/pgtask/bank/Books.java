package io.pgtask.bank;

import java.util.List;

import javax.sql.DataSource;

import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Audits the bank.
 */
final class Books {

	private final JdbcClient jdbc;

	Books(DataSource dataSource) {
		this.jdbc = JdbcClient.create(dataSource);
	}

	/** At every moment, whatever happens. */
	void assertNoMoneyIsLostOrMade() {
		assertThat(number("SELECT sum(balance) FROM account")).as("the sum of all money")
			.isEqualTo(Bank.ACCOUNTS * Bank.INITIAL_BALANCE);
	}

	/** When everything has calmed down. */
	void assertEveryTransferWasBookedOnce() {
		assertNoMoneyIsLostOrMade();
		assertThat(number("SELECT count(*) FROM pg_task")).as("tasks left over").isZero();
		assertThat(numbers("SELECT number FROM transfer EXCEPT SELECT transfer FROM booking")).as("lost").isEmpty();
		assertThat(numbers("SELECT transfer FROM booking EXCEPT SELECT number FROM transfer")).as("never ordered")
			.isEmpty();
		assertThat(bookedTwice()).as("booked more than once").isEmpty();
		assertThat(numbers("SELECT number FROM transfer EXCEPT SELECT transfer FROM receipt")).as("not reported")
			.isEmpty();
		assertThat(numbers("""
				SELECT a.id FROM account a WHERE a.balance <> %d
					+ (SELECT coalesce(sum(amount), 0) FROM transfer WHERE target = a.id)
					- (SELECT coalesce(sum(amount), 0) FROM transfer WHERE source = a.id)
				""".formatted(Bank.INITIAL_BALANCE))).as("accounts with a wrong balance").isEmpty();
	}

	List<Integer> bookedTwice() {
		return numbers("SELECT transfer FROM booking GROUP BY transfer HAVING count(*) > 1 ORDER BY transfer");
	}

	/** How many transfers were begun to be booked more than once. */
	int repeated() {
		return number("SELECT count(*) FROM (SELECT FROM attempt GROUP BY transfer HAVING count(*) > 1) repeated");
	}

	int ordered() {
		return number("SELECT count(*) FROM transfer");
	}

	int booked() {
		return number("SELECT count(*) FROM booking");
	}

	int open() {
		return number("SELECT count(*) FROM pg_task");
	}

	private int number(String sql) {
		return this.jdbc.sql(sql).query(Integer.class).single();
	}

	private List<Integer> numbers(String sql) {
		return this.jdbc.sql(sql).query(Integer.class).list();
	}

}
