package io.pgtask.benchmark.contender;

import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.jobrunr.jobs.lambdas.JobRequest;

/**
 * A step of a task of JobRunr. It is public, has a constructor without parameters and
 * fields that can be written, because JobRunr's mapper wants it so.
 */
public final class JobRunrRequest implements JobRequest {

	private int number;

	private int type;

	private int step;

	/**
	 * For JobRunr.
	 */
	JobRunrRequest() {
	}

	private JobRunrRequest(int number, int type, int step) {
		this.number = number;
		this.type = type;
		this.step = step;
	}

	static Stream<JobRunrRequest> first(Workload workload, int first, int tasks) {
		return IntStream.range(first, first + tasks).mapToObj((number) -> first(workload, number));
	}

	static JobRunrRequest first(Workload workload, int number) {
		return new JobRunrRequest(number, number % workload.types(), 1);
	}

	int number() {
		return this.number;
	}

	int step() {
		return this.step;
	}

	JobRunrRequest next() {
		return new JobRunrRequest(this.number, this.type, this.step + 1);
	}

	@Override
	public Class<JobRunrHandler> getJobRequestHandler() {
		return JobRunrHandler.class;
	}

}
