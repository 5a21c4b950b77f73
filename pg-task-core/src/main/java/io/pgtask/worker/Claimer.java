package io.pgtask.worker;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.function.BooleanSupplier;

import io.pgtask.store.HeldConnection;
import io.pgtask.store.MalformedStatement;
import io.pgtask.store.Survey;
import io.pgtask.store.SurveyStatement;
import io.pgtask.store.TaskTable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims tasks for the free slots. Sleeps until exactly the next task is due, someone
 * rings, or the poll interval is over, and always looks at the whole table before it
 * sleeps.
 */
final class Claimer implements Runnable {

	private static final Logger logger = LoggerFactory.getLogger(Claimer.class);

	/** When to look again for a due row that someone else has locked. */
	private static final Duration LOCKED_PAUSE = Duration.ofMillis(100);

	private final HeldConnection connection;

	private final Claims claims;

	private final Agenda agenda;

	private final SurveyStatement survey;

	private final MalformedStatement malformed;

	private final WorkerSettings settings;

	private final Set<String> taskTypes;

	private final PausedTypes pausedTypes;

	private final Demand demand;

	private final Arrivals arrivals;

	private final BooleanSupplier leasesHealthy;

	private final SurveyPace pace = new SurveyPace(System::nanoTime);

	private final Lookback lookback = new Lookback();

	private final Outage outage = new Outage("claimer");

	private final Alarm alarm = new Alarm();

	private final Alarm stop = new Alarm();

	private volatile boolean stopped;

	private volatile boolean sweepWanted;

	private volatile long lastContactNanos = System.nanoTime();

	private volatile boolean looking;

	private volatile long nextLookNanos = System.nanoTime();

	private Set<String> pausedBefore = Set.of();

	private int barren;

	Claimer(HeldConnection connection, TaskTable table, WorkerSettings settings, Set<String> taskTypes,
			PausedTypes pausedTypes, Claims claims, Agenda agenda, Demand demand, Arrivals arrivals,
			BooleanSupplier leasesHealthy) {
		this.connection = connection;
		this.claims = claims;
		this.agenda = agenda;
		this.survey = new SurveyStatement(table);
		this.malformed = new MalformedStatement(table);
		this.settings = settings;
		this.taskTypes = taskTypes;
		this.pausedTypes = pausedTypes;
		this.demand = demand;
		this.arrivals = arrivals;
		this.leasesHealthy = leasesHealthy;
	}

	@Override
	public void run() {
		try {
			while (!this.stopped) {
				try {
					Duration pause = workAndTell();
					if (!pause.isZero()) {
						this.alarm.sleep(pause);
					}
				}
				// Whatever it was, a claimer that gave up would leave the worker idle for
				// ever.
				catch (SQLException | RuntimeException | OutOfMemoryError ex) {
					// A wake-up does not end this pause: it would turn an outage into a
					// storm.
					this.stop.sleep(this.outage.failed(ex));
					this.pace.ask();
				}
			}
		}
		catch (InterruptedException ex) {
			logger.debug("The claimer was interrupted");
		}
		finally {
			this.outage.end();
		}
	}

	/** Something has changed in the table. */
	void wake() {
		this.pace.ask();
		this.alarm.ring();
	}

	/** Tasks of this worker have become free, and are due now or later. */
	void released() {
		this.pace.released();
		this.alarm.ring();
	}

	/** Tasks were freed that may have been due for longer than any that were seen. */
	void wakeForAll() {
		this.sweepWanted = true;
		wake();
	}

	/** A slot has become free. */
	void demandChanged() {
		this.alarm.ring();
	}

	void stop() {
		this.stopped = true;
		this.alarm.ring();
		this.stop.ring();
	}

	/**
	 * Return whether nothing is known that waits for a slot, and nobody has told of
	 * changes since that was found out.
	 */
	boolean seesNothingWaiting() {
		return !this.pace.isWanted() && !this.looking && this.nextLookNanos - System.nanoTime() > 0
				&& this.agenda.isEmpty();
	}

