package io.pgtask.benchmark.contender;

import org.jobrunr.jobs.lambdas.JobRequestHandler;
import org.jobrunr.scheduling.JobRequestScheduler;

/**
 * Runs the steps of JobRunr's tasks: each enqueues the next one.
 */
public final class JobRunrHandler implements JobRequestHandler<JobRunrRequest> {

	private final JobRequestScheduler scheduler;

	private final int steps;

	private final Progress progress;

	JobRunrHandler(JobRequestScheduler scheduler, Workload workload, Progress progress) {
		this.scheduler = scheduler;
		this.steps = workload.steps();
		this.progress = progress;
	}

	@Override
	public void run(JobRunrRequest request) {
		if (request.step() == 1) {
			this.progress.firstStep(request.number());
		}
		else {
			this.progress.nextStep();
		}
		if (request.step() < this.steps) {
			this.scheduler.enqueue(request.next());
		}
		else {
			this.progress.finished(1);
		}
	}

}
