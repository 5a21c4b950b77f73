package io.pgtask.benchmark.contender;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;

import javax.sql.DataSource;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.task.CompletionHandler;
import com.github.kagkarlsson.scheduler.task.Task;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.Schedule;
import com.github.kagkarlsson.scheduler.task.schedule.Schedules;
import org.jspecify.annotations.Nullable;

/**
 * A scheduler, its client and its tasks.
 */
final class DbSchedulerEngine implements Engine {

	/** Followed by the number of the type. */
	static final String TASK_NAME = "type";

	private static final Schedule AT_ONCE = Schedules.fixedDelay(Duration.ZERO);

	private final DataSource pool;

	private final Workload workload;

	private final List<Task<?>> tasks;

	private final Scheduler scheduler;

	DbSchedulerEngine(DataSource pool, DbSchedulerContender contender, Workload workload, Progress progress) {
		this.pool = pool;
		this.workload = workload;
		this.tasks = IntStream.range(0, workload.types()).<Task<?>>mapToObj((type) -> task(type, progress)).toList();
		this.scheduler = Scheduler.create(pool, this.tasks)
			.schedulerName(new SchedulerName.Fixed(UUID.randomUUID().toString()))
			.threads(contender.threads())
			.pollUsingLockAndFetch(contender.lowerLimit(), contender.upperLimit())
			.pollingInterval(DbSchedulerContender.POLLING_INTERVAL)
			.enableImmediateExecution()
			.build();
	}

	private Task<?> task(int type, Progress progress) {
		String name = TASK_NAME + type;
		if (this.workload.steps() == 1) {
			return Tasks.oneTime(name).execute((instance, context) -> {
				progress.firstStep(Integer.parseInt(instance.getId()));
				progress.finished(1);
			});
		}
		return Tasks.custom(name, Integer.class)
			.execute((instance, context) -> run(Integer.parseInt(instance.getId()), instance.getData(), progress));
	}

	/** The state of a task with several steps is the number of its step. */
	private CompletionHandler<Integer> run(int number, @Nullable Integer data, Progress progress) {
		int step = (data != null) ? data : 1;
		if (step == 1) {
			progress.firstStep(number);
		}
		else {
			progress.nextStep();
		}
		if (step < this.workload.steps()) {
			return new CompletionHandler.OnCompleteReschedule<>(AT_ONCE, step + 1);
		}
		progress.finished(1);
		return new CompletionHandler.OnCompleteRemove<>();
	}

	@Override
	public void start() {
		this.scheduler.start();
	}

	@Override
	public Enqueuer enqueuer() {
		return (number) -> this.scheduler.scheduleIfNotExists(
				new TaskInstance<>(TASK_NAME + number % this.workload.types(), String.valueOf(number)), Instant.now());
	}

	@Override
	public void enqueueTogether(int first, int tasks) throws SQLException {
		try (Connection connection = this.pool.getConnection()) {
			DbSchedulerContender.insert(connection, this.workload, first, tasks);
		}
	}

	@Override
	public void close() {
		this.scheduler.stop();
	}

}