	Outage outage() {
		return this.outage;
	}

	Duration sinceContact() {
		return Duration.ofNanos(System.nanoTime() - this.lastContactNanos);
	}

	/** While every slot is taken nothing is asked of the database, and nothing learnt. */
	private Duration workAndTell() throws SQLException {
		long contactNanos = this.lastContactNanos;
		if (this.arrivals.settle(this.connection)) {
			this.lastContactNanos = System.nanoTime();
		}
		Duration pause = this.arrivals.untilDue(work());
		if (this.lastContactNanos != contactNanos) {
			this.outage.succeeded();
		}
		return pause;
	}

	/**
	 * Do one thing.
	 * @return how long there is nothing more to do unless someone rings
	 */
	private Duration work() throws SQLException {
		if (this.demand.size() == 0) {
			return this.settings.pollInterval();
		}
		if (!this.leasesHealthy.getAsBoolean()) {
			return LOCKED_PAUSE;
		}
		if (isSurveyDue()) {
			look();
		}
		if (this.agenda.isEmpty()) {
			return Duration.ofNanos(Math.max(0, this.nextLookNanos - System.nanoTime()));
		}
		claim();
		return Duration.ZERO;
	}

	private boolean isSurveyDue() {
		if (this.agenda.isEmpty()) {
			return this.pace.isWanted() || System.nanoTime() - this.nextLookNanos >= 0;
		}
		return this.pace.isDueBesideBacklog();
	}

	private void look() throws SQLException {
		this.looking = true;
		this.pace.begin();
		if (this.sweepWanted) {
			this.sweepWanted = false;
			this.lookback.lookAtEverything();
		}
		Duration back = this.lookback.next();
		long begin = System.nanoTime();
		Survey found = this.connection.execute((connection) -> this.survey.look(connection, this.taskTypes, back));
		this.lookback.surveyed(back, found.heads(), begin);
		this.lastContactNanos = System.nanoTime();
		this.pace.end();
		takeOver(found.paused());
		this.agenda.survey(found.heads(), this.settings.pollInterval());
		this.nextLookNanos = this.lastContactNanos + untilNextLook(back != null).toNanos();
		this.looking = false;
		if (this.agenda.hasMalformed()) {
			parkMalformed();
		}
	}

	/** The tasks of a type that was paused may be older than all that were seen. */
	private void takeOver(Set<String> paused) {
		this.pausedTypes.update(paused);
		if (!paused.containsAll(this.pausedBefore)) {
			this.lookback.lookAtEverything();
			this.pace.ask();
		}
		this.pausedBefore = paused;
	}

	/** Whoever woke the worker may have changed something farther back. */
	private Duration untilNextLook(boolean lookedAtPart) {
		Duration untilNextDue = this.agenda.untilNextDue();
		Duration untilSweep = this.lookback.untilSweep();
		return (lookedAtPart && untilSweep.compareTo(untilNextDue) < 0) ? untilSweep : untilNextDue;
	}

	private void parkMalformed() throws SQLException {
		int parked = this.connection.execute(this.malformed::park);
		if (parked > 0) {
			logger.error("Parked {} rows whose text names no task type", parked);
			this.pace.ask();
		}
	}

	private void claim() throws SQLException {
		int claimed = this.claims.claim(this.connection);
		if (claimed == Claims.NOT_ASKED) {
			return;
		}
		this.lastContactNanos = System.nanoTime();
		if (this.agenda.isEmpty()) {
			this.nextLookNanos = this.lastContactNanos;
		}
		if (claimed > 0) {
			this.barren = 0;
		}
		else {
			barrenClaim();
		}
	}

	/**
	 * What the survey saw was taken by another worker, or is locked by someone for a
	 * while.
	 */
	private void barrenClaim() {
		this.barren++;
		if (this.barren > 1 && this.agenda.isEmpty()) {
			this.nextLookNanos = System.nanoTime() + LOCKED_PAUSE.toNanos();
		}
	}

}
