package io.pgtask.store;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * The insert of one task without a unique key. Its row either waits to be claimed, or is
 * inserted with the lease of a worker of this JVM that has offered to start it.
 */
final class TaskWrite implements CallerWrite<UUID> {

	private final ClientParts parts;

	private final NewTask task;

	private final boolean awaited;

	private Scope scope = Scope.OTHER;

	private @Nullable DirectOffer offer;

	private @Nullable ClaimedTask direct;

	private long sentNanos;

	/**
	 * Create the insert of a task.
	 * @param parts those of the client
	 * @param task the task
	 * @param awaited whether the caller waits for the end of a task without options
	 */
	TaskWrite(ClientParts parts, NewTask task, boolean awaited) {
		this.parts = parts;
		this.task = task;
		this.awaited = awaited;
	}

	@Override
	public void begin(Scope scope) {
		this.scope = scope;
		this.sentNanos = System.nanoTime();
		if (mayStartDirectly()) {
			this.offer = this.parts.directStarts().offer(this.task.taskType());
		}
	}

	/**
	 * A deadline is a matter of the claim if the transaction may take long: a lease that
	 * ends before the commit would count as a start.
	 */
	private boolean mayStartDirectly() {
		if (!this.task.isDueAtOnce()) {
			return false;
		}
		return switch (this.scope) {
			case OWN -> true;
			case CALLERS -> !this.task.hasDeadline() && !this.parts.commitStarts().isTaken();
			case OTHER -> false;
		};
	}

	@Override
	public String sql() {
		TaskInsert insert = this.parts.insert();
		return (this.offer != null) ? insert.directSql() : this.awaited ? insert.awaitedSql() : insert.sql(this.task);
	}

	@Override
	public UUID execute(PreparedStatement statement) throws SQLException {
		TaskInsert insert = this.parts.insert();
		if (this.offer != null) {
			this.direct = insert.insertDirect(statement, this.task, this.awaited, this.offer);
		}
		else {
			insert.bind(statement, this.task);
			statement.executeUpdate();
		}
		return this.task.id();
	}

	@Override
	public void executed(UUID id, boolean committed) {
		DirectOffer offer = this.offer;
		if (offer == null) {
			CommitWakeup.request(this.parts.wakeups(), committed);
		}
		else if (this.direct == null) {
			offer.withdrawn();
			CommitWakeup.request(this.parts.wakeups(), committed);
		}
		else if (committed) {
			offer.committed(row(offer), this.direct);
		}
		else {
			this.parts.commitStarts().startAfterCommit(row(offer), offer);
		}
	}

	/**
	 * A connection that broke may have committed before. In the caller's transaction it
	 * has not.
	 */
	@Override
	public void failed(Exception failure) {
		DirectOffer offer = this.offer;
		if (offer == null) {
			return;
		}
		if (this.scope == Scope.OWN && failure instanceof SQLException ex && !Failures.isRefusedCommit(ex)) {
			offer.unconfirmed(row(offer), false);
		}
		else {
			offer.withdrawn();
		}
	}

	private DirectRow row(DirectOffer offer) {
		UUID token = offer.token();
		return new DirectRow(this.task.id(), token, this.sentNanos,
				() -> this.parts.giveBacks().add(this.task.id(), token));
	}

}
