package io.pgtask.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.pgtask.test.PostgresTest;
import io.pgtask.test.TaskSchema;
import io.pgtask.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the generated column {@code task}.
 */
@PostgresTest
class TaskColumnTests {

	private static final String INSERT = "INSERT INTO pg_task (step) VALUES (?) RETURNING task";

	private static final String[] PIECES = { "{", "\"", "\\", ":", " ", "\n", "\t", "a", "👋", "}", "u0041", "[", ".",
			"*", "(", ")", "é", "{\"", "\":", "\u0001", "null", "$", "\\\"", "\u00a0" };

	private static final long SEED = 20261121;

	private final Connection connection;

	TaskColumnTests(TestDatabase database) throws SQLException {
		this.connection = database.openConnection();
	}

	@BeforeAll
	static void createTable(TestDatabase database) {
		TaskSchema.create(database.dataSource());
	}

	@AfterEach
	void close() throws SQLException {
		this.connection.close();
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '`', textBlock = """
			{"Greeter":{"ReadName":{"filename":"name.txt"}}} | Greeter
			{"SendMail":null}                                | SendMail
			{"👋":null}                                      | 👋
			{"naïve name with spaces":1}                     | naïve name with spaces
			{"it's":1}                                       | it's
			{"a:b":{"c":1}}                                  | a:b
			{"{":1}                                          | {
			{"first":1,"second":2}                           | first
			{ "spaced" : { "Step": null } }                  | spaced
			{"colon" :1}                                     | colon
			` \t\r\n{\n"line" \n : 1}`                       | line
			{"a\\"b":1}                                      | a\\"b
			{"a\\\\":1}                                      | a\\\\
			{"u\\u0041":1}                                   | u\\u0041
			{"":1}                                           | ``
			""", delimiter = '|')
	void isTheFirstKeyAsItIsWritten(String step, String task) throws SQLException {
		assertThat(taskOf(step)).isEqualTo(task);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "not JSON", "null", "42", "\"text\"", "[]", "[{\"a\":1}]", "{}", "{ }", "{",
			"{\"", "{\"unclosed", "{\"no colon\"}", "{\"junk\" after:1}", "{unquoted:1}", "{'single':1}", "\"{\"a\":1}",
			"{\u00a0\"no JSON space\":1}", "{\"dangling\\", "{\"escaped\\\":1}", "{1:2}", "x{\"a\":1}" })
	void isNullWhereThereIsNoFirstKey(String step) throws SQLException {
		assertThat(taskOf(step)).isNull();
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 199, 200, 201, 250, 293, 294, 295, 296, 297, 298, 299, 300, 301, 1000 })
	void isCutTo200CharactersWhateverTheText(int length) throws SQLException {
		for (String letter : new String[] { "n", "é", "👋" }) {
			String name = letter.repeat(length);
			String expected = letter.repeat(Math.min(length, 200));
			assertThat(taskOf("{\"%s\":1}".formatted(name))).isEqualTo(expected);
			assertThat(taskOf("{ \"%s\" : 1}".formatted(name))).isEqualTo(expected);
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 99, 100, 101, 146, 147, 148, 149, 150, 200 })
	void isCutInEscapesToo(int escapes) throws SQLException {
		String name = "\\\"".repeat(escapes);
		assertThat(taskOf("{\"%s\":1}".formatted(name))).isEqualTo(name.substring(0, Math.min(name.length(), 200)));
		assertThat(taskOf("{\"a%s\":1}".formatted(name)))
			.isEqualTo("a" + name.substring(0, Math.min(name.length(), 199)));
	}

	@Test
	void takesTextsOfTenMegabytes() throws SQLException {
		String payload = "👋".repeat(2_500_000);
		assertThat(taskOf("{\"Big\":\"" + payload + "\"}")).isEqualTo("Big");
		assertThat(taskOf("{\"B\\u00efg\":\"" + payload + "\"}")).isEqualTo("B\\u00efg");
		assertThat(taskOf(payload)).isNull();
		assertThat(taskOf("\\\"{: ".repeat(2_000_000))).isNull();
		assertThat(taskOf("{\"a\"" + " ".repeat(10_000_000) + ":1}")).as("beyond what is read").isEqualTo("a");
		assertThat(taskOf(" ".repeat(10_000_000) + "{\"a\":1}")).as("beyond what is read").isNull();
		assertThat(taskOf("{\"" + "x".repeat(10_000_000))).isEqualTo("x".repeat(200));
	}

	@Test
	void followsTheStep() throws SQLException {
		try (PreparedStatement statement = this.connection.prepareStatement(
				"WITH t AS (INSERT INTO pg_task (step) VALUES ('{\"A\":1}') RETURNING id) SELECT id FROM t")) {
			statement.execute();
		}
		try (PreparedStatement statement = this.connection
			.prepareStatement("UPDATE pg_task SET step = '{\"B\":1}' WHERE task = 'A' RETURNING task");
				ResultSet rows = statement.executeQuery()) {
			assertThat(rows.next()).isTrue();
			assertThat(rows.getString(1)).isEqualTo("B");
		}
	}

	@Test
	void neverFails() throws SQLException {
		Random random = new Random(SEED);
		this.connection.setAutoCommit(false);
		try (PreparedStatement statement = this.connection.prepareStatement("INSERT INTO pg_task (step) VALUES (?)")) {
			for (int i = 0; i < 20_000; i++) {
				statement.setString(1, randomText(random));
				statement.addBatch();
			}
			assertThat(statement.executeBatch()).hasSize(20_000);
		}
		try (PreparedStatement statement = this.connection.prepareStatement(
				"SELECT count(*) FILTER (WHERE task IS NOT NULL), count(*) FILTER (WHERE length(task) > 200) FROM pg_task");
				ResultSet rows = statement.executeQuery()) {
			assertThat(rows.next()).isTrue();
			assertThat(rows.getInt(1)).as("some of the texts have a key").isGreaterThan(100);
			assertThat(rows.getInt(2)).isZero();
		}
		this.connection.rollback();
	}

	private static String randomText(Random random) {
		int length = 1 + random.nextInt((random.nextInt(4) == 0) ? 400 : 12);
		String start = random.nextBoolean() ? "{\"" : "";
		return start + IntStream.range(0, length)
			.mapToObj((index) -> PIECES[random.nextInt(PIECES.length)])
			.collect(Collectors.joining());
	}

	private @Nullable String taskOf(String step) throws SQLException {
		try (PreparedStatement statement = this.connection.prepareStatement(INSERT)) {
			statement.setString(1, step);
			try (ResultSet rows = statement.executeQuery()) {
				assertThat(rows.next()).isTrue();
				return rows.getString(1);
			}
		}
	}

}
