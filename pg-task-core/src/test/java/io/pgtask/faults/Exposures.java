package io.pgtask.faults;

import io.pgtask.store.DirectOffer;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * For each {@link Mutation} the least that has to happen. An engine that is not mutated
 * keeps every promise in it.
 */
final class Exposures {

	/** The first statement by which outcomes are saved, and the one of transitions. */
	private static final String BATCH = "set_config('lock_timeout'";

	private static final String ADVANCE = "step = o.step, tried = 0";

	private static final String TAKEOVER = "WITH abandoned AS";

	private Exposures() {
	}

	/** What was sent for one worker arrives when the task is another's. */
	static void aTransitionArrivesTooLate(Stage stage) throws Exception {
		LocalNode slow = stage.node("slow");
		Line.Stall stall = slow.line().stallAt(BATCH);
		slow.worker().start();
		stage.enqueue("plain-1");
		stall.awaitReached();
		LocalNode next = stage.node("next").holdAt("First");
		stage.fault(slow.name(), "pause", () -> {
			stage.endLeases();
			next.worker().start();
			next.awaitHeld();
			stall.end();
		});
		next.goOn();
		stage.awaitEnd();
	}

	/** A transaction begins before the end of the lease, and goes on after it. */
	static void theLeaseEndsWithinATransaction(Stage stage) throws Exception {
		LocalNode slow = stage.node("slow");
		Line.Stall stall = slow.line().stallAt(ADVANCE);
		slow.worker().start();
		stage.enqueue("plain-1");
		stall.awaitReached();
		stage.fault(slow.name(), "pause", () -> {
			stage.endLeases();
			stall.end();
		});
		stage.awaitEnd();
	}

	/** The server dies as soon as the next step runs. */
	static void theServerCrashesAfterATransition(Stage stage) throws Exception {
		stage.freezeWalWriter();
		LocalNode node = stage.start("node").holdAt("Second");
		stage.enqueue("plain-1");
		node.awaitHeld();
		stage.crash();
		node.goOn();
		stage.awaitEnd();
	}

	/** A worker is stopped while a step runs that takes too long. */
	static void aWorkerStops(Stage stage) throws Exception {
		LocalNode first = stage.start("first").holdAt("First");
		stage.enqueue("plain-1");
		first.awaitHeld();
		first.stop();
		stage.endLeases();
		stage.start("second");
		stage.awaitEnd();
	}

	/** A step ends every process that runs it. */
	static void aStepEndsItsProcesses(Stage stage) throws Exception {
		stage.enqueue("exit-1");
		for (int process = 1; process <= LocalNode.MAX_DELIVERIES + 1; process++) {
			String name = "node" + process;
			stage.fault(name, "exit", () -> {
				LocalNode node = stage.start(name);
				stage.waiting().until(() -> node.isDead() || stage.open() == 0);
			});
			stage.endLeases();
		}
	}

	/** A task comes in that has been due for longer than any that was seen. */
	static void aTaskIsDatedBack(Stage stage) throws Exception {
		stage.start("node");
		stage.enqueue("plain-1");
		stage.awaitEnd();
		int looked = stage.uses();
		stage.journal().write(Event.Kind.ENQUEUE, "plain-2");
		stage.jdbc().sql("""
				INSERT INTO pg_task (step, wakeup_at)
				VALUES ('{"Trip":{"First":{"name":"plain-2"}}}', now() - interval '1 hour')
				""").update();
		stage.journal().write(Event.Kind.ENQUEUED, "plain-2");
		// It may be under way while somebody looks at everything, but not three times.
		stage.waiting().until(() -> stage.open() == 0 || stage.uses() > looked + 3);
	}

	/** A transaction goes back to a point before a task that a worker is to start. */
	static void aTaskIsRolledBackToASavepoint(Stage stage) throws Exception {
		LocalNode node = stage.start("node");
		stage.waiting().until(() -> isOffering(node));
		JdbcTransactionManager manager = new JdbcTransactionManager(node.dataSource());
		TransactionTemplate nested = new TransactionTemplate(manager);
		nested.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
		stage.journal().write(Event.Kind.ENQUEUE, "undone-1");
		stage.journal().write(Event.Kind.REJECTED, "undone-1");
		new TransactionTemplate(manager).executeWithoutResult((transaction) -> nested.executeWithoutResult((part) -> {
			node.client().enqueue(new Trip.First("undone-1"));
			part.setRollbackOnly();
		}));
		// What was to be started directly comes before what is claimed.
		stage.enqueue("plain-1");
		stage.awaitEnd();
	}

	private static boolean isOffering(LocalNode node) {
		@Nullable DirectOffer offer = node.worker().offer("Trip");
		if (offer != null) {
			offer.withdrawn();
		}
		return offer != null;
	}

	/** A process dies as soon as the next step runs. */
	static void aProcessDiesAfterATransition(Stage stage) throws Exception {
		LocalNode first = stage.start("first").holdAt("Second");
		stage.enqueue("plain-1");
		first.awaitHeld();
		stage.fault(first.name(), "kill", first::die);
		stage.endLeases();
		stage.start("second");
		stage.awaitEnd();
	}

	/** Somebody parks a task whose step runs. */
	static void aRunningTaskIsParked(Stage stage) throws Exception {
		LocalNode node = stage.start("node").holdAt("Second");
		stage.enqueue("plain-1");
		node.awaitHeld();
		long lease = Operators.parkRunning(stage.jdbc(), stage.journal(), "plain-1");
		stage.waiting().until(() -> node.isInterrupted() || lease(stage) > lease);
		node.goOn();
	}

	private static long lease(Stage stage) {
		return stage.jdbc()
			.sql("SELECT (extract(epoch FROM lock_expires_at) * 1000000)::bigint FROM pg_task")
			.query(Long.class)
			.single();
	}

	/** A worker that was missed is back before its tasks are taken. */
	static void aMissingWorkerComesBack(Stage stage) throws Exception {
		LocalNode missing = stage.start("missing").holdAt("First");
		// Of what was claimed before, nothing is taken over.
		stage.waiting().until(() -> missing.worker().status().present());
		stage.enqueue("plain-1");
		missing.awaitHeld();
		missing.line().refuse(true);
		stage.jdbc().sql("""
				SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid
				WHERE l.locktype = 'advisory' AND a.application_name = ?
				""").param(missing.name()).query().listOfRows();
		LocalNode looking = stage.node("looking");
		Line.Stall stall = looking.line().stallAt(TAKEOVER);
		looking.worker().start();
		stall.awaitReached();
		missing.line().refuse(false);
		stage.waiting().until(() -> isPresent(stage, missing));
		stall.end();
		missing.goOn();
		stage.awaitEnd();
	}

	private static boolean isPresent(Stage stage, LocalNode node) {
		return stage.jdbc().sql("""
				SELECT count(*) > 0 FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid
				WHERE l.locktype = 'advisory' AND a.application_name = ?
				""").param(node.name()).query(Boolean.class).single();
	}

}
