package io.pgtask.autoconfigure;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

import io.pgtask.Backoff;
import io.pgtask.PgTaskConfigurationException;
import io.pgtask.TaskOutcome;
import io.pgtask.registry.StepOptions;
import io.pgtask.store.HistorySettings;
import io.pgtask.store.HousekeepingSettings;
import io.pgtask.worker.FailureSettings;
import io.pgtask.worker.WorkerSettings;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Configuration properties for pg-task.
 *
 * @param schema Schema of the pg_task table, written as it is stored. Without one the
 * connection's search path decides.
 * @param readOnly Whether this node only looks at tasks. It then has no worker, keeps no
 * house and migrates nothing, and its database user needs no privilege but SELECT.
 * @param sharedWithRust Whether workers of the Rust library share the table. Keeps its
 * indexes, triggers and notifications, which costs throughput.
 * @param liquibase How the schema is migrated.
 * @param errorEvents How parked tasks are published.
 * @param worker How this node's worker works.
 * @param retry How failed steps are retried unless their annotation says otherwise.
 * @param failures What is done about failed and overdue attempts.
 * @param steps Settings by task type, and below it by step, that win over the attributes
 * of the same names of the TaskStep annotation.
 * @param await How callers wait for the ends of tasks.
 * @param health When the worker counts as broken.
 * @param metrics What is measured.
 * @param history What is kept of tasks that have ended.
 * @param deadLetters What becomes of tasks that nobody mends.
 * @param housekeeping How this node keeps house.
 */
