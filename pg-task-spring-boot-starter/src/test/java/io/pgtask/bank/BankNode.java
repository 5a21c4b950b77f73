package io.pgtask.bank;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import javax.sql.DataSource;

import io.pgtask.NextStep;
import io.pgtask.Step;
import io.pgtask.TaskStep;
import io.pgtask.autoconfigure.PgTaskAutoConfiguration;
import io.pgtask.autoconfigure.PgTaskWorkerAutoConfiguration;
import io.pgtask.test.ForkedJvm;
import io.pgtask.test.TestDatabase;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * An application of the bank in a process of its own. It ends with its standard input.
 */
@Configuration(proxyBeanMethods = false)
@ImportAutoConfiguration({ PropertyPlaceholderAutoConfiguration.class, LifecycleAutoConfiguration.class,
		TaskExecutionAutoConfiguration.class, DataSourceAutoConfiguration.class,
		DataSourceTransactionManagerAutoConfiguration.class, TransactionAutoConfiguration.class,
		JacksonAutoConfiguration.class, PgTaskAutoConfiguration.class, PgTaskWorkerAutoConfiguration.class })
public class BankNode {

	/** The sessions of the nodes in the server have names that begin so. */
	static final String SESSION_NAME = "bank-node-";

	static final Duration LEASE = Duration.ofSeconds(2);

	private static final int CONCURRENCY = 4;

	/** What a booking step does besides, and where faults should hit it. */
	private static final int WORK_MILLIS = 10;

	/** Four for the worker, and two for each step: its own and that of its attempt. */
	private static final int CONNECTIONS = 4 + 2 * CONCURRENCY + 1;

	/**
	 * Starts a process.
	 * @param number its number
	 * @param transactional whether its booking step is transactional
	 */
	static ForkedJvm start(TestDatabase database, int number, boolean transactional, Path output) throws IOException {
		return ForkedJvm.start(BankNode.class, output,
				List.of("--spring.datasource.url=" + url(database, number),
						"--spring.datasource.username=" + database.username(),
						"--spring.datasource.password=" + database.password(),
						"--spring.datasource.hikari.maximum-pool-size=" + CONNECTIONS,
						"--spring.datasource.hikari.minimum-idle=0", "--pg-task.worker.concurrency=" + CONCURRENCY,
						"--pg-task.worker.lease-timeout=" + LEASE.toMillis() + "ms",
						"--pg-task.worker.heartbeat-interval=" + LEASE.toMillis() / 4 + "ms",
						"--pg-task.worker.poll-interval=1s", "--pg-task.worker.max-deliveries=1000",
						"--bank.transactional=" + transactional));
	}

	private static String url(TestDatabase database, int number) {
		String url = database.url();
		return url + (url.contains("?") ? "&" : "?") + "ApplicationName=" + SESSION_NAME + number;
	}

	/**
	 * Runs until the standard input ends.
	 * @param arguments the properties of the application
	 * @throws IOException if the standard input fails
	 */
	public static void main(String[] arguments) throws IOException {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(BankNode.class)
			.web(WebApplicationType.NONE)
			.run(arguments)) {
			while (System.in.read() >= 0) {
				// The test says nothing, it only closes the stream.
			}
		}
	}

	@Bean
	Bank bank(DataSource dataSource) {
		return new Bank(dataSource);
	}

	@Bean
	@TaskStep(maxRetries = 1000, retryDelay = "20ms")
	Step<Transfer, Transfer.Accept> accept() {
		return (state, context) -> NextStep
			.now(new Transfer.Book(state.number(), state.from(), state.to(), state.amount()));
	}

	@Bean
	@TaskStep(maxRetries = 1000, retryDelay = "20ms")
	Step<Transfer, Transfer.Report> report(Bank bank) {
		return (state, context) -> {
			bank.report(state.number());
			return NextStep.done();
		};
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBooleanProperty("bank.transactional")
	static class ExactlyOnce {

		@Bean
		@TaskStep(maxRetries = 1000, retryDelay = "20ms", transactional = true)
		Step<Transfer, Transfer.Book> book(Bank bank) {
			return (state, context) -> {
				bank.attempt(state.number());
				bank.book(state);
				Thread.sleep(WORK_MILLIS);
				return NextStep.now(new Transfer.Report(state.number()));
			};
		}

	}

	/**
	 * What many would write: the transfer is one transaction, and its commit is not that
	 * of the step.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBooleanProperty(name = "bank.transactional", havingValue = false)
	static class AtLeastOnce {

		@Bean
		@TaskStep(maxRetries = 1000, retryDelay = "20ms")
		Step<Transfer, Transfer.Book> book(Bank bank, PlatformTransactionManager manager) {
			return (state, context) -> {
				bank.attempt(state.number());
				new TransactionTemplate(manager).executeWithoutResult((status) -> bank.book(state));
				Thread.sleep(WORK_MILLIS);
				return NextStep.now(new Transfer.Report(state.number()));
			};
		}

	}

}
