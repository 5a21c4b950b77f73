package io.pgtask.observation;

import java.util.Map;

import io.micrometer.observation.ObservationRegistry;
import io.pgtask.TaskHeadersContributor;
import org.jspecify.annotations.Nullable;

/**
 * Observes the enqueueing of every task, by which the trace context gets into its
 * headers.
 */
public final class ObservationHeadersContributor implements TaskHeadersContributor {

	private static final EnqueueObservationConvention DEFAULT_CONVENTION = new DefaultEnqueueObservationConvention();

	private final ObservationRegistry registry;

	private final @Nullable EnqueueObservationConvention convention;

	/**
	 * Create a contributor.
	 * @param registry where to observe
	 * @param convention names the observation and its keys, or {@code null} for the
	 * default
	 */
	public ObservationHeadersContributor(ObservationRegistry registry,
			@Nullable EnqueueObservationConvention convention) {
		this.registry = registry;
		this.convention = convention;
	}

	@Override
	public void contribute(String taskType, String step, Map<String, String> headers) {
		PgTaskObservation.ENQUEUE
			.observation(this.convention, DEFAULT_CONVENTION,
					() -> new EnqueueObservationContext(taskType, step, headers), this.registry)
			.start()
			.stop();
	}

}