@ConfigurationProperties("pg-task")
public record PgTaskProperties(@Nullable String schema, @DefaultValue("false") boolean readOnly,
		@DefaultValue("false") boolean sharedWithRust, @DefaultValue Liquibase liquibase,
		@DefaultValue ErrorEvents errorEvents, @DefaultValue Worker worker, @DefaultValue Retry retry,
		@DefaultValue Failures failures, @DefaultValue Map<String, Object> steps, @DefaultValue Await await,
		@DefaultValue Health health, @DefaultValue Metrics metrics, @DefaultValue History history,
		@DefaultValue DeadLetters deadLetters, @DefaultValue Housekeeping housekeeping) {

	HistorySettings toHistorySettings() {
		return this.history.toSettings().withDeadTasks(this.deadLetters.after() != null);
	}

	HousekeepingSettings toHousekeepingSettings() {
		Duration deadAfter = this.deadLetters.after();
		return new HousekeepingSettings(this.history.retention(), this.housekeeping.daysAhead(),
				(deadAfter != null) ? deadAfter : HousekeepingSettings.DEFAULT.deadAfter());
	}

	/**
	 * How the schema is migrated.
	 *
	 * @param enabled Whether to create and migrate the pg_task table at start-up.
	 */
	public record Liquibase(@DefaultValue("true") boolean enabled) {
	}

	/**
	 * How parked tasks are published.
	 *
	 * @param enabled Whether to publish a TaskErrorEvent to the application's listeners
	 * for every task that any node parks. Holds one more connection.
	 */
	public record ErrorEvents(@DefaultValue("false") boolean enabled) {
	}

	/**
	 * How this node's worker works.
	 *
	 * @param enabled Whether this node runs steps. Without a worker it only enqueues and
	 * operates tasks, and needs no step beans.
	 * @param autoStartup Whether the worker starts with the application.
	 * @param concurrency Number of steps that run at once.
	 * @param leaseTimeout How long a claim lasts unless it is renewed. Other nodes take
	 * over the tasks of a lost host after this time, and those of a killed process within
	 * seconds.
	 * @param heartbeatInterval How often the leases of running steps are renewed. Must be
	 * shorter than the lease, better a third of it.
	 * @param pollInterval Longest time between two looks at the table. Bounds the delay
	 * of a task whose wake-up was lost.
	 * @param shutdownTimeout How long running steps may go on after the worker was told
	 * to stop. After that they are interrupted and given back. Should be shorter than
	 * spring.lifecycle.timeout-per-shutdown-phase.
	 * @param maxDeliveries Number of claims of a step that may end without an outcome,
	 * because a worker died or lost its lease, before the task is parked.
	 * @param listen Whether to hold a connection that listens for wake-ups. Turn it off
	 * behind a transaction-pooling proxy such as PgBouncer; the worker then polls.
	 * @param honourStopWorker Whether the worker stops on the notification "stop_worker".
	 * @param presence Whether the worker shows by its listening connection that it lives,
	 * so that other nodes take over its tasks within seconds if it dies. Needs listen.
	 * @param directStart Whether a task that this node enqueues starts as soon as its
	 * transaction is committed, without being claimed, while the worker has a free slot
	 * and nothing waits.
	 * @param stepTimeout How long an attempt of a step may take unless its annotation
	 * says otherwise. Without one any time.
	 * @param phase Phase in which the worker starts and stops. Decides whether it drains
	 * before, together with or after the web server.
	 */
	public record Worker(@DefaultValue("true") boolean enabled, @DefaultValue("true") boolean autoStartup,
			@DefaultValue("6") int concurrency, @DefaultValue("60s") Duration leaseTimeout,
			@DefaultValue("20s") Duration heartbeatInterval, @DefaultValue("10s") Duration pollInterval,
			@DefaultValue("20s") Duration shutdownTimeout, @DefaultValue("10") int maxDeliveries,
			@DefaultValue("true") boolean listen, @DefaultValue("true") boolean honourStopWorker,
			@DefaultValue("true") boolean presence, @DefaultValue("true") boolean directStart,
			@Nullable Duration stepTimeout, @DefaultValue("2147482623") int phase) {

		WorkerSettings toSettings() {
			return new WorkerSettings(this.concurrency, this.leaseTimeout, this.heartbeatInterval, this.pollInterval,
					this.shutdownTimeout, this.maxDeliveries, this.listen, this.honourStopWorker, this.presence);
		}

	}

	/**
	 * How failed steps are retried.
	 *
	 * @param maxRetries How often a failed step is tried again before its task is parked.
	 * @param backoff How the delay grows from retry to retry. By default it is
	 * exponential if there is a multiplier, and constant otherwise.
	 * @param delay Delay before the first retry.
	 * @param multiplier Factor by which an exponential delay grows from retry to retry.
	 * Without one it doubles.
	 * @param maxDelay Longest delay. Without one there is no limit.
	 * @param jitter Share of every delay that is random, between 0 and 1.
	 * @param policy Name of a RetryPolicy bean that decides instead of all the others.
	 */
	public record Retry(@DefaultValue("0") int maxRetries, @DefaultValue("default") Backoff backoff,
			@DefaultValue("1s") Duration delay, @Nullable Double multiplier, @Nullable Duration maxDelay,
			@DefaultValue("0.0") double jitter, @Nullable String policy) {

		StepOptions toOptions(@Nullable Duration timeout) {
			return (this.policy != null)
					? new StepOptions(null, null, null, null, null, null, null, null, this.policy, timeout)
					: new StepOptions(this.maxRetries, this.backoff, this.delay, this.multiplier, this.maxDelay,
							this.jitter, null, null, null, timeout);
		}

	}

	/**
	 * What is done about failed and overdue attempts.
	 *
	 * @param maxKept Number of failed attempts of a step that are kept in its row, the
	 * first and the newest ones. 0 keeps none.
	 * @param stackTrace Whether to keep their stack traces, too.
	 * @param maxPostponed Number of times a step may come back later without using an
	 * attempt before its task is parked.
	 * @param timeoutGrace How long a step may go on after it was interrupted because of
	 * its timeout, or because its task is cancelled. After that its task goes on, or
	 * ends, without it.
	 * @param logMessages Whether log lines repeat what exceptions and reasons of steps
	 * and gates say. Without it they have their classes and stack traces.
	 */
	public record Failures(@DefaultValue("10") int maxKept, @DefaultValue("false") boolean stackTrace,
			@DefaultValue("1000") int maxPostponed, @DefaultValue("10s") Duration timeoutGrace,
			@DefaultValue("true") boolean logMessages) {

		FailureSettings toSettings() {
			return new FailureSettings(this.maxKept, this.stackTrace, this.maxPostponed, this.timeoutGrace,
					this.logMessages);
		}

	}

	/**
	 * How callers wait for the ends of tasks.
	 *
	 * @param listen Whether to hold a connection that listens while somebody waits for
	 * the end of a task. As pg-task.worker.listen if not set.
	 * @param pollInterval How often the tasks that somebody waits for are looked at, all
	 * in one query. Without listening this is when their ends are noticed.
	 */
	public record Await(@Nullable Boolean listen, @DefaultValue("1s") Duration pollInterval) {

		Duration requirePollInterval() {
			return requirePositive(this.pollInterval, "pg-task.await.poll-interval");
		}

		boolean listens(Worker worker) {
			return (this.listen != null) ? this.listen : worker.listen();
		}

	}

	/**
	 * When the worker counts as broken.
	 *
	 * @param outageTolerance How long the database or the connection for wake-ups may be
	 * away before the health is down.
	 */
	public record Health(@DefaultValue("1m") Duration outageTolerance) {

		Duration requireOutageTolerance() {
			return requirePositive(this.outageTolerance, "pg-task.health.outage-tolerance");
		}

	}

	/**
	 * What is measured.
	 *
	 * @param countInterval How long the counts of tasks are kept before a reading of the
	 * gauges queries the table again.
	 */
	public record Metrics(@DefaultValue("10s") Duration countInterval) {

		Duration requireCountInterval() {
			return requirePositive(this.countInterval, "pg-task.metrics.count-interval");
		}

	}

	/**
	 * What is kept of tasks that have ended.
	 *
	 * @param enabled Whether a record is kept of every task that ends. Should be the same
	 * on all nodes.
	 * @param retention How long the records are kept at least. They go with the last
	 * record of their day.
	 * @param done Whether also tasks that are done are recorded, and not only those that
	 * are cancelled, deleted or expire.
	 * @param steps Whether the states that a task passes are recorded with their times
	 * and attempts.
	 * @param state Whether the last state of a task is kept. It may hold personal data.
	 */
	public record History(@DefaultValue("false") boolean enabled, @DefaultValue("14d") Duration retention,
			@DefaultValue("true") boolean done, @DefaultValue("true") boolean steps,
			@DefaultValue("false") boolean state) {

		HistorySettings toSettings() {
			if (!this.enabled) {
				return HistorySettings.NONE;
			}
			Set<TaskOutcome> outcomes = EnumSet.allOf(TaskOutcome.class);
			if (!this.done) {
				outcomes.remove(TaskOutcome.DONE);
			}
			return new HistorySettings(outcomes, this.steps, this.state, false);
		}

	}

	/**
	 * What becomes of tasks that nobody mends.
	 *
	 * @param after How long a task is parked with an error before it is moved to the
	 * table pg_task_dead. They all stay where they are if not set.
	 */
	public record DeadLetters(@Nullable Duration after) {

	}

	/**
	 * How this node keeps house.
	 *
	 * @param enabled Whether this node drops old records and moves dead tasks by itself.
	 * One node at a time does it.
	 * @param period How often it looks whether there is anything to do.
	 * @param daysAhead Number of days ahead for which the history has partitions.
	 */
	public record Housekeeping(@DefaultValue("true") boolean enabled, @DefaultValue("1m") Duration period,
			@DefaultValue("3") int daysAhead) {

		Duration requirePeriod() {
			return requirePositive(this.period, "pg-task.housekeeping.period");
		}

	}

	private static Duration requirePositive(Duration duration, String property) {
		if (duration.isNegative() || duration.isZero()) {
			throw new PgTaskConfigurationException(
					"%s must be longer than zero but is %s".formatted(property, duration),
					"Set %s to a duration such as 10s.".formatted(property));
		}
		return duration;
	}

}
