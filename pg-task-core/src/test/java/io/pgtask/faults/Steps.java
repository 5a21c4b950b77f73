package io.pgtask.faults;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

import io.pgtask.NextStep;
import io.pgtask.RetrySettings;
import io.pgtask.Step;
import io.pgtask.StepContext;
import io.pgtask.registry.StepSettings;
import io.pgtask.registry.TaskRegistry;
import io.pgtask.registry.TransactionSettings;

import org.springframework.core.ResolvableType;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The steps of the load. Each records that it starts before it does anything else, and
 * then does what the name of its task says.
 */
final class Steps {

	private static final RetrySettings RETRY = new RetrySettings(1, Duration.ofMillis(100), 1.0, null, 0.0);

	/**
	 * Their statements fail whenever a session is cut, which may be five times a second.
	 */
	private static final RetrySettings TRANSACTIONAL_RETRY = new RetrySettings(5, Duration.ofMillis(100), 1.0, null,
			0.0);

	private static final Duration TIMEOUT = Duration.ofSeconds(2);

	private final Journal journal;

	private final JdbcClient jdbc;

	private final Body body;

	private final Duration timeout;

	private final TaskRegistry.Builder builder = TaskRegistry.builder();

	private Steps(Journal journal, JdbcClient jdbc, Body body, Duration timeout) {
		this.journal = journal;
		this.jdbc = jdbc;
		this.body = body;
		this.timeout = timeout;
	}

	/**
	 * The steps of a process.
	 * @param release whether the new version of the application is to run
	 */
	static TaskRegistry registry(Journal journal, JdbcClient jdbc, Release release) {
		return new Steps(journal, jdbc, Steps::behave, TIMEOUT).registry(release);
	}

	/**
	 * The steps of a process in which a test decides what they do.
	 * @param body what those that are not transactional do
	 */
	static TaskRegistry registry(Journal journal, JdbcClient jdbc, Body body) {
		return new Steps(journal, jdbc, body, Duration.ofMinutes(1)).registry(Release.OLD);
	}

	private TaskRegistry registry(Release release) {
		add(Booking.class, Booking.First.class, Booking.First::name,
				(state) -> NextStep.now(new Booking.Second(state.name())));
		add(Booking.class, Booking.Second.class, Booking.Second::name,
				(state) -> NextStep.now(new Booking.Third(state.name())));
		add(Booking.class, Booking.Third.class, Booking.Third::name, (state) -> NextStep.done());
		if (release == Release.OLD) {
			add(Trip.class, Trip.First.class, Trip.First::name, (state) -> NextStep.now(new Trip.Second(state.name())));
			add(Trip.class, Trip.Second.class, Trip.Second::name,
					(state) -> later(state.name(), new Trip.Third(state.name())));
			add(Trip.class, Trip.Third.class, Trip.Third::name, (state) -> NextStep.done());
			return this.builder.build();
		}
		add(NewTrip.class, NewTrip.First.class, NewTrip.First::name,
				(state) -> NextStep.now(new NewTrip.Second(state.name(), "new")));
		add(NewTrip.class, NewTrip.Second.class, NewTrip.Second::name,
				(state) -> later(state.name(), new NewTrip.Third(state.name())));
		add(NewTrip.class, NewTrip.Third.class, NewTrip.Third::name, (state) -> NextStep.done());
		add(Novelty.class, Novelty.class, Novelty::name, (state) -> NextStep.done());
		return this.builder.build();
	}

	private static <T> NextStep<T> later(String name, T state) {
		return name.startsWith("delayed") ? NextStep.delay(state, Duration.ofMillis(200)) : NextStep.now(state);
	}

	private <T, S extends T> void add(Class<T> type, Class<S> state, Function<S, String> name,
			Function<S, NextStep<T>> next) {
		boolean transactional = type == Booking.class;
		Step<T, S> step = (value, context) -> {
			run(name.apply(value), state.getSimpleName(), context, transactional);
			return next.apply(value);
		};
		this.builder.step(step, ResolvableType.forClassWithGenerics(Step.class, type, state),
				transactional ? new StepSettings(TRANSACTIONAL_RETRY, TransactionSettings.DEFAULT, null)
						: new StepSettings(RETRY, null, this.timeout),
				state.getName());
	}

	private void run(String task, String step, StepContext context, boolean transactional) throws Exception {
		this.journal.write(Event.Kind.START, task, step, "delivery " + context.delivery());
		String ended = "by an error";
		try {
			if (transactional) {
				this.jdbc.sql("INSERT INTO effect (task, step) VALUES (?, ?)").params(task, step).update();
				TimeUnit.MILLISECONDS.sleep(20);
			}
			else {
				this.body.run(Trip.behaviour(task), step);
			}
			ended = "";
		}
		finally {
			this.journal.write(Event.Kind.END, task, step, ended);
		}
	}

	private static void behave(String behaviour, String step) throws InterruptedException {
		TimeUnit.MILLISECONDS.sleep(behaviour.equals("slow") ? 300 : 2);
		if (!step.equals(Trip.POISONED)) {
			return;
		}
		switch (behaviour) {
			case "throws" -> throw new IllegalStateException("as its name says");
			case "memory" -> allocate();
			case "exit" -> System.exit(3);
			case "hangs" -> hang();
			default -> {
				// It does its work.
			}
		}
	}

	private static void allocate() {
		throw new IllegalStateException("There was memory for " + new long[Integer.MAX_VALUE].length);
	}

	private static void hang() {
		while (true) {
			LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
			// Without this an interruption would make it spin.
			Thread.interrupted();
		}
	}

	/** What a step does between the lines that say that it starts and that it ends. */
	interface Body {

		void run(String behaviour, String step) throws Exception;

	}

	/**
	 * The version of the application that a process runs.
	 */
	enum Release {

		OLD, NEW

	}

}
