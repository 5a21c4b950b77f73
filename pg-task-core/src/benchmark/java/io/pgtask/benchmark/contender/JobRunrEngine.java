package io.pgtask.benchmark.contender;

import javax.sql.DataSource;

import org.jobrunr.scheduling.JobRequestScheduler;
import org.jobrunr.server.BackgroundJobServer;
import org.jobrunr.server.JobActivator;
import org.jobrunr.server.BackgroundJobServerConfiguration;
import org.jobrunr.storage.StorageProvider;
import org.jobrunr.utils.mapper.jackson3.Jackson3JsonMapper;

/**
 * A background job server and a client.
 */
final class JobRunrEngine implements Engine {

	private final Workload workload;

	private final StorageProvider storage;

	private final JobRequestScheduler scheduler;

	private final BackgroundJobServer server;

	JobRunrEngine(DataSource pool, Workload workload, Progress progress) {
		this.workload = workload;
		this.storage = JobRunrContender.storage(pool);
		this.scheduler = new JobRequestScheduler(this.storage);
		JobRunrHandler handler = new JobRunrHandler(this.scheduler, workload, progress);
		this.server = new BackgroundJobServer(this.storage, new Jackson3JsonMapper(), activator(handler),
				BackgroundJobServerConfiguration.usingStandardBackgroundJobServerConfiguration()
					.andWorkerCount(JobRunrContender.WORKERS)
					.andPollInterval(JobRunrContender.POLL_INTERVAL));
	}

	private static JobActivator activator(JobRunrHandler handler) {
		return new JobActivator() {

			@Override
			public <T> T activateJob(Class<T> type) {
				return type.cast(handler);
			}

		};
	}

	@Override
	public void start() {
		this.server.start();
	}

	@Override
	public Enqueuer enqueuer() {
		return (number) -> this.scheduler.enqueue(JobRunrRequest.first(this.workload, number));
	}

	@Override
	public void enqueueTogether(int first, int tasks) {
		this.scheduler.enqueue(JobRunrRequest.first(this.workload, first, tasks));
	}

	@Override
	public void close() {
		this.server.stop();
		this.storage.close();
	}

}
